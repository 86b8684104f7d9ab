using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R16: events with two dates, years counted from two events, and one term measured by two durations.</summary>
static class Clocks
{
    public static IEnumerable<Finding> Check(LintedPlan plan) => [.. Events(plan), .. Offsets(plan), .. Terms(plan)];

    static IEnumerable<Finding> Events(LintedPlan plan)
    {
        var dated = plan.Plan.Of("Gate").Where(gate => !plan.IsSuperseded(gate)).Select(gate => (Event: gate.Text("event"), At: gate.Period("at"), Cited: Cited.Field(gate, "at")))
            .Concat((plan.Plan.Head?.Spec.Map("epochs")?.Entries ?? []).Select(epoch => (Event: (string?)epoch.Key.Text, At: plan.Times.Epoch(epoch.Key.Text), Cited: new Cited(plan.Plan.Head ?? throw new InvalidOperationException("Epochs without a plan."), epoch.Value, plan.Times.Epoch(epoch.Key.Text)?.Text))));
        foreach (var group in dated.Where(one => one.Event is not null && one.At is not null && !Repeats(one.Event)).GroupBy(one => FeatureWindows.Slug(one.Event ?? "")))
        {
            var all = group.ToList();
            if (all.Any(one => all.Any(other => one.At is { } left && other.At is { } right && !left.Overlaps(right) && !Precedes(one.Cited, left, right) && !Precedes(other.Cited, right, left))))
                yield return Found("R16", Severity.Error, $"{group.Key} has {all.Select(one => one.At?.Text).Distinct().Count()} dates", $"The event {group.Key} is meant for {string.Join(" and for ", all.Select(one => one.At?.Text).Distinct())}; what is counted from it has as many beginnings. Keep one date.", all.Select(one => one.Cited));
        }
    }

    // A gate is looked at before what it lets through: some days earlier is no second date.
    const int DaysBeforeMax = 14;

    static bool Precedes(Cited one, Period gate, Period epoch) => one.Object.Kind == "Gate" && gate.End < epoch.Start && gate.Start.AddDays(DaysBeforeMax) >= epoch.Start;

    // Events that come again at each period have many dates by nature.
    static bool Repeats(string? name) => MetricRole.Words(name ?? "").Any(word => word is "quarter" or "month" or "monthly" or "quarterly" or "year" or "annual" or "weekly" or "close" or "review");

    static IEnumerable<Finding> Offsets(LintedPlan plan)
    {
        foreach (var group in plan.Aims.Where(aim => aim.Quantity.Offset is not null).GroupBy(aim => (aim.Quantity.Offset?.Months, aim.Quantity.Offset?.Days)))
        {
            var epochs = group.GroupBy(aim => aim.Quantity.Epoch ?? "").ToList();
            if (epochs.Count > 1)
                yield return Found("R16", Severity.Warning, $"{group.First().Quantity.Offset} is counted from {epochs.Count} beginnings", $"{string.Join("; ", epochs.Select(epoch => $"{string.Join(", ", epoch.Select(aim => aim.Object.Title))} from {(epoch.Key.Length > 0 ? epoch.Key : "no named event")}"))}. Count them from one event.", group.Select(aim => aim.Cited));
        }
    }

    // One term of the plan, several durations: which of them does the customer wait for?
    static IEnumerable<Finding> Terms(LintedPlan plan)
    {
        foreach (var term in plan.Plan.Of("Metric").Where(metric => metric.Text("term") is not null || metric.Text("type") == "duration").GroupBy(metric => FeatureWindows.Slug(metric.Text("term") ?? Bare(metric.Title))).Where(group => group.Key.Length > 0 && group.Count() > 1))
        {
            var aims = plan.Aims.Where(aim => term.Any(metric => metric.Name == aim.Metric) && aim.Quantity.Unit.Dimension == Dimension.Time).ToList();
            var clocks = term.Select(metric => metric.Text("clock") ?? metric.Name).Distinct().Count();
            // A word that the plan itself ties to two clocks is ambiguous before anything is promised in it.
            var tied = term.Where(metric => metric.Text("term") is not null).Select(metric => metric.Text("clock")).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Count() > 1;
            if (tied || clocks > 1 && aims.Select(aim => (aim.Quantity.BasicLow, aim.Quantity.BasicHigh)).Distinct().Count() > 1)
                yield return Found("R16", Severity.Warning, $"{term.Key} is counted by {clocks} clocks", $"{string.Join("; ", term.Select(metric => $"{metric.Title} ({metric.Text("clock") ?? "no clock named"}): {string.Join(", ", aims.Where(aim => aim.Metric == metric.Name).Select(aim => aim.Quantity.ToString()).DefaultIfEmpty("no target"))}"))}. Give each its own term, or keep one.", [.. term.Select(metric => Cited.Field(metric, metric.Text("clock") is null ? "type" : "clock")), .. aims.Select(aim => aim.Cited)]);
        }
    }

    // "Setup time" and "Setup duration" speak of one thing.
    static string Bare(string title) => string.Join(' ', MetricRole.Words(title).Where(word => word is not ("time" or "duration" or "to" or "the" or "average" or "avg" or "median" or "mean" or "of")));
}
