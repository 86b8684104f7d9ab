using System.Globalization;
using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R09: phases in order exclude each other in time.</summary>
static class ExclusiveWindows
{
    /// <param name="Start">Day number, or number of the week where the plan counts weeks.</param>
    internal sealed record Stretch(PlanObject Phase, int Start, int End, bool Weeks, string Shown);

    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        foreach (var budgets in Budgets(plan)) yield return budgets;
        foreach (var group in plan.Plan.Of("Phase").Where(phase => !phase.Is("parallel") && !plan.IsSuperseded(phase)).Select(Read).OfType<Stretch>().GroupBy(stretch => (stretch.Phase.Text("track") ?? stretch.Phase.Text("parent") ?? "", stretch.Weeks)))
        {
            var all = group.OrderBy(stretch => stretch.Phase.Number("order") ?? 0).ThenBy(stretch => stretch.Start).ToList();
            for (var i = 0; i < all.Count; i++)
                for (var j = i + 1; j < all.Count; j++)
                    if (all[i].Start <= all[j].End && all[j].Start <= all[i].End) yield return Overlap(all[i], all[j]);
                    else if (all[j].End < all[i].Start && all[i].Phase.Number("order") < all[j].Phase.Number("order")) yield return Reversed(all[i], all[j]);
        }
    }

    // Two budgets of one purpose count the shared time twice.
    static IEnumerable<Finding> Budgets(LintedPlan plan)
    {
        foreach (var group in plan.Plan.Of("Budget").Where(budget => budget.Text("scope") is not null && budget.Period("period") is not null && !plan.IsSuperseded(budget)).GroupBy(budget => (FeatureWindows.Slug(budget.Text("scope") ?? ""), budget.Text("costCentre"))))
        {
            var all = group.OrderBy(budget => budget.Period("period")?.Start).ToList();
            for (var i = 1; i < all.Count; i++)
                if (all[i - 1].Period("period") is { } before && all[i].Period("period") is { } after && before.Overlaps(after))
                    yield return Found("R09", Severity.Warning, $"{all[i - 1].Title} and {all[i].Title} cover the same time", $"Both are for {all[i].Text("scope")}: {before} and {after} overlap, so the shared time is budgeted twice. Move one, or tell their purposes apart.", Cited.Field(all[i - 1], "period"), Cited.Field(all[i], "period"));
        }
    }

    static Finding Overlap(Stretch left, Stretch right)
    {
        var (from, to) = (Math.Max(left.Start, right.Start), Math.Min(left.End, right.End));
        var shared = left.Weeks ? $"week {from}{(to > from ? $" to {to}" : "")}" : $"{Day(from)} to {Day(to)}";
        return Found("R09", Severity.Error, $"{left.Phase.Title} and {right.Phase.Title} overlap", $"{left.Phase.Title} ({left.Shown}) and {right.Phase.Title} ({right.Shown}) exclude each other, and share {shared}. Move one, or mark one as parallel.", Cite(left), Cite(right));
    }

    static Finding Reversed(Stretch left, Stretch right) =>
        Found("R09", Severity.Error, $"{right.Phase.Title} lies before {left.Phase.Title}", $"{right.Phase.Title} ({right.Shown}) is later in order than {left.Phase.Title} ({left.Shown}), and earlier in time. Correct order or window.", Cite(left), Cite(right));

    static Cited Cite(Stretch stretch) => new(stretch.Phase, stretch.Phase.Spec["window"], stretch.Shown);

    static string Day(int number) => number >= DateOnly.MaxValue.DayNumber ? "an open end" : DateOnly.FromDayNumber(number).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    internal static Stretch? Read(PlanObject phase)
    {
        if (phase.Period("window") is { } period) return new Stretch(phase, period.Start.DayNumber, period.End.DayNumber, Weeks: false, period.Text.Trim('/'));
        if (phase.Spec.Map("window") is not { } map || Week(map.Text("start")) is not { } start || Week(map.Text("end")) is not { } end) return null;
        return new Stretch(phase, start, end, Weeks: true, $"week {start} to {end}");
    }

    static int? Week(string? text) => text is not null && text.Trim().ToLowerInvariant().Replace("weeks", "", StringComparison.Ordinal).Replace("week", "", StringComparison.Ordinal).TrimStart('w', ' ') is var digits && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var week) ? week : null;
}
