using System.Collections.Frozen;
using PenguinMails.Core;
using PenguinMails.Modules.Tests.Accounts;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Modules.Tests.Oversight.Plans;

/// <summary>A finding is accepted for a time as the plan's next version, and that is taken back.</summary>
[Collection(nameof(AccountsWorld))]
public sealed class WaiveFindingTests(AccountsWorld world, TestDatabase database)
{
    const string Text = "apiVersion: oversight.penguinmails/v1\nkind: Plan\nmetadata: {name: clinic}\nspec: {defaultOwner: role:ceo}\n---\nkind: Objective\nmetadata: {name: wish, owner: role:nurse}\nspec: {statement: Be loved, period: 2027}\n";
    const string Id = "R11 wish";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    Actor NewActor() => Actor.System(database.NewTenant());

    DateOnly Today => DateOnly.FromDateTime(database.Clock.GetUtcNow().UtcDateTime);

    async Task<PlanVersion> Import(Actor actor, string text = Text) => (await ImportPlan.Handle(actor, new([new("plan.yaml", text)]), database.Db, database.Clock, Ct)).Value.Version;

    Task<Result<WaiveFinding.Output>> Waive(Actor actor, PlanVersion version, string by = "role:ceo", int days = 30, string finding = Id, string reason = "A wish: \"on purpose\" # not a number\nand two lines", TimeProvider? clock = null) =>
        WaiveFinding.Handle(actor, version.Id, new(finding, reason, by, Today.AddDays(days)), database.Db, clock ?? database.Clock, Ct);

    async Task<ReadPlanVersion.Output> Read(Actor actor, PlanVersion version, TimeProvider? clock = null) => (await ReadPlanVersion.Handle(actor, version.Id, database.Db, clock ?? database.Clock, Ct)).Value;

    [Fact]
    public async Task A_waiver_is_the_next_version_of_the_plan_and_stands_in_its_text_its_changes_and_the_record()
    {
        var actor = NewActor();
        var first = await Import(actor);
        Assert.Equal((0, 1), (first.Errors, first.Warnings));
        var made = (await Waive(actor, first, "role:nurse")).Value;
        Assert.Equal((2, 0, 0, 1, "w-r11-wish"), (made.Version.Number, made.Version.Errors, made.Version.Warnings, made.Covered, made.Waiver));
        var read = await Read(actor, made.Version);
        Assert.Empty(read.Findings);
        Assert.Equal(("A wish: \"on purpose\" # not a number\nand two lines", "role:nurse", Today.AddDays(30)), (read.Waived[0].Reason, read.Waived[0].By, read.Waived[0].Until));
        Assert.Equal("R11 wish", PlanReader.Read([("exported.yaml", read.Yaml)]).Plan.Find("Waiver", "w-r11-wish")?.Text("finding"));
        var changes = (await ReadPlanVersion.Compare(actor, made.Version.Id, database.Db, Ct)).Value.Changes;
        Assert.Equal((ChangeKind.Added, "Waiver/w-r11-wish"), (changes.Single().Kind, changes.Single().Ref));
        Assert.Single((await Read(actor, first)).Findings); // The version before stays what it was.
        await using var tx = await database.Db.Begin(actor.Tenant, Ct);
        Assert.Equal(["plan.imported", "finding.waived"], await tx.List("select action from core.audit_entry where tenant_id = $1 order by seq limit 10", row => row.GetString(0), Ct, actor.Tenant));
    }

    [Fact]
    public async Task Taken_back_the_finding_counts_again_and_the_text_is_what_it_was()
    {
        var actor = NewActor();
        var first = await Import(actor);
        var waived = (await Waive(actor, first)).Value.Version;
        var back = (await WithdrawWaiver.Handle(actor, waived.Id, new("w-r11-wish"), database.Db, database.Clock, Ct)).Value;
        Assert.Equal((3, first.Sha256), (back.Number, back.Sha256));
        Assert.Single((await Read(actor, back)).Findings);
        Assert.Equal("waiver.not_found", (await WithdrawWaiver.Handle(actor, back.Id, new("w-r11-wish"), database.Db, database.Clock, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_waiver_that_ran_out_is_shown_as_such_and_waiving_again_renews_it()
    {
        var actor = NewActor();
        var waived = (await Waive(actor, await Import(actor), days: 1)).Value.Version;
        var later = new TestClock();
        later.Advance(database.Clock.GetUtcNow() - later.GetUtcNow() + TimeSpan.FromDays(2));
        var read = await Read(actor, waived, later);
        Assert.Single(read.Findings);
        Assert.Equal((true, "w-r11-wish", Today.AddDays(1)), (read.UnusedWaivers.Single().IsExpired, read.UnusedWaivers.Single().Waiver, read.UnusedWaivers.Single().Until));
        var again = (await Waive(actor, waived, reason: "Still meant", clock: later)).Value;
        Assert.Equal("w-r11-wish", again.Waiver);
        Assert.Empty((await Read(actor, again.Version, later)).UnusedWaivers);
        var changes = (await ReadPlanVersion.Compare(actor, again.Version.Id, database.Db, Ct)).Value.Changes;
        Assert.Equal(["spec.reason", "spec.until"], changes.Select(change => change.Path).Order());
    }

    [Theory]
    [InlineData("until", 0)]
    [InlineData(null, 1)]
    [InlineData(null, 366)]
    [InlineData("until", 367)]
    public async Task The_last_day_lies_ahead_and_within_a_year(string? field, int days)
    {
        var actor = NewActor();
        Assert.Equal(field, (await Waive(actor, await Import(actor), days: days)).Problem?.Fields.Single().Field);
    }

    [Theory]
    [InlineData("by", "role:nobody", Id, "Meant")]
    [InlineData("by", "", Id, "Meant")]
    [InlineData("finding", "role:ceo", "R11 other", "Meant")]
    [InlineData("finding", "role:ceo", "R11", "Meant")]
    [InlineData("reason", "role:ceo", Id, " ")]
    [InlineData("reason", "role:ceo", Id, "Bell\a")]
    public async Task What_is_wrong_is_told_at_its_field_and_nothing_is_kept(string field, string by, string finding, string reason)
    {
        var actor = NewActor();
        var refused = await Waive(actor, await Import(actor), by, finding: finding, reason: reason);
        Assert.Equal(("waiver.invalid", field), (refused.Problem?.Code, refused.Problem?.Fields.Single().Field));
        Assert.Single((await ListPlanVersions.Handle(actor, null, database.Db, Ct)).Value.Items);
    }

    [Fact]
    public async Task A_member_answers_for_it_by_address()
    {
        var email = AccountsWorld.NewEmail();
        var owner = (await world.Person(email)).Actor!;
        Assert.True((await Waive(owner, await Import(owner), email)).IsOk);
        var other = NewActor();
        Assert.Equal("by", (await Waive(other, await Import(other), email)).Problem?.Fields.Single().Field); // A member of another account is nobody here.
    }

    [Fact]
    public async Task Only_the_newest_version_of_ones_own_plan_is_changed_and_only_with_permission()
    {
        var actor = NewActor();
        var first = await Import(actor);
        var second = await Import(actor, Text.Replace("Be loved", "Be adored", StringComparison.Ordinal));
        Assert.Equal("plan.not_newest", (await Waive(actor, first)).Problem?.Code);
        Assert.Equal("plan.not_newest", (await WithdrawWaiver.Handle(actor, first.Id, new("w"), database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("plan.not_found", (await Waive(NewActor(), second)).Problem?.Code);
        Assert.Equal("plan.not_found", (await WithdrawWaiver.Handle(NewActor(), second.Id, new("w"), database.Db, database.Clock, Ct)).Problem?.Code);
        var nobody = new Actor(ActorKind.Person, actor.Tenant, null, null, "usr_x", FrozenSet<string>.Empty);
        Assert.Equal("permission.missing", (await Waive(nobody, second)).Problem?.Code);
        Assert.Equal("permission.missing", (await WithdrawWaiver.Handle(nobody, second.Id, new("w"), database.Db, database.Clock, Ct)).Problem?.Code);
    }
}
