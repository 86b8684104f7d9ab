using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Insight;
using PenguinMails.Oversight.Answers;
using PenguinMails.Oversight.Costs;

namespace PenguinMails.Oversight.Budgets;

/// <summary>Q04: which budget lines are over what matters, and why? Over the closed months of the fiscal year. Refuses as <see cref="ReadBudget"/> does.</summary>
public static class AnswerBreaches
{
    const string Href = "/budget";

    public static async Task<Result<Answer>> Handle(Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        var read = await ReadBudget.Handle(actor, null, null, db, settings, clock, ct);
        return read.Problem is { } problem ? problem : Say(read.Value);
    }

    /// <summary>The same from what was read already; reads nothing.</summary>
    public static Answer Say(ReadBudget.Output budget)
    {
        if (!budget.HasCosts || budget.Currency is not { } currency) return Answer.Missing("No cost is loaded yet, so nothing can be held against the plan. Load a CSV of what was billed.", Href);
        var time = $"{budget.Months[0].Text()} to {budget.Months[^1].AddMonths(1).AddDays(-1).Text()}";
        var number = $"{MinorUnits.Show(budget.Lines.Sum(line => line.Actual), currency)} spent, {MinorUnits.Show(budget.Lines.Sum(line => line.Planned), currency)} planned, {time}";
        var over = budget.Lines.Where(line => line is { IsMaterial: true, Off: > 0 }).OrderByDescending(line => line.Off).ToList();
        // What was saved is told too: it may be a bill that is missing.
        var under = budget.Lines.Where(line => line is { IsMaterial: true, Off: < 0 }).OrderBy(line => line.Off).ToList();
        var saved = under.Count == 0 ? "" : $"; {under.Count} {(under.Count == 1 ? "line is" : "lines are")} under, most {under[0].Title} by {MinorUnits.Show(-under[0].Off, currency)}{(under[0].Cause is { } why ? $" ({why})" : "")}";
        if (over.Count == 0) return new($"No line is over its budget by {budget.MaterialityPercent:0.##} % and {MinorUnits.Show(budget.MaterialityFloor, currency)}{saved}.", Direction.Flat, number, Href, false);
        var worst = over[0];
        var what = worst.IsPlanned ? $"is {MinorUnits.Show(worst.Off, currency)} over its plan{(worst.Cause is { } cause ? $" ({cause})" : "")}" : $"cost {MinorUnits.Show(worst.Off, currency)} and stands in no plan";
        return new($"{worst.Title} {what}, {(worst.Owner is { } owner ? $"{owner} answers for it" : "nobody answers for it yet")}{(over.Count > 1 ? $"; {over.Count - 1} more {(over.Count == 2 ? "line is" : "lines are")} over, next {over[1].Title}" : "")}.",
            Direction.Worsening, number, Href, false);
    }
}
