using PenguinMails.Accounts;
using PenguinMails.Accounts.Members;
using PenguinMails.Core;
using PenguinMails.Oversight.CheckIns;
using PenguinMails.Oversight.Gates;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;
using PenguinMails.Oversight.Reviews;
using PenguinMails.Oversight.Risks;
using PenguinMails.Oversight.Roadmap;
using PenguinMails.Oversight.Steps;

namespace PenguinMails.Modules.Tests.Oversight.Registers;

/// <summary>The rules of registers that need no database: rhythm, triggers, slips, gates, owners.</summary>
public sealed class RegisterRulesTests
{
    static readonly DateOnly Today = new(2026, 3, 2);
    static readonly Kpi Uptime = KpiCatalog.Find("uptime")!;

    [Theory]
    [InlineData("monthly", "2026-02-28")]
    [InlineData("Weekly", "2026-02-07")]
    [InlineData("every 2 weeks", "2026-02-14")]
    [InlineData("each quarter", "2026-04-30")]
    [InlineData("every 3 days", "2026-02-03")]
    [InlineData("P3M", "2026-04-30")]
    [InlineData("when needed", null)]
    [InlineData("every 0 weeks", null)]
    [InlineData("every blue moon", null)]
    [InlineData("PT12H", null)]
    [InlineData(null, null)]
    public void A_rhythm_names_the_next_day(string? cadence, string? next) => Assert.Equal(next, Cadence.After(cadence, new DateOnly(2026, 1, 31))?.ToString("yyyy-MM-dd", null));

    static KpiValue Week(int back, long hits) => new(new DateOnly(2026, 2, 23).AddDays(-7 * back), hits, 10_000, null, "percent", 1);

    [Theory]
    [InlineData("below 99 %", 9950, false, 0.005)]
    [InlineData("below 99 %", 9900, true, 0)]
    [InlineData("99 percent", 9890, true, -0.001)] // A bare number warns on the bad side.
    [InlineData(">= 99.9 %", 9990, true, 0)]
    [InlineData(">= 99.9 %", 9989, false, 0.0001)]
    public void Distance_of_a_figure_to_its_trigger(string trigger, long hits, bool isPassed, double margin)
    {
        var line = IndicatorLine.Of("up", trigger, Uptime, [Week(1, 9_999), Week(0, hits)], null);
        Assert.Equal(isPassed, line.IsPassed);
        Assert.Equal(margin, line.Margin!.Value, 9);
        Assert.True(line.IsNear); // All of these lie within a fifth of the trigger.
    }

    [Fact]
    public void A_passed_trigger_tells_since_when_and_what_cannot_be_compared_says_so()
    {
        Assert.Equal(new DateOnly(2026, 2, 16), IndicatorLine.Of("up", "< 99 %", Uptime, [Week(3, 9_000), Week(2, 9_999), Week(1, 9_800), Week(0, 9_700)], null).Since);
        Assert.Null(IndicatorLine.Of("up", "< 500 EUR", Uptime, [Week(0, 9_000)], null).IsPassed);
        Assert.Null(IndicatorLine.Of("up", null, Uptime, [Week(0, 9_000)], null).IsPassed);
        Assert.Contains("No figure here", IndicatorLine.Of("moon", "full", null, [], null).Sentence, StringComparison.Ordinal);
        Assert.Contains("no closed period", IndicatorLine.Of("up", "worsening", Uptime, [], null).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void What_moved_between_two_versions_and_what_waits_for_it()
    {
        var before = RegisterPlan.Parsed().Plan;
        var after = RegisterPlan.Parsed(RegisterPlan.Text.Replace("period: 2026-Q2, dependsOn", "period: 2026-Q3, dependsOn", StringComparison.Ordinal)).Plan;
        Assert.Equal([("RoadmapItem/crm", 92)], RoadmapSlips.Between(before, after).Select(slip => (slip.Ref, slip.Days)));
        Assert.Equal([("RoadmapItem/crm", -92)], RoadmapSlips.Between(after, before).Select(slip => (slip.Ref, slip.Days)));
        Assert.Empty(RoadmapSlips.Between(before, before));
        Assert.Equal(["Gate/launch", "RoadmapItem/crm"], RoadmapSlips.WaitingFor(before, before.Find("RoadmapItem", "api")!).Order());
        Assert.Equal(["Gate/launch"], RoadmapSlips.WaitingFor(before, before.Find("RoadmapItem", "crm")!));
    }

    [Fact]
    public void What_is_past_its_end_is_late_until_somebody_says_it_is_done_and_a_part_is_told_by_its_whole()
    {
        var plan = RegisterPlan.Parsed().Plan;
        Dictionary<string, CheckIn> Said(string status) => new() { ["RoadmapItem/api"] = new(Guid.Empty, "RoadmapItem/api", status, null, null, "x", "system", Today, default) };
        Assert.Equal(("RoadmapItem/api", 2), RoadmapSlips.Late(plan, new Dictionary<string, CheckIn>(), Today).Select(late => (late.Subject.Ref, late.Days)).Single());
        Assert.Empty(RoadmapSlips.Late(plan, new Dictionary<string, CheckIn>(), new DateOnly(2026, 2, 28))); // Its last day.
        Assert.Equal("RoadmapItem/api", RoadmapSlips.Late(plan, Said("in_progress"), Today).Single().Subject.Ref);
        Assert.Equal("RoadmapItem/api-docs", RoadmapSlips.Late(plan, Said("done"), Today).Single().Subject.Ref); // The whole is done, the part is not.
    }

    static CriterionLine Stand(int nth, GateEvidence? said, Measured? measured = null)
    {
        var plan = RegisterPlan.Parsed().Plan;
        return ListGates.Stand(Criterion.Of(plan, plan.Find("Gate", "launch")!)[nth], said, measured, Today);
    }

    static GateEvidence Seen(string state, string? until = null) => new(Guid.Empty, "launch", "x", state, "a report", "system", Today.AddDays(-10), until is null ? null : DateOnly.ParseExact(until, "yyyy-MM-dd"), default);

    [Fact]
    public void A_persons_word_counts_until_it_runs_out_then_the_figure_then_the_plan()
    {
        var fails = new Measured(false, "It is 98 %.", "uptime", Today);
        Assert.Equal(("passed", "said"), (Stand(0, Seen("passed"), fails).State, Stand(0, Seen("passed"), fails).Rests));
        Assert.Equal(("passed", false), (Stand(0, Seen("passed", "2026-03-02"), fails).State, Stand(0, Seen("passed", "2026-03-02")).IsExpired));
        Assert.Equal(("failed", "measured"), (Stand(0, Seen("passed", "2026-03-01"), fails).State, Stand(0, Seen("passed", "2026-03-01"), fails).Rests));
        Assert.Equal(("unknown", true), (Stand(1, Seen("passed", "2026-03-01")).State, Stand(1, Seen("passed", "2026-03-01")).IsExpired));
        Assert.Equal(("failed", "measured"), (Stand(0, Seen("unknown"), fails).State, Stand(0, null, fails).Rests));
        Assert.Equal("unknown", Stand(1, null).State);
        Assert.Equal(("passed", "plan"), (Stand(2, null).State, Stand(2, null).Rests));
        Assert.Equal("unknown", Stand(2, Seen("unknown")).State); // What the plan said was taken back.
    }

    [Theory]
    [InlineData(9_900, true)]
    [InlineData(9_899, false)]
    public void A_rate_is_held_over_its_whole_window(long each, bool holds)
    {
        var wanted = Quantity.Of(new ScalarNode(default, "99 percent", quoted: true));
        Assert.True(Span.TryParse("P28D", out var window));
        var values = Enumerable.Range(0, 4).Select(back => Week(3 - back, each)).ToList();
        Assert.Equal(holds, Measured.Of(Uptime, values, wanted, window, Today).Holds);
        Assert.Null(Measured.Of(Uptime, values[1..], wanted, window, Today).Holds); // Three weeks say nothing of four.
        Assert.Null(Measured.Of(Uptime, [], wanted, window, Today).Holds);
        Assert.Null(Measured.Of(Uptime, values, Quantity.Of(new ScalarNode(default, "5 EUR", quoted: true)), null, Today).Holds);
    }

    [Fact]
    public void A_step_belongs_to_whoever_is_called_so_and_is_due_at_the_next_review()
    {
        ListMembers.Member Person(string name, string email) => new(TypedId.New<UserId>(DateTimeOffset.UnixEpoch), name, email, Role.Viewer, null, default);
        var (sam, twin, other) = (Person("Sam", "sam@x.example"), Person("Alex", "a@x.example"), Person("Alex", "b@x.example"));
        Assert.Equal(sam.UserId, StepRules.OwnerOf("SAM", [sam, sam with { Role = Role.Finance }, twin]));
        Assert.Equal(sam.UserId, StepRules.OwnerOf("sam@x.example", [sam, twin]));
        Assert.Null(StepRules.OwnerOf("Alex", [twin, other])); // Two are called so.
        Assert.Null(StepRules.OwnerOf("role:ceo", [sam]));
        Assert.Null(StepRules.OwnerOf(null, [sam]));
        ReviewLine Review(DateOnly? next) => new("r", "R", null, null, next, null, [], null, []);
        Assert.Equal(Today.AddDays(14), StepRules.DueOn([], Today));
        Assert.Equal(Today.AddDays(14), StepRules.DueOn([Review(null), Review(Today)], Today));
        Assert.Equal(Today.AddDays(3), StepRules.DueOn([Review(Today.AddDays(30)), Review(Today.AddDays(3))], Today));
    }
}
