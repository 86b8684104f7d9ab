using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Insight;

namespace PenguinMails.Oversight.Kpis;

/// <summary>Takes values of a KPI that nothing here can count yet from a CSV file: all of them or none.</summary>
/// <remarks>Columns <c>start,value</c>, or <c>start,num,den</c> for a rate. A period that is there already is replaced, and its line and file are kept with it.
/// Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>kpi.not_found</c>, <c>kpi.counted_here</c> or <c>kpi.invalid</c> with every fault and its line.</remarks>
public static class LoadKpi
{
    /// <summary>Characters of a file.</summary>
    public const int TextLengthMax = 1_000_000;

    const int RowsMax = 5_000;
    const int FaultsMax = 100;

    /// <param name="File">Name of the file, for people who look where a number came from; 1 to 200 characters.</param>
    /// <param name="Currency">ISO 4217, for money; null for everything else.</param>
    public sealed record Input(string Csv, string File, string? Currency = null);

    /// <param name="Changed">Periods that are new or have another value now.</param>
    public sealed record Output(string Kpi, int Rows, int Changed, string Load);

    const string Insert = "insert into oversight.kpi_load (tenant_id, id, kpi, file, sha256, rows, loaded_by, loaded_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";

    const string OtherUnit = "select unit from oversight.kpi_value where tenant_id = $1 and kpi = $2 and unit <> $3 and start <> all($4) limit 1";

    public static async Task<Result<Output>> Handle(Actor actor, string key, Input input, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        if (KpiCatalog.Find(key) is not { } kpi || !ListKpis.IsShown(kpi, actor, settings)) return ListKpis.NotFound;
        if (kpi.Source == KpiSource.Facts) return new Problem(ProblemKind.Conflict, "kpi.counted_here", $"{kpi.Name} is counted from what happens here and takes no values from outside.");
        var now = clock.GetUtcNow();
        var (values, faults) = await Parse(kpi, input, DateOnly.FromDateTime(now.UtcDateTime), ct);
        if (faults.Count > 0) return Problem.Invalid("kpi.invalid", [.. faults]);

        await using var tx = await db.Begin(actor.Tenant, ct);
        var unit = Unit(kpi, input);
        if (kpi.Kind == MetricKind.Money && await tx.Maybe(OtherUnit, row => row.GetString(0), ct, actor.Tenant, kpi.Key, unit, values.Select(value => value.Start).ToArray()) is { } other)
            return Problem.Invalid("kpi.invalid", new FieldProblem("currency", $"The values there are in {other}; one series has one currency. Convert these, or load every period there is in one file."));
        var load = Guid.CreateVersion7(now);
        await tx.Execute(Insert, ct, actor.Tenant, load, kpi.Key, input.File.Trim(), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(input.Csv))), values.Count, actor.Label, now);
        var changed = await KpiBook.Write(tx, [.. values.Select(value => (kpi.Key, value))], load, now, ct);
        await JudgeKpis.Within(tx, now, ct);
        await tx.Append(actor, "kpi.loaded", kpi.Key, new { rows = values.Count, changed }, now, ct);
        await tx.Commit(ct);
        return new Output(kpi.Key, values.Count, changed, load.ToString("N"));
    }

    static string Unit(Kpi kpi, Input input) => kpi.Kind == MetricKind.Money ? input.Currency ?? "" : kpi.Unit;

    static async Task<(List<KpiValue> Values, List<FieldProblem> Faults)> Parse(Kpi kpi, Input input, DateOnly today, CancellationToken ct)
    {
        var (values, faults) = (new List<KpiValue>(), new List<FieldProblem>());
        if (input.Csv.Length is 0 or > TextLengthMax) faults.Add(new("csv", $"1 to {TextLengthMax:N0} characters."));
        if (input.File.Trim().Length is 0 or > 200 || input.File.Any(char.IsControl)) faults.Add(new("file", "1 to 200 characters."));
        if (kpi.Kind == MetricKind.Money && (input.Currency is not { } currency || !Plans.Unit.IsCurrency(currency))) faults.Add(new("currency", "Name the currency by its ISO 4217 code, such as EUR or USD."));
        if (faults.Count > 0) return (values, faults);

        var reader = new CsvReader(new StringReader(input.Csv), CsvReader.DelimiterOf(input.Csv));
        var columns = kpi.Kind == MetricKind.Rate ? new[] { "start", "num", "den" } : ["start", "value"];
        var starts = new HashSet<DateOnly>();
        while (await reader.Next(ct) is { } row)
        {
            if (faults.Count >= FaultsMax) break;
            if (row.Number == 0)
            {
                if (!row.Cells.Select(cell => cell.Trim().ToLowerInvariant()).SequenceEqual(columns)) faults.Add(At(row, $"The first line must be {string.Join(',', columns)}."));
            }
            else if (row.Number > RowsMax) faults.Add(At(row, $"At most {RowsMax:N0} periods at once."));
            else if (row.Fault is { } fault) faults.Add(At(row, fault.Replace('_', ' ')));
            else if (Value(kpi, row, columns.Length, today, Unit(kpi, input), out var wrong) is not { } value) faults.Add(At(row, wrong));
            else if (!starts.Add(value.Start)) faults.Add(At(row, $"{value.Start:O} is there twice."));
            else values.Add(value);
            if (row.Number > RowsMax) break;
        }

        if (values.Count == 0 && faults.Count == 0) faults.Add(new("csv", "There is no period below the first line."));
        return (values, faults);
    }

    static KpiValue? Value(Kpi kpi, CsvRow row, int columns, DateOnly today, string unit, out string wrong)
    {
        wrong = "";
        if (row.Cells.Count != columns) wrong = $"{columns} cells are needed; there are {row.Cells.Count}.";
        else if (!DateOnly.TryParseExact(row.Cells[0].Trim(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var start)) wrong = $"{row.Cells[0]} is no date; write it as 2026-11-01.";
        else if (kpi.StartOf(start) != start) wrong = kpi.Grain == Grain.Week ? $"{start:O} is no Monday; weeks begin on Mondays." : $"{start:O} is not the first of a month.";
        else if (start > today) wrong = $"{start:O} has not begun yet.";
        else if (columns == 2) return Number(row.Cells[1], out var value, ref wrong) ? new(start, null, null, value, unit, kpi.Version, null, (int)row.Line) : null;
        else if (Whole(row.Cells[1], out var hits, ref wrong) && Whole(row.Cells[2], out var trials, ref wrong))
        {
            if (hits <= trials) return new(start, hits, trials, null, unit, kpi.Version, null, (int)row.Line);
            wrong = $"num is {hits} and den is {trials}: there cannot be more hits than cases.";
        }

        return null;
    }

    static bool Number(string cell, out double value, ref string wrong)
    {
        var isNumber = double.TryParse(cell.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) && Math.Abs(value) <= 1e15;
        if (!isNumber) wrong = $"{cell} is no number; write 1234.5, without separators of thousands.";
        return isNumber;
    }

    static bool Whole(string cell, out long value, ref string wrong)
    {
        var isWhole = long.TryParse(cell.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= 1_000_000_000_000;
        if (!isWhole) wrong = $"{cell} is no whole number from 0 on.";
        return isWhole;
    }

    static FieldProblem At(CsvRow row, string detail) => new($"line {row.Line}", detail);

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/kpis/{kpi}/values",
        async (Actor actor, string kpi, Input input, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) => (await Handle(actor, kpi, input, db, settings, clock, ct)).ToHttp());
}
