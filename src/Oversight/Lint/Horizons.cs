using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R22: a metric whose targets run on two calendars, or that is to reach one value by two dates.</summary>
static class Horizons
{
    public static IEnumerable<Finding> Check(LintedPlan plan) => [.. Metrics(plan), .. SpokenAims.Dates(plan), .. Beyond(plan)];

    static IEnumerable<Finding> Metrics(LintedPlan plan)
    {
        foreach (var group in plan.Aims.Where(aim => !aim.IsGate).GroupBy(aim => (aim.Metric, aim.Segment)))
        {
            var name = plan.MetricOf(group.First())?.Title ?? group.Key.Metric;
            var (relative, fixedDates) = (group.Where(aim => aim.Quantity.Offset is not null && aim.Due is null).ToList(), group.Where(aim => aim.Quantity.At is not null).ToList());
            if (relative.Count > 0 && fixedDates.Count > 0)
                yield return Found("R22", Severity.Warning, $"{name} has two horizons", $"{name} is aimed at {string.Join(", ", relative.Select(aim => $"{aim.Quantity} after {aim.Quantity.Offset}"))} from {relative[0].Quantity.Epoch ?? "no named event"}, and at {string.Join(", ", fixedDates.Select(aim => $"{aim.Quantity} by {aim.Due}"))}: without a date for the first the two cannot be compared. Give the epoch a date, or keep one horizon.", [.. relative.Select(aim => aim.Cited), .. fixedDates.Select(aim => aim.Cited)]);
            if (!MetricRole.IsCumulative(plan.RoleOf(group.Key.Metric)) && plan.MetricOf(group.First())?.Is("cumulative") != true) continue;
            foreach (var same in group.Where(aim => aim.Due is not null && !aim.Quantity.IsRange).GroupBy(aim => (aim.Quantity.BasicLow, aim.Quantity.BasicHigh)).Where(same => same.Select(aim => aim.Due?.End).Distinct().Count() > 1))
                yield return Found("R22", Severity.Warning, $"{name} is to reach one value by two dates", $"{name}: {same.First().Quantity} by {string.Join(" and by ", same.OrderBy(aim => aim.Due?.End).Select(aim => aim.Due?.Text))}. Keep the date that is meant.", same.Select(aim => aim.Cited));
        }
    }

    // A plan looks as far as it says, give or take a quarter, from the first day that anything of it is dated.
    const int SlackDays = 92;

    static IEnumerable<Finding> Beyond(LintedPlan plan)
    {
        if (plan.Plan.Head is not { } head || head.Quantity("horizon") is not { Unit.Dimension: Dimension.Time } horizon) yield break;
        var starts = plan.Items.Concat(plan.Plan.Of("Team")).Select(one => one.Period("period")?.Start).Concat(plan.Aims.Select(aim => aim.Due?.Start)).OfType<DateOnly>().ToList();
        if (starts.Count == 0) yield break;
        var last = starts.Min().AddDays((int)Math.Min(horizon.BasicHigh, 100_000) + SlackDays);
        var late = plan.Aims.Where(aim => !aim.IsGate && aim.Due is { IsOpen: false } due && due.Start > last).ToList();
        if (late.Count > 0)
            yield return Found("R22", Severity.Warning, $"{late.Count} {(late.Count == 1 ? "target lies" : "targets lie")} beyond the horizon of the plan", $"{head.Title} looks {horizon} ahead, and begins {starts.Min():yyyy-MM-dd}: {string.Join(", ", late.Take(5).Select(aim => $"{aim.Object.Title} by {aim.Due}"))}. Lengthen the horizon, or bring them nearer.", [new Cited(head, horizon.Node, horizon.ToString()), .. late.Select(aim => aim.Cited)]);
    }
}
