using PenguinMails.Insight;

namespace PenguinMails.Oversight.Kpis;

/// <summary>How fresh and complete the values of a figure are.</summary>
/// <param name="Due">First day of the newest period that should be there.</param>
/// <param name="Newest">First day of the newest closed period that is; null without values.</param>
/// <param name="Filled">Share of the last 26 closed periods since the first value that have one, 0 to 1.</param>
public sealed record DataTrust(Kpi Kpi, DateOnly Due, DateOnly? Newest, double Filled)
{
    const int Periods = 26;

    public bool IsLate => Newest is { } newest && newest < Due;

    public static DataTrust Of(Kpi kpi, IReadOnlyList<KpiValue> values, DateOnly today)
    {
        var due = kpi.StartOf(today);
        while (!kpi.IsClosed(due, today)) due = kpi.Grain.Add(due, -1);
        var known = values.Where(value => value.Observed is not null && value.Start <= due).Select(value => value.Start).ToHashSet();
        if (known.Count == 0) return new(kpi, due, null, 0);
        var expected = Enumerable.Range(1 - Periods, Periods).Select(back => kpi.Grain.Add(due, back)).Where(start => start >= known.Min()).ToList();
        return new(kpi, due, known.Max(), expected.Count == 0 ? 0 : (double)expected.Count(known.Contains) / expected.Count);
    }
}
