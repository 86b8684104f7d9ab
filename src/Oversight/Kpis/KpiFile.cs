using System.Globalization;
using PenguinMails.Core;
using PenguinMails.Insight;

namespace PenguinMails.Oversight.Kpis;

/// <summary>Values of a figure as CSV: <c>start,value</c>, or <c>start,num,den</c> for a rate.</summary>
public static class KpiFile
{
    /// <summary>Characters of a file.</summary>
    public const int TextLengthMax = 1_000_000;

    const int RowsMax = 5_000;
    const int FaultsMax = 100;

    /// <summary>What its values are in: the currency for money, else the figure's own unit.</summary>
    public static string Unit(Kpi kpi, string? currency) => kpi.Kind == MetricKind.Money ? currency ?? "" : kpi.Unit;

    /// <param name="currency">ISO 4217, for money; ignored for everything else.</param>
    /// <param name="today">No period may begin after it.</param>
    /// <returns>Faults with their line, at most 100; the values mean something only when there are none.</returns>
    public static async Task<(IReadOnlyList<KpiValue> Values, IReadOnlyList<FieldProblem> Faults)> Read(Kpi kpi, string csv, string? currency, DateOnly today, CancellationToken ct)
    {
        var (values, faults) = (new List<KpiValue>(), new List<FieldProblem>());
        if (csv.Length is 0 or > TextLengthMax) faults.Add(new("csv", $"1 to {TextLengthMax:N0} characters."));
        if (kpi.Kind == MetricKind.Money && (currency is null || !Plans.Unit.IsCurrency(currency))) faults.Add(new("currency", "Name the currency by its ISO 4217 code, such as EUR or USD."));
        if (faults.Count > 0) return (values, faults);

        var reader = new CsvReader(new StringReader(csv), CsvReader.DelimiterOf(csv));
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
            else if (Value(kpi, row, columns.Length, today, Unit(kpi, currency), out var wrong) is not { } value) faults.Add(At(row, wrong));
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
}
