using PenguinMails.Core.Db;
using PenguinMails.Insight;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Kpis;

/// <summary>Judges every KPI of an account that has values, together: of twenty that claim something by chance, one would.</summary>
static class JudgeKpis
{
    /// <summary>In the caller's transaction, so that values and verdicts are of one moment.</summary>
    /// <returns>How many were judged.</returns>
    public static async Task<int> Within(TenantTx tx, DateTimeOffset now, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var values = await KpiBook.Read(tx, null, today, ct);
        if (values.Count == 0) return 0;
        var before = (await tx.List(KpiVerdict.SelectLatest, KpiVerdict.Read, ct, tx.Tenant, null)).ToDictionary(verdict => verdict.Kpi, StringComparer.Ordinal);
        var plan = (await CurrentPlan.Read(tx, ct))?.Plan;
        var series = KpiCatalog.All.Where(kpi => values.Contains(kpi.Key)).Select(kpi => (Kpi: kpi, Points: KpiBook.Series(kpi, values[kpi.Key], today))).Where(one => one.Points.Any(point => !point.IsPartial)).ToList();
        foreach (var verdict in Weighed(series, plan, before, now)) verdict.Write(tx);
        return series.Count;
    }

    static IEnumerable<KpiVerdict> Weighed(List<(Kpi Kpi, List<SeriesPoint> Points)> series, Plans.Plan? plan, Dictionary<string, KpiVerdict> before, DateTimeOffset now)
    {
        var tiles = series.ConvertAll(one =>
        {
            var spec = one.Kpi.ToSpec(PlanTargets.Of(plan, one.Kpi));
            return new Tile(spec, DirectionVerdict.Of(one.Points, spec, null));
        });
        var weighed = Multiplicity.Weigh(tiles);
        for (var i = 0; i < series.Count; i++)
        {
            var through = series[i].Points.Last(point => !point.IsPartial).Start;
            yield return KpiVerdict.Of(series[i].Kpi, through, weighed[i], Told(before.GetValueOrDefault(series[i].Kpi.Key), through, weighed[i].Direction), now);
        }
    }

    // The same period judged again is no second evaluation: it starts from what was told before it.
    static Announcement Told(KpiVerdict? last, DateOnly through, Direction current)
    {
        if (last is null) return Announcement.None.Next(current);
        return last.Through == through && last.Direction == current ? new(last.Announced, last.Pending) : new Announcement(last.Announced, last.Through == through ? null : last.Pending).Next(current);
    }
}
