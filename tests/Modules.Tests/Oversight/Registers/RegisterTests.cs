using System.Collections.Frozen;
using System.Globalization;
using PenguinMails.Core;
using PenguinMails.Insight;
using PenguinMails.Oversight;
using PenguinMails.Oversight.CheckIns;
using PenguinMails.Oversight.Decisions;
using PenguinMails.Oversight.Gates;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Registers;
using PenguinMails.Oversight.Reviews;
using PenguinMails.Oversight.Risks;
using PenguinMails.Oversight.Roadmap;

namespace PenguinMails.Modules.Tests.Oversight.Registers;

/// <summary>What is said of a plan over time: kept beside it, never instead of it, and nobody else's.</summary>
public sealed class RegisterTests(TestDatabase database)
{
    readonly Actor _actor = Actor.System(database.NewTenant());

    readonly TestClock _clock = new();

    // A second passes between two words, so that the later one is the newer.
    TimeProvider Clock
    {
        get
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return _clock;
        }
    }

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    internal static async Task LoadUptime(Actor actor, TestDatabase database, Func<int, long> hits, int weeks = 30)
    {
        var csv = "start,num,den\n" + string.Concat(Enumerable.Range(0, weeks).Select(i => string.Create(CultureInfo.InvariantCulture, $"{new DateOnly(2026, 2, 23).AddDays(7 * (i - weeks + 1)):yyyy-MM-dd},{hits(i)},10000\n")));
        Assert.True((await LoadKpi.Handle(actor, "uptime", new(csv, "up.csv"), database.Db, new OversightSettings(actor.Tenant), database.Clock, Ct)).IsOk);
    }

    Task<Result<CheckIn>> Say(string subject, string status, string sentence = "Half of it is there.", double? done = 0.5, Actor? actor = null) =>
        RecordCheckIn.Handle(actor ?? _actor, new(subject, status, sentence, done, 0.8), database.Db, Clock, Ct);

    [Fact]
    public async Task Without_a_plan_registers_are_empty_and_say_what_to_do()
    {
        Assert.Equal("plan.not_found", (await Say("RoadmapItem/api", "done")).Problem?.Code);
        Assert.Null((await ReadRoadmap.Handle(_actor, database.Db, Clock, Ct)).Value.Plan);
        Assert.Empty((await ListGates.Handle(_actor, database.Db, Clock, Ct)).Value.Items);
        foreach (var answer in new[]
        {
            (await AnswerSlips.Handle(_actor, database.Db, Clock, Ct)).Value, (await AnswerReadiness.Handle(_actor, database.Db, Clock, Ct)).Value,
            (await AnswerEffects.Handle(_actor, database.Db, Clock, Ct)).Value, (await AnswerRisks.Handle(_actor, database.Db, Clock, Ct)).Value,
        })
            Assert.Equal((true, "/plans/new"), (answer.IsMissing, answer.Href));
    }

    [Fact]
    public async Task The_newest_check_in_counts_and_the_earlier_ones_stay()
    {
        await RegisterPlan.Import(_actor, database, clock: Clock);
        await Say("RoadmapItem/api", "in_progress");
        await Say("RoadmapItem/api", "done", "It is there.", 1);
        var api = (await ReadRoadmap.Handle(_actor, database.Db, Clock, Ct)).Value.Items.Single(line => line.Ref == "RoadmapItem/api");
        Assert.Equal(("done", "It is there.", "P0", "2026-Q1"), (api.Standing.Status, api.Standing.Said?.Sentence, api.Priority, api.Quarter));
        Assert.Equal(["RoadmapItem/crm", "Gate/launch"], api.Waits.OrderByDescending(one => one));
        Assert.Equal(2, (await ListCheckIns.Handle(_actor, "RoadmapItem/api", null, null, database.Db, Ct)).Value.Items.Count);
    }

    [Theory]
    [InlineData("RoadmapItem/nothing", "done", "x", 0.5, "subject")]
    [InlineData("Risk/outage", "done", "x", 0.5, "subject")]
    [InlineData("api", "done", "x", 0.5, "subject")]
    [InlineData("RoadmapItem/api", "finished", "x", 0.5, "status")]
    [InlineData("RoadmapItem/api", "done", " ", 0.5, "sentence")]
    [InlineData("RoadmapItem/api", "done", "a\0b", 0.5, "sentence")]
    [InlineData("RoadmapItem/api", "done", "x", 1.01, "done")]
    [InlineData("RoadmapItem/api", "done", "x", double.NaN, "done")]
    public async Task A_check_in_that_says_nothing_is_refused_at_its_field(string subject, string status, string sentence, double done, string field)
    {
        await RegisterPlan.Import(_actor, database, clock: Clock);
        var problem = (await Say(subject, status, sentence, done)).Problem;
        Assert.Equal(("check_in.invalid", field), (problem?.Code, Assert.Single(problem?.Fields ?? []).Field));
    }

    [Fact]
    public async Task Slips_are_counted_against_the_version_the_last_review_looked_at()
    {
        await RegisterPlan.Import(_actor, database, clock: Clock);
        Assert.True((await RecordReview.Handle(_actor, new("board", "All is well."), database.Db, Clock, Ct)).IsOk);
        await RegisterPlan.Import(_actor, database, RegisterPlan.Text.Replace("period: 2026-Q2, dependsOn", "period: 2026-Q3, dependsOn", StringComparison.Ordinal), Clock);
        await RegisterPlan.Import(_actor, database, RegisterPlan.Text.Replace("period: 2026-Q2, dependsOn", "period: 2026-Q4, dependsOn", StringComparison.Ordinal), Clock);
        var board = (await ReadRoadmap.Handle(_actor, database.Db, Clock, Ct)).Value;
        Assert.Equal((3, 1), (board.Plan?.Number, board.ComparedWith?.Number));
        Assert.Equal((184, "2026-Q2"), (board.Items.Single(line => line.Ref == "RoadmapItem/crm").SlipDays, board.Items.Single(line => line.Ref == "RoadmapItem/crm").SlipFrom));
        Assert.Contains(board.Changes, change => change.Sentence.Contains("184 days later", StringComparison.Ordinal));
        var answer = (await AnswerSlips.Handle(_actor, database.Db, Clock, Ct)).Value;
        Assert.StartsWith("CRM slipped by 184 days", answer.Sentence, StringComparison.Ordinal);
        Assert.Equal(Direction.Worsening, answer.Direction);
        var review = Assert.Single((await ListReviews.Handle(_actor, database.Db, Clock, Ct)).Value.Items);
        Assert.Equal((new DateOnly(2026, 3, 2), new DateOnly(2026, 4, 2), 1), (review.LastHeld, review.NextDue, Assert.Single(review.Held).PlanNumber));
        Assert.True((await RecordReview.Handle(_actor, new("board", "We saw it."), database.Db, Clock, Ct)).IsOk);
        Assert.All((await ReadRoadmap.Handle(_actor, database.Db, Clock, Ct)).Value.Items, line => Assert.Null(line.SlipDays)); // Nothing moved since.
    }

    [Fact]
    public async Task A_gate_is_passed_when_each_condition_is()
    {
        await RegisterPlan.Import(_actor, database, clock: Clock);
        async Task<GateLine> Gate() => Assert.Single((await ListGates.Handle(_actor, database.Db, Clock, Ct)).Value.Items);
        Assert.Equal(("unknown", "unknown"), ((await Gate()).State, (await Gate()).Criteria[1].State));
        await LoadUptime(_actor, database, _ => 9_950);
        Assert.Equal(("passed", "measured"), ((await Gate()).Criteria[0].State, (await Gate()).Criteria[0].Rests));
        Assert.StartsWith("Not known: 1 of the 3", (await AnswerReadiness.Handle(_actor, database.Db, Clock, Ct)).Value.Sentence, StringComparison.Ordinal);
        Task<Result<GateEvidence>> Show(string criterion, string state, DateOnly? until = null, string gate = "launch") => RecordEvidence.Handle(_actor, new(gate, criterion, state, "https://audit.example/7", null, until), database.Db, Clock, Ct);
        Assert.True((await Show("Audit passed", "failed")).IsOk);
        Assert.StartsWith("No: Launch, due in 120 days, fails at Audit passed", (await AnswerReadiness.Handle(_actor, database.Db, Clock, Ct)).Value.Sentence, StringComparison.Ordinal);
        Assert.True((await Show("Audit passed", "passed", new DateOnly(2026, 3, 2))).IsOk);
        Assert.Equal("passed", (await Gate()).State);
        Assert.StartsWith("Yes", (await AnswerReadiness.Handle(_actor, database.Db, Clock, Ct)).Value.Sentence, StringComparison.Ordinal);
        Assert.Equal(["CRM"], (await Gate()).Blockers);
        Assert.Equal("criterion", Assert.Single((await Show("Audit", "passed")).Problem?.Fields ?? []).Field);
        Assert.Equal("gate", Assert.Single((await Show("Audit passed", "passed", gate: "start")).Problem?.Fields ?? []).Field);
        Assert.Equal("expires_on", Assert.Single((await Show("Audit passed", "passed", new DateOnly(2026, 3, 1))).Problem?.Fields ?? []).Field);
    }

    [Fact]
    public async Task A_risk_tells_whether_it_rose_and_how_far_its_trigger_is()
    {
        await RegisterPlan.Import(_actor, database, clock: Clock);
        Assert.Equal(10, Assert.Single((await ListRisks.Handle(_actor, database.Db, Clock, Ct)).Value.Items).Score); // As the plan says.
        Assert.Equal("likelihood", Assert.Single((await AssessRisk.Handle(_actor, new("outage", 6, 5, "Why"), database.Db, Clock, Ct)).Problem?.Fields ?? []).Field);
        Assert.Equal("risk", Assert.Single((await AssessRisk.Handle(_actor, new("fire", 3, 5, "Why"), database.Db, Clock, Ct)).Problem?.Fields ?? []).Field);
        Assert.True((await AssessRisk.Handle(_actor, new("outage", 4, 5, "Two outages."), database.Db, Clock, Ct)).IsOk);
        var risk = Assert.Single((await ListRisks.Handle(_actor, database.Db, Clock, Ct)).Value.Items);
        Assert.Equal((20, 10, true, "Two outages."), (risk.Score, risk.ScoreBefore, risk.Rose, risk.Assessed?.Note));
        Assert.Contains("judged higher than before (10 → 20", (await AnswerRisks.Handle(_actor, database.Db, Clock, Ct)).Value.Sentence, StringComparison.Ordinal);
        await LoadUptime(_actor, database, i => i < 28 ? 9_990 : 9_880);
        var indicator = Assert.Single(Assert.Single((await ListRisks.Handle(_actor, database.Db, Clock, Ct)).Value.Items).Indicators);
        Assert.Equal((true, new DateOnly(2026, 2, 16)), (indicator.IsPassed, indicator.Since));
        Assert.StartsWith("Outages is past its trigger: Uptime is 98.8 %; the trigger is 99 %", (await AnswerRisks.Handle(_actor, database.Db, Clock, Ct)).Value.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_is_judged_at_its_review_date_and_the_verdict_is_kept()
    {
        var version = await RegisterPlan.Import(_actor, database, clock: Clock);
        Assert.Equal("waiting", Assert.Single((await ListDecisions.Handle(_actor, database.Db, Clock, Ct)).Value.Items).State);
        async Task Judge()
        {
            await using var tx = await database.Db.Begin(_actor.Tenant, Ct);
            await JudgeDecisions.Within(tx, RegisterPlan.Parsed() with { Version = version }, Clock.GetUtcNow(), Ct);
            await tx.Commit(Ct);
        }

        await Judge();
        Assert.Equal("not_enough_data", Assert.Single((await ListDecisions.Handle(_actor, database.Db, Clock, Ct)).Value.Items).State);
        await LoadUptime(_actor, database, i => i < 12 ? 9_800 : 9_900); // The step lies at the decision of 15 October, within its noise of nothing.
        await Judge();
        await Judge();
        var line = Assert.Single((await ListDecisions.Handle(_actor, database.Db, Clock, Ct)).Value.Items);
        Assert.Equal(("as_expected", DecisionEffect.EngineVersion, version.Id), (line.State, line.Outcome?.Engine, line.Outcome?.PlanVersion));
        Assert.True(line.Outcome?.Low > 0 && line.Outcome.CasesBefore > 0);
        Assert.Contains("1 of 1 decisions came as expected", (await AnswerEffects.Handle(_actor, database.Db, Clock, Ct)).Value.Number, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Assumptions_and_contingencies_are_read_from_the_plan()
    {
        await RegisterPlan.Import(_actor, database, clock: Clock);
        var assumed = (await ListAssumptions.Handle(_actor, database.Db, Clock, Ct)).Value.Items;
        Assert.Equal(("CostLine/fees", "Uptime is 500 EUR/month"), (assumed[0].Ref, assumed[0].Assumed));
        Assert.Equal("Sales are slow", Assert.Single((await ListContingencies.Handle(_actor, database.Db, Ct)).Value.Items).When);
    }

    [Fact]
    public async Task Nobody_writes_without_permission_and_other_accounts_see_nothing()
    {
        await RegisterPlan.Import(_actor, database, clock: Clock);
        await Say("RoadmapItem/api", "done");
        var viewer = _actor with { Kind = ActorKind.Person, Permissions = new[] { Permissions.OversightRead }.ToFrozenSet() };
        Assert.Equal("permission.missing", (await Say("RoadmapItem/api", "planned", actor: viewer)).Problem?.Code);
        Assert.Equal("permission.missing", (await AssessRisk.Handle(viewer, new("outage", 1, 1, "x"), database.Db, Clock, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await RecordReview.Handle(viewer, new("board", "x"), database.Db, Clock, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await RecordEvidence.Handle(viewer, new("launch", "Audit passed", "passed", "x"), database.Db, Clock, Ct)).Problem?.Code);
        Assert.Equal("done", (await ReadRoadmap.Handle(viewer, database.Db, Clock, Ct)).Value.Items.Single(line => line.Ref == "RoadmapItem/api").Standing.Status);
        var nobody = viewer with { Permissions = FrozenSet<string>.Empty };
        Assert.Equal("permission.missing", (await ReadRoadmap.Handle(nobody, database.Db, Clock, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await ListDecisions.Handle(nobody, database.Db, Clock, Ct)).Problem?.Code);
        var stranger = Actor.System(database.NewTenant());
        await RegisterPlan.Import(stranger, database);
        Assert.Equal("in_progress", (await ReadRoadmap.Handle(stranger, database.Db, Clock, Ct)).Value.Items.Single(line => line.Ref == "RoadmapItem/api").Standing.Status);
        Assert.Empty((await ListCheckIns.Handle(stranger, null, null, null, database.Db, Ct)).Value.Items);
    }
}
