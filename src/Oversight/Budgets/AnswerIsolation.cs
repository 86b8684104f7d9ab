using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Insight;
using PenguinMails.Oversight.Answers;
using PenguinMails.Oversight.Costs;

namespace PenguinMails.Oversight.Budgets;

/// <summary>Q07: what does each workspace or group of domains cost on its own? Refuses as <see cref="ReadBudget"/> does.</summary>
public static class AnswerIsolation
{
    const string Href = "/budget?view=centres";

    public static async Task<Result<Answer>> Handle(Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        var read = await ReadBudget.Handle(actor, null, null, db, settings, clock, ct);
        return read.Problem is { } problem ? problem : Say(read.Value);
    }

    /// <summary>The same from what was read already; reads nothing.</summary>
    public static Answer Say(ReadBudget.Output budget)
    {
        if (!budget.HasCosts || budget.Currency is not { } currency) return Answer.Missing("No cost is loaded yet, so nothing can be told apart. Load a CSV with a column cost_centre.", Href);
        var own = budget.Centres.Where(line => line.Name.Length > 0).ToList();
        if (own.All(line => line.Actual == 0)) return Answer.Missing("No cost names a cost centre. Add the column cost_centre with a workspace or a group of domains.", Href);
        var (all, shared) = (budget.Centres.Sum(line => line.Actual), budget.Centres.Where(line => line.Name.Length == 0).Sum(line => line.Actual));
        var told = own.Where(line => line.Actual != 0).Take(3).Select(line => $"{line.Name} spent {MinorUnits.Show(line.Actual, currency)}{(line.Planned is { } planned ? $" of its {MinorUnits.Show(planned, currency)}" : " and has no budget of its own")}");
        var over = own.Where(line => line is { IsMaterial: true, Delta: > 0 }).ToList();
        return new($"{string.Join(", ", told)}{(shared != 0 ? $"; {MinorUnits.Show(shared, currency)} belongs to no group" : "")}{(over.Count > 0 ? $"; over budget: {string.Join(", ", over.Select(line => line.Name))}" : "")}.",
            own.Any(line => line.Planned is not null) ? over.Count > 0 ? Direction.Worsening : Direction.Flat : null, $"{MinorUnits.Show(all, currency)} in all, {budget.Months[0].Text()} to {budget.Months[^1].AddMonths(1).AddDays(-1).Text()}", Href, false);
    }
}
