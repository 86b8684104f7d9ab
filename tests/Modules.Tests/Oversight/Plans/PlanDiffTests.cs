using PenguinMails.Oversight.Plans;

namespace PenguinMails.Modules.Tests.Oversight.Plans;

public sealed class PlanDiffTests
{
    static List<string> Diff(string before, string after) => [.. PlanDiff.Compare(PlanText.Valid(before), PlanText.Valid(after)).Select(change => change.Sentence)];

    const string Metric = "{kind: Metric, metadata: {name: m}, spec: {}}\n---\n";

    [Fact]
    public void Changed_target_tells_both_values_and_the_difference() => Assert.Equal(
        ["Target/t: quantity ≥ 250,000 USD/month by 2026-Q4 → ≥ 300,000 USD/month by 2026-Q4 (+20 %)."],
        Diff(Metric + "{kind: Target, metadata: {name: t}, spec: {metric: m, quantity: {op: ge, value: 250k, unit: USD/month, at: 2026-Q4}}}", Metric + "{kind: Target, metadata: {name: t}, spec: {metric: m, quantity: {op: ge, value: 300000, unit: USD/month, at: 2026-Q4}}}"));

    [Fact]
    public void Moved_item_tells_by_how_many_days() => Assert.Equal(
        ["RoadmapItem/a: period 2026-Q1 → 2026-Q2 (91 days later).", "RoadmapItem/a: status planned → in_progress."],
        Diff("{kind: RoadmapItem, metadata: {name: a}, spec: {period: 2026-Q1, status: planned}}", "{kind: RoadmapItem, metadata: {name: a}, spec: {period: 2026-Q2, status: in_progress}}"));

    [Fact]
    public void What_came_and_went_is_told_with_title_and_value() => Assert.Equal(
        ["RoadmapItem/a is gone: Ship (2026-Q1).", "RoadmapItem/b is new: Boat (2026-Q2)."],
        Diff("{kind: RoadmapItem, metadata: {name: a, title: Ship}, spec: {period: 2026-Q1}}", "{kind: RoadmapItem, metadata: {name: b, title: Boat}, spec: {period: 2026-Q2}}"));

    [Fact]
    public void Order_of_a_list_and_the_way_to_write_a_number_are_no_change() => Assert.Empty(
        Diff("{kind: RoadmapItem, metadata: {name: a}, spec: {scope: [x y, z], effort: 10-15 days}}", "{kind: RoadmapItem, metadata: {name: a}, spec: {scope: [z, x y], effort: {low: 10, high: 15, unit: days}}}"));

    [Fact]
    public void Conditions_of_a_gate_are_told_by_what_they_look_at() => Assert.Equal(
        ["Gate/g: all[coverage].quantity ≥ 80 percent → ≥ 90 percent (+12.5 %).", "Gate/g: all[Audit] is new."],
        Diff("{kind: Gate, metadata: {name: g}, spec: {all: [{metric: coverage, quantity: {op: ge, value: 80, unit: percent}}]}}", "{kind: Gate, metadata: {name: g}, spec: {all: [{check: Audit}, {metric: coverage, quantity: {op: ge, value: 90, unit: percent}}]}}"));
}
