using Npgsql;
using PenguinMails.Core.Db;
using PenguinMails.Insight;

namespace PenguinMails.Oversight.Kpis;

/// <summary>The SQL of values: written in bulk, read as series.</summary>
static class KpiBook
{
    /// <summary>Periods of a series that are read: two years of weeks and a little.</summary>
    public const int PeriodsMax = 110;

    const string Upsert = """
        insert into oversight.kpi_value (tenant_id, kpi, start, numerator, denominator, value, unit, version, load_id, line, computed_at)
        select $1, v.kpi, v.start, v.numerator, v.denominator, v.value, v.unit, v.version, $9, v.line, $11
        from unnest($2::text[], $3::date[], $4::bigint[], $5::bigint[], $6::double precision[], $7::text[], $8::smallint[], $10::integer[]) as v (kpi, start, numerator, denominator, value, unit, version, line)
        on conflict (tenant_id, kpi, start) do update
        set numerator = excluded.numerator, denominator = excluded.denominator, value = excluded.value, unit = excluded.unit, version = excluded.version, load_id = excluded.load_id,
          line = excluded.line, computed_at = excluded.computed_at
        where (oversight.kpi_value.numerator, oversight.kpi_value.denominator, oversight.kpi_value.value, oversight.kpi_value.version, oversight.kpi_value.unit)
          is distinct from (excluded.numerator, excluded.denominator, excluded.value, excluded.version, excluded.unit)
        """;

    const string Select = """
        select kpi, start, numerator, denominator, value, unit, version, load_id, line
        from oversight.kpi_value
        where tenant_id = $1 and start >= $2 and ($3::text is null or kpi = $3)
        order by kpi, start
        limit 20000
        """;

    /// <returns>Values that are new or differ from what was there.</returns>
    public static Task<int> Write(TenantTx tx, IReadOnlyList<(string Kpi, KpiValue Value)> values, Guid? load, DateTimeOffset now, CancellationToken ct) => tx.Execute(Upsert, ct, tx.Tenant,
        values.Select(v => v.Kpi).ToArray(), values.Select(v => v.Value.Start).ToArray(), values.Select(v => v.Value.Numerator).ToArray(), values.Select(v => v.Value.Denominator).ToArray(),
        values.Select(v => v.Value.Value).ToArray(), values.Select(v => v.Value.Unit).ToArray(), values.Select(v => (short)v.Value.Version).ToArray(), load, values.Select(v => v.Value.Line).ToArray(), now);

    /// <summary>Every series of the account, oldest first, as far back as two years.</summary>
    /// <param name="kpi">Null: all of them.</param>
    public static async Task<ILookup<string, KpiValue>> Read(TenantTx tx, string? kpi, DateOnly today, CancellationToken ct) =>
        (await tx.List(Select, row => (row.GetString(0), Read(row)), ct, tx.Tenant, today.AddYears(-2).AddDays(-14), kpi)).ToLookup(row => row.Item1, row => row.Item2, StringComparer.Ordinal);

    /// <summary>The newest periods of every series: what small charts show.</summary>
    /// <param name="periods">As weeks; months reach back as far as that many of them.</param>
    public static async Task<ILookup<string, KpiValue>> Recent(TenantTx tx, DateOnly today, int periods, CancellationToken ct) =>
        (await tx.List(Select, row => (row.GetString(0), Read(row)), ct, tx.Tenant, today.AddDays(-7 * (periods + 2)), null)).ToLookup(row => row.Item1, row => row.Item2, StringComparer.Ordinal);

    static KpiValue Read(NpgsqlDataReader row) => new(
        row.GetFieldValue<DateOnly>(1), row.Maybe<long>(2), row.Maybe<long>(3), row.Maybe<double>(4), row.GetString(5), row.GetInt16(6), row.Maybe<Guid>(7), row.Maybe<int>(8));

    /// <summary>The series the engine judges: where the definition's version changes, it begins anew.</summary>
    public static List<SeriesPoint> Series(Kpi kpi, IEnumerable<KpiValue> values, DateOnly today)
    {
        var points = new List<SeriesPoint>();
        var version = 0;
        foreach (var value in values.TakeLast(PeriodsMax))
        {
            var rebase = version != 0 && value.Version != version ? kpi.Versions.FirstOrDefault(v => v.Number == value.Version)?.Change ?? "The definition changed." : null;
            version = value.Version;
            points.Add(new(value.Start, value.Value, value.Numerator, value.Denominator, !kpi.IsClosed(value.Start, today), rebase));
        }

        return points;
    }
}
