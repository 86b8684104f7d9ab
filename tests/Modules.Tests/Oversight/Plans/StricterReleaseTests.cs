using PenguinMails.Core;
using PenguinMails.Modules.Tests.Oversight.Registers;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Answers;
using PenguinMails.Oversight.Budgets;
using PenguinMails.Oversight.Decisions;
using PenguinMails.Oversight.Gates;
using PenguinMails.Oversight.Lint;
using PenguinMails.Oversight.Plans;
using PenguinMails.Oversight.Registers;
using PenguinMails.Oversight.Reviews;
using PenguinMails.Oversight.Risks;
using PenguinMails.Oversight.Roadmap;
using PenguinMails.Oversight.Scenarios;
using PenguinMails.Oversight.Vendors;

namespace PenguinMails.Modules.Tests.Oversight.Plans;

/// <summary>Plans that an earlier release kept and this one refuses in places.</summary>
public sealed class StricterReleaseTests(TestDatabase database)
{
    // As an earlier release would have kept it.
    const string Keep = """
        insert into oversight.plan_version (tenant_id, id, plan, number, sha256, yaml, objects, errors, warnings, imported_by, imported_at)
        select tenant_id, gen_random_uuid(), plan, number + 1, sha256, $3, objects, errors, warnings, imported_by, imported_at
        from oversight.plan_version
        where tenant_id = $1 and id = $2
        returning id
        """;

    static readonly string[] KindWords = [.. Kinds.All.Select(kind => kind.Word)];

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    async Task<(Actor Actor, PlanVersionId Id)> Kept(string text)
    {
        var actor = Actor.System(database.NewTenant());
        var first = await RegisterPlan.Import(actor, database);
        await using var tx = await database.Db.Begin(actor.Tenant, Ct);
        var id = await tx.One(Keep, row => new PlanVersionId(row.GetGuid(0)), Ct, actor.Tenant, first.Id, text);
        await tx.Commit(Ct);
        return (actor, id);
    }

    [Fact]
    public void What_is_refused_is_named_with_its_line_and_the_rest_is_read()
    {
        var text = RegisterPlan.Text.Replace("likelihood: 2,", "odds: 2,", StringComparison.Ordinal).Replace("kind: Contingency", "kind: Fallback", StringComparison.Ordinal)
            .Replace("total: 300 EUR/month", "total: 300 USD/month", StringComparison.Ordinal).Replace("blocks: [launch]", "dependsOn: [crm]", StringComparison.Ordinal)
            .Replace("{name: pay,", "{name: rack,", StringComparison.Ordinal).Replace("reviewOn: 2026-02-28", "reviewOn: 2026-02-30", StringComparison.Ordinal);
        var reading = PlanReader.Kept("northwind", text);
        Assert.Equal(
            ["CostLine/fees", "CostLine/servers", "Gate/launch", "Metric/up", "Objective/grow", "Plan/northwind", "Review/board", "RoadmapItem/api-docs", "Vendor/rack"],
            reading.Plan.Objects.Select(one => one.Ref).Where(one => one is not ("RoadmapItem/api" or "RoadmapItem/crm")).Order());
        Assert.Single(reading.Plan.Of("RoadmapItem"), one => one.Name is "api" or "crm"); // One of the two that wait for each other.
        Assert.Equal(["plan.circle", "plan.currency_mixed", "plan.date_invalid", "plan.key_unknown", "plan.kind_unknown", "plan.name_duplicate"], reading.Faults.Select(fault => fault.Code).Order());
        foreach (var (code, word) in new[] { ("plan.currency_mixed", "300 USD/month"), ("plan.date_invalid", "2026-02-30"), ("plan.key_unknown", "odds"), ("plan.kind_unknown", "Fallback"), ("plan.name_duplicate", "rack, title: Pay Inc") })
            Assert.StartsWith(word, After(reading.Faults.Single(fault => fault.Code == code).At), StringComparison.Ordinal);
        Assert.All(reading.Faults, fault => Assert.Equal("northwind.yaml", fault.At.File));
        Assert.Equal(9, PlanReader.Kept("northwind", text[..text.IndexOf("kind: Risk", StringComparison.Ordinal)] + "kind: [").Plan.Objects.Count); // No YAML any more from there on.

        string After(Place at) => text.Split('\n')[at.Line - 1][(at.Column - 1)..];
    }

    public static TheoryData<string> Words() => [.. KindWords];

    [Theory]
    [MemberData(nameof(Words))]
    public void A_plan_without_one_kind_is_still_judged(string kind)
    {
        var whole = CanonicalYaml.Write(PlanText.Sample("penguinmails"));
        var reading = PlanReader.Kept("penguinmails", whole.Replace($"kind: {kind}\n", $"kind: {kind}Once\n", StringComparison.Ordinal));
        Assert.Empty(reading.Plan.Of(kind));
        Assert.All(PlanLinter.Run(reading.Plan, new(2026, 3, 2)).Findings, finding => Assert.NotEmpty(finding.Message));
        Assert.NotNull(PlanStatus.Of(reading.Plan, new(2026, 3, 2)));
        Assert.NotNull(PlanDiff.Compare(PlanReader.Kept("penguinmails", whole).Plan, reading.Plan));
    }

    [Theory]
    [MemberData(nameof(Words))]
    public async Task Every_page_of_oversight_stands_while_one_kind_is_refused(string kind)
    {
        var (actor, id) = await Kept(RegisterPlan.Text.Replace($"kind: {kind}\n", $"kind: {kind}Once\n", StringComparison.Ordinal));
        var (db, clock, settings) = (database.Db, database.Clock, new OversightSettings(actor.Tenant));
        var read = (await ReadPlanVersion.Handle(actor, id, db, clock, Ct)).Value;
        Assert.All(read.Version.Unread ?? [], fault => Assert.Equal("plan.kind_unknown", fault.Code));
        PlanVersion?[] versions =
        [
            (await ReadPlanVersion.Compare(actor, id, db, Ct)).Value.Version, (await ReadRoadmap.Handle(actor, db, clock, Ct)).Value.Plan, (await ListGates.Handle(actor, db, clock, Ct)).Value.Plan,
            (await ListRisks.Handle(actor, db, clock, Ct)).Value.Plan, (await ListDecisions.Handle(actor, db, clock, Ct)).Value.Plan, (await ListReviews.Handle(actor, db, clock, Ct)).Value.Plan,
            (await ListAssumptions.Handle(actor, db, clock, Ct)).Value.Plan, (await ListContingencies.Handle(actor, db, Ct)).Value.Plan, (await ListVendors.Handle(actor, db, clock, Ct)).Value.Plan,
            (await ReadBudget.Handle(actor, null, null, db, settings, clock, Ct)).Value.Plan,
        ];
        Assert.All(versions, version => Assert.Equal((id, read.Version.Unread?.Count), (version?.Id, version?.Unread?.Count)));
        Assert.NotEmpty((await ListAnswers.Handle(actor, db, settings, clock, Ct)).Value.Items);
        Assert.True((await ReadScenario.Handle(actor, new(), db, settings, clock, Ct)).IsOk);
    }

    [Fact]
    public async Task What_is_no_longer_read_is_not_lost_by_a_waiver_and_ends_with_a_corrected_import()
    {
        var (actor, id) = await Kept(RegisterPlan.Text.Replace("likelihood: 2,", "odds: 2,", StringComparison.Ordinal));
        var read = (await ReadPlanVersion.Handle(actor, id, database.Db, database.Clock, Ct)).Value;
        Assert.Equal("northwind.yaml:52:8", Assert.Single(read.Version.Unread ?? []).At.ToString());
        var refused = await WaiveFinding.Handle(actor, id, new(read.Findings[0].Id, "Meant so", "role:ceo", new(2026, 4, 1)), database.Db, database.Clock, Ct);
        Assert.Equal((ProblemKind.Conflict, "plan.unread"), (refused.Problem?.Kind, refused.Problem?.Code));
        Assert.Contains("northwind.yaml:52:8: spec: the key \"odds\" is unknown", refused.Problem?.Detail, StringComparison.Ordinal);
        var answers = (await ListAnswers.Handle(actor, database.Db, new OversightSettings(actor.Tenant), database.Clock, Ct)).Value.Items;
        Assert.StartsWith("Part of the plan is no longer read (northwind.yaml:52:8 first); in the rest: ", answers.Single(answer => answer.Id == "Q15").Answer.Sentence, StringComparison.Ordinal);

        await RegisterPlan.Import(actor, database, RegisterPlan.Text.Replace("likelihood: 2,", "likelihood: 3,", StringComparison.Ordinal));
        Assert.Empty((await ListRisks.Handle(actor, database.Db, database.Clock, Ct)).Value.Plan?.Unread ?? [new(default, "", "")]);
        Assert.All((await ListPlanVersions.Handle(actor, null, database.Db, Ct)).Value.Items, version => Assert.Null(version.Unread)); // Lists open no version.
    }
}
