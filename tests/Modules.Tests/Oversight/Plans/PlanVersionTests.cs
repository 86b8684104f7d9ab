using System.Collections.Frozen;
using PenguinMails.Core;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Modules.Tests.Oversight.Plans;

public sealed class PlanVersionTests(TestDatabase database)
{
    const string Head = "apiVersion: oversight.penguinmails/v1\nkind: Plan\nmetadata: {name: clinic}\nspec: {defaultOwner: role:ceo}\n---\n";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    Task<Result<ImportPlan.Output>> Import(Actor actor, string text) => ImportPlan.Handle(actor, new([new("plan.yaml", Head + text)]), database.Db, database.Clock, Ct);

    static string Beds(int number) => $"kind: Metric\nmetadata: {{name: beds}}\nspec: {{}}\n---\nkind: Target\nmetadata: {{name: t}}\nspec: {{metric: beds, quantity: {{value: {number}, at: 2027}}}}\n";

    [Fact]
    public async Task Changed_plan_becomes_the_next_version_and_an_equal_one_does_not()
    {
        var actor = Actor.System(database.NewTenant());
        var first = (await Import(actor, Beds(300))).Value;
        var again = (await Import(actor, Beds(300).Replace("{value: 300, at: 2027}", "{at: 2027, value: 300}", StringComparison.Ordinal))).Value;
        var second = (await Import(actor, Beds(240))).Value;
        Assert.Equal((1, true, 1, false, 2, true), (first.Version.Number, first.Created, again.Version.Number, again.Created, second.Version.Number, second.Created));
        var list = (await ListPlanVersions.Handle(actor, "clinic", database.Db, Ct)).Value;
        Assert.Equal([2, 1], list.Items.Select(one => one.Number));
        var kept = (await ReadPlanVersion.Handle(actor, first.Version.Id, database.Db, database.Clock, Ct)).Value;
        Assert.Equal("300 by 2027", PlanReader.Read([("a.yaml", kept.Yaml)]).Plan.Find("Target", "t")?.Quantity("quantity") is { } quantity ? $"{quantity} by {quantity.At}" : null);
        Assert.Empty(kept.Findings);
    }

    [Fact]
    public async Task Older_content_imported_again_is_the_current_version_and_so_is_another_plan_that_comes_back()
    {
        var actor = Actor.System(database.NewTenant());
        var clock = new TestClock();
        async Task<(string Plan, int Number, bool Created)> Import(string text)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            var (version, created) = (await ImportPlan.Handle(actor, new([new("plan.yaml", text)]), database.Db, clock, Ct)).Value;
            await using var tx = await database.Db.Begin(actor.Tenant, Ct);
            Assert.Equal(version.Id, (await CurrentPlan.Read(tx, Ct))?.Version.Id);
            return (version.Plan, version.Number, created);
        }

        var other = Head.Replace("clinic", "surgery", StringComparison.Ordinal) + Beds(12);
        Assert.Equal(("clinic", 1, true), await Import(Head + Beds(300)));
        Assert.Equal(("clinic", 2, true), await Import(Head + Beds(240)));
        Assert.Equal(("clinic", 3, true), await Import(Head + Beds(300)));
        Assert.Equal(("clinic", 3, false), await Import(Head + Beds(300)));
        Assert.Equal(("surgery", 1, true), await Import(other));
        Assert.Equal(("clinic", 4, true), await Import(Head + Beds(300))); // Equal to the newest clinic, and not what the account went by.
        Assert.Equal(("surgery", 2, true), await Import(other));
        Assert.Equal(("surgery", 2, false), await Import(other));
    }

    [Fact]
    public async Task What_was_read_of_a_version_is_kept_in_memory_for_its_account_and_a_new_version_is_seen_at_once()
    {
        var (actor, stranger) = (Actor.System(database.NewTenant()), Actor.System(database.NewTenant()));
        async Task<CurrentPlan?> Current(Actor who)
        {
            await using var tx = await database.Db.Begin(who.Tenant, Ct);
            return await CurrentPlan.Read(tx, Ct);
        }

        await Import(actor, Beds(300));
        await Import(stranger, Beds(300));
        var (first, again, theirs) = (await Current(actor), await Current(actor), await Current(stranger));
        Assert.NotNull(first);
        Assert.Same(first.Plan, again?.Plan);
        Assert.NotSame(first.Plan, theirs?.Plan);
        await Import(actor, Beds(240));
        var next = await Current(actor);
        Assert.Equal((2, "240"), (next?.Version.Number, next?.Plan.Find("Target", "t")?.Quantity("quantity")?.ToString()));
    }

    [Fact]
    public void Memory_of_plans_is_bounded_by_versions_and_by_characters_and_forgets_what_was_not_asked_for_longest()
    {
        var (tenant, memory) = (database.NewTenant(), new PlanMemory(plansMax: 3, charactersMax: 100));
        var (a, b, c, d) = (new PlanVersionId(Guid.CreateVersion7()), new PlanVersionId(Guid.CreateVersion7()), new PlanVersionId(Guid.CreateVersion7()), new PlanVersionId(Guid.CreateVersion7()));
        bool Has(PlanVersionId id) => memory.Find(tenant, id) is not null;
        void Keep(PlanVersionId id, int characters) => memory.Keep(tenant, id, new(new Plan([]), []), characters);
        Keep(a, 101);
        Assert.False(Has(a)); // Longer than all of the room.
        Keep(a, 30);
        Keep(b, 30);
        Keep(c, 30);
        Assert.True(Has(a));
        Keep(d, 10); // The fourth of three: b was not asked for longest.
        Assert.Equal((true, false, true, true), (Has(a), Has(b), Has(c), Has(d)));
        Keep(b, 90);
        Assert.Equal((false, true, false, true), (Has(a), Has(b), Has(c), Has(d)));
        Assert.Null(memory.Find(database.NewTenant(), b));
    }

    [Fact]
    public async Task Plan_of_more_values_than_one_file_may_have_is_read_back_whole()
    {
        var actor = Actor.System(database.NewTenant());
        static ImportPlan.InputFile File(string name) => new($"{name}.yaml", $"apiVersion: oversight.penguinmails/v1\nkind: Budget\nmetadata: {{name: {name}}}\nspec:\n  total: 300 EUR/month\n  domains:\n{string.Concat(Enumerable.Range(0, YamlTree.NodesMax / 2).Select(i => $"    - d{i}.example\n"))}");
        var kept = await ImportPlan.Handle(actor, new([new("plan.yaml", Head), File("north"), File("south")]), database.Db, database.Clock, Ct);
        Assert.True(kept.IsOk, kept.Problem?.Detail);
        await using var tx = await database.Db.Begin(actor.Tenant, Ct);
        var current = await CurrentPlan.Read(tx, Ct);
        Assert.Equal(["Plan/clinic", "Budget/north", "Budget/south"], current?.Plan.Objects.Select(one => one.Ref));
        Assert.Equal(YamlTree.NodesMax / 2, current?.Plan.Find("Budget", "south")?.Names("domains").Count());
        var version = (await ReadPlanVersion.Handle(actor, kept.Value.Version.Id, database.Db, database.Clock, Ct)).Value;
        Assert.Equal(3, version.Version.Objects);
    }

    [Fact]
    public async Task Plan_with_one_fault_is_not_kept_at_all_and_each_fault_has_its_place()
    {
        var actor = Actor.System(database.NewTenant());
        var refused = await Import(actor, Beds(300) + "---\nkind: Risk\nmetadata: {name: fire}\nspec: {reviewBy: 2026-02-30}\n");
        Assert.Equal("plan.invalid", refused.Problem?.Code);
        Assert.Equal("plan.yaml:16:18", refused.Problem?.Fields.Single().Field);
        Assert.Empty((await ListPlanVersions.Handle(actor, null, database.Db, Ct)).Value.Items);
    }

    [Fact]
    public async Task Versions_of_one_account_are_unknown_to_another()
    {
        var kept = (await Import(Actor.System(database.NewTenant()), Beds(300))).Value;
        var stranger = Actor.System(database.NewTenant());
        Assert.Equal("plan.not_found", (await ReadPlanVersion.Handle(stranger, kept.Version.Id, database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Empty((await ListPlanVersions.Handle(stranger, null, database.Db, Ct)).Value.Items);
    }

    [Fact]
    public async Task Without_permission_nothing_is_kept_or_told()
    {
        var nobody = new Actor(ActorKind.Person, database.NewTenant(), null, null, "usr_x", FrozenSet<string>.Empty);
        Assert.Equal("permission.missing", (await Import(nobody, Beds(1))).Problem?.Code);
        Assert.Equal("permission.missing", (await ListPlanVersions.Handle(nobody, null, database.Db, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await ReadPlanVersion.Handle(nobody, new(Guid.CreateVersion7()), database.Db, database.Clock, Ct)).Problem?.Code);
    }
}
