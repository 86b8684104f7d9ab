using PenguinMails.Oversight.Plans;

namespace PenguinMails.Modules.Tests.Oversight.Plans;

public sealed class PlanStatusTests
{
    [Theory]
    [InlineData("2025-12-31", "ahead")]
    [InlineData("2026-01-01", "late_start")]
    [InlineData("2026-03-31", "late_start")]
    [InlineData("2026-04-01", "overdue")]
    public void Planned_item_on_both_sides_of_its_quarter(string day, string state) => Assert.Equal(state, Item(day, "planned"));

    [Theory]
    [InlineData("2026-03-31", "running")]
    [InlineData("2026-04-01", "overdue")]
    public void Running_item_on_both_sides_of_its_end(string day, string state) => Assert.Equal(state, Item(day, "in_progress"));

    [Fact]
    public void Done_item_is_done_whenever() => Assert.Equal("done", Item("2030-01-01", "done"));

    static string Item(string day, string status) => PlanStatus.Of(PlanText.Valid($"{{kind: RoadmapItem, metadata: {{name: a}}, spec: {{period: 2026-Q1, status: {status}}}}}"), DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture)).Roadmap.Single().State;

    [Fact]
    public void Founding_plan_in_the_middle_of_its_first_quarter()
    {
        var report = PlanStatus.Of(PlanText.Sample("penguinmails"), new DateOnly(2026, 2, 1));
        string State(IEnumerable<StatusLine> lines, string reference) => lines.Single(line => line.Ref == reference).State;
        Assert.Equal("overdue", State(report.Roadmap, "RoadmapItem/rm-2025q4"));
        Assert.Equal("late_start", State(report.Roadmap, "RoadmapItem/ent-1"));
        Assert.Equal("ahead", State(report.Roadmap, "RoadmapItem/rm-2026q2"));
        Assert.Equal("no_date", State(report.Roadmap, "RoadmapItem/ph1-vault"));
        Assert.Equal(("due", 58), (State(report.Gates, "Gate/gate-mvp-launch"), report.Gates.Single(line => line.Ref == "Gate/gate-mvp-launch").DaysLeft ?? 0));
        Assert.Equal("passed", State(report.Targets, "Target/customers-2025q4"));
        Assert.Equal("unmeasurable", State(report.Objectives, "Objective/obj-p3"));
    }
}
