using System.Diagnostics;
using System.Globalization;
using PenguinMails.Cli;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Insight;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Brief;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Bench;

/// <summary>A year of figures for many accounts whose truth is known: how long judging takes, how fast the Brief opens, and how often what it claims is so.</summary>
/// <remarks>The generator, with a fixed seed: each series has one truth. Of 20 series of an account 12 are flat, 2 rise and 1 falls steadily by three standard deviations over the year, 3 have a step of three
/// in the middle, 1 has a yearly season of two, and every tenth account is quiet: it has values in one week of four only. Noise is AR(1) with φ = 0.3 and a standard deviation of what the figure calls material.</remarks>
static class OversightBench
{
    const int Weeks = 52;
    const int Figures = 20;
    const int Reads = 400;
    const double Memory = 0.3;
    const double FalseClaims = 0.082, FoundTrends = 0.973; // docs/guide/insight.md, n = 52, φ = 0.3.
    static readonly DateOnly First = new(2025, 11, 17);
    static readonly DateTimeOffset Now = new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero);

    enum Truth { Flat, Rise, Fall, Step, Season }

    const string Insert = """
        insert into oversight.kpi_value (tenant_id, kpi, start, numerator, denominator, value, unit, version, computed_at)
        select $1, v.kpi, v.start, v.numerator, v.denominator, v.value, 'x', 1, $7
        from unnest($2::text[], $3::date[], $4::bigint[], $5::bigint[], $6::double precision[]) as v (kpi, start, numerator, denominator, value)
        """;

    static readonly Kpi[] Judged = [.. KpiCatalog.All.Where(kpi => kpi.Grain == Grain.Week).Take(Figures)];

    static Truth TruthOf(int figure) => figure switch { < 12 => Truth.Flat, < 14 => Truth.Rise, 14 => Truth.Fall, < 18 => Truth.Step, 18 => Truth.Season, _ => Truth.Flat };

    public static async Task Run(int accounts, CancellationToken ct)
    {
        await using var stage = await Stage.Open(Roles.Web, ct);
        var tenants = Enumerable.Range(0, accounts).Select(i => TypedId.New<TenantId>(Now.AddMilliseconds(-i))).ToList();
        var random = new Random(26);
        foreach (var (tenant, i) in tenants.Select((tenant, i) => (tenant, i))) await Fill(stage.Db, tenant, isQuiet: i % 10 == 9, random, ct);
        await using (var command = stage.Database.OpenAsOwner().CreateCommand("analyze")) await command.ExecuteNonQueryAsync(ct);

        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(tenants, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = ct }, async (tenant, stop) =>
        {
            await using var tx = await stage.Db.Begin(tenant, stop);
            await JudgeKpis.Within(tx, Now, stop);
            await tx.Commit(stop);
        });
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Stage.Row($"{accounts:#,0} accounts × {Judged.Length} figures judged", $"{seconds:0.0} s", "", "", "under 60 s");
        Stage.Row("Brief, p95", $"{await Brief(stage, tenants, random, ct):0} ms", "", "", "under 300 ms");
        await Right(stage.Db, tenants, ct);
    }

    static async Task Fill(TenantDb db, TenantId tenant, bool isQuiet, Random random, CancellationToken ct)
    {
        var (keys, starts, hits, trials, values) = (new List<string>(), new List<DateOnly>(), new List<long?>(), new List<long?>(), new List<double?>());
        for (var figure = 0; figure < Judged.Length; figure++)
        {
            var noise = Normal(random);
            for (var week = 0; week < Weeks; week++)
            {
                noise = Memory * noise + Math.Sqrt(1 - Memory * Memory) * Normal(random);
                if (isQuiet && week % 4 != 0) continue;
                var deviations = noise + At(TruthOf(figure), week);
                var (kpi, isRate) = (Judged[figure], Judged[figure].Kind == MetricKind.Rate);
                keys.Add(kpi.Key);
                starts.Add(First.AddDays(7 * (week - 2)));
                // Rates over many cases, so that the noise is the generator's; values around 1,000, where a share of the level is a material change.
                hits.Add(isRate ? Math.Clamp((long)Math.Round(1e7 * (0.5 + kpi.Materiality.Absolute * deviations)), 0, 10_000_000) : null);
                trials.Add(isRate ? 10_000_000 : null);
                values.Add(isRate ? null : 1000 + Math.Max(kpi.Materiality.Absolute, 1000 * kpi.Materiality.Relative) * deviations);
            }
        }

        await using var tx = await db.Begin(tenant, ct);
        await tx.Execute(Insert, ct, tenant, keys.ToArray(), starts.ToArray(), hits.ToArray(), trials.ToArray(), values.ToArray(), Now);
        await tx.Commit(ct);
    }

    static double At(Truth truth, int week) => truth switch
    {
        Truth.Rise => 3.0 * week / (Weeks - 1),
        Truth.Fall => -3.0 * week / (Weeks - 1),
        Truth.Step => week < Weeks / 2 ? 0 : 3,
        Truth.Season => 2 * Math.Sin(2 * Math.PI * week / Weeks),
        _ => 0,
    };

    static async Task<double> Brief(Stage stage, List<TenantId> tenants, Random random, CancellationToken ct)
    {
        var (settings, clock) = (new OversightSettings(stage.Tenant), new Fixed(Now));
        var times = new List<double>();
        for (var read = 0; read < Reads; read++)
        {
            var actor = Actor.System(tenants[random.Next(tenants.Count)], stage.Workspace);
            var started = Stopwatch.GetTimestamp();
            if (!(await ReadBrief.Handle(actor, stage.Db, clock, ct)).IsOk || !(await ListKpis.Handle(actor, stage.Db, settings, clock, ct)).IsOk) throw new InvalidOperationException("The Brief was refused.");
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return times.Order().ElementAt((int)(0.95 * Reads));
    }

    static async Task Right(TenantDb db, List<TenantId> tenants, CancellationToken ct)
    {
        var told = new List<(Truth Truth, bool IsQuiet, KpiVerdict Verdict)>();
        foreach (var (tenant, i) in tenants.Select((tenant, i) => (tenant, i)))
        {
            await using var tx = await db.Begin(tenant, ct);
            foreach (var verdict in await tx.List(KpiVerdict.SelectLatest, KpiVerdict.Read, ct, tenant, null))
                told.Add((TruthOf(Array.FindIndex(Judged, kpi => kpi.Key == verdict.Kpi)), i % 10 == 9, verdict));
        }

        var loud = told.Where(one => !one.IsQuiet).ToList();
        string Share(Truth truth, Func<KpiVerdict, bool> claims) => loud.Where(one => one.Truth == truth).Select(one => claims(one.Verdict) ? 1.0 : 0).DefaultIfEmpty(0).Average().ToString("0.000", CultureInfo.InvariantCulture);
        Stage.Row("claimed where nothing happens", Share(Truth.Flat, IsClaim), $"{FalseClaims} published", "", "no more often");
        Stage.Row("steady changes of 3 deviations found", Share(Truth.Rise, IsClaim), $"{FoundTrends} published, each alone", "", "weighed with 19 others");
        Stage.Row("steps of 3 deviations found", Share(Truth.Step, IsClaim), "", "", "");
        Stage.Row("claimed of a season of 2 deviations", Share(Truth.Season, IsClaim), "", "", "a year is too short to tell one");
        Stage.Row("quiet accounts not judged", (told.Where(one => one.IsQuiet).Select(one => one.Verdict.Direction == Direction.NotEnoughData ? 1.0 : 0).DefaultIfEmpty(0).Average()).ToString("0.000", CultureInfo.InvariantCulture), "", "", "1");
    }

    static bool IsClaim(KpiVerdict verdict) => verdict.Direction is Direction.Improving or Direction.Worsening;

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    sealed class Fixed(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
