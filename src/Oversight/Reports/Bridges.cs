using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Oversight.Reports;

/// <summary>What moved recurring revenue in a month: start + new + expansion + reactivation − contraction − churn = end, exactly.</summary>
static class Bridges
{
    static readonly (string Kpi, string Name, int Sign)[] Movements =
        [("mrr_new", "New", 1), ("mrr_expansion", "Expansion", 1), ("mrr_reactivation", "Reactivation", 1), ("mrr_contraction", "Contraction", -1), ("mrr_churn", "Churn", -1)];

    /// <returns>The bridge, or why there is none.</returns>
    public static (ReportBridge? Bridge, string? Missing) Of(ReportFacts facts)
    {
        if (facts.Kind is not (ReportKind.Board or ReportKind.Finance)) return (null, null);
        if (facts.Kpis.All(kpi => kpi.Key != "mrr")) return (null, null);
        var (start, end) = (Value(facts, "mrr", facts.From.AddMonths(-1)), Value(facts, "mrr", facts.From));
        if (start is null || end is null) return (null, "No bridge of recurring revenue: its value at both ends of the month is needed (penguin kpi load mrr).");
        var moved = Movements.Select(one => (one.Name, one.Kpi, one.Sign, Value: Value(facts, one.Kpi, facts.From))).ToList();
        var missing = moved.Where(one => one.Value is null).Select(one => one.Kpi).ToList();
        if (missing.Count > 0) return (null, $"No bridge of recurring revenue: {string.Join(", ", missing)} {(missing.Count == 1 ? "has" : "have")} no value for the month.");
        var steps = new List<BridgeStep> { new("Start", start.Value.GetValueOrDefault(), IsTotal: true) };
        steps.AddRange(moved.Select(one => new BridgeStep(one.Name, one.Sign * (one.Value?.Value).GetValueOrDefault(), IsTotal: false)));
        steps.Add(new("End", end.Value.GetValueOrDefault(), IsTotal: true));
        // Money has two decimals at most; what floating point adds beyond them is none.
        var residue = Math.Round(steps[^1].Amount - steps.Take(steps.Count - 1).Sum(step => step.Amount), 2, MidpointRounding.ToEven);
        return (new ReportBridge(end.Unit, steps, residue), null);
    }

    static KpiValue? Value(ReportFacts facts, string key, DateOnly month) => KpiCatalog.Find(key) is { } kpi ? facts.Closed(kpi).FirstOrDefault(value => value.Start == month) : null;
}
