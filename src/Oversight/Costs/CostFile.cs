using System.Globalization;
using PenguinMails.Core;

namespace PenguinMails.Oversight.Costs;

/// <summary>Reads costs from CSV: columns by name in any order, ours or those of FOCUS.</summary>
/// <remarks>FOCUS (FinOps Open Cost and Usage Specification) names: ChargePeriodStart, ProviderName, ServiceName, BilledCost, BillingCurrency; x_cost_line, x_cost_centre and x_cogs are ours.</remarks>
static class CostFile
{
    public const int RowsMax = 100_000;
    const int FaultsMax = 100;

    static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["billed_on"] = "billed_on", ["chargeperiodstart"] = "billed_on", ["vendor"] = "vendor", ["providername"] = "vendor", ["service"] = "service", ["servicename"] = "service",
        ["cost_line"] = "cost_line", ["driver"] = "driver", ["x_cost_line"] = "cost_line", ["amount"] = "amount", ["billedcost"] = "amount", ["currency"] = "currency", ["billingcurrency"] = "currency",
        ["cost_centre"] = "cost_centre", ["x_cost_centre"] = "cost_centre", ["cogs"] = "cogs", ["x_cogs"] = "cogs",
    };

    static readonly string[] Needed = ["billed_on", "vendor", "amount", "currency"];

    /// <param name="load">Id the rows get.</param>
    /// <returns>All rows, or every fault with its line: never some of both.</returns>
    public static async Task<(List<CostRow> Rows, List<FieldProblem> Faults)> Read(string csv, Guid load, DateOnly today, CancellationToken ct)
    {
        var (rows, faults) = (new List<CostRow>(), new List<FieldProblem>());
        var reader = new CsvReader(new StringReader(csv), CsvReader.DelimiterOf(csv));
        Dictionary<string, int>? columns = null;
        while (await reader.Next(ct) is { } row)
        {
            if (faults.Count >= FaultsMax) break;
            if (row.Fault is { } fault) faults.Add(At(row, fault.Replace('_', ' ')));
            else if (columns is null)
            {
                columns = Columns(row, faults);
                if (faults.Count > 0) break;
            }
            else if (rows.Count >= RowsMax)
            {
                faults.Add(At(row, $"At most {RowsMax:N0} rows at once. Split the file."));
                break;
            }
            else if (Row(row, columns, load, today, rows.Count > 0 ? rows[0].Currency : null, out var wrong) is { } read) rows.Add(read);
            else faults.Add(At(row, wrong));
        }

        if (rows.Count == 0 && faults.Count == 0) faults.Add(new("csv", "There is no row below the first line."));
        return (faults.Count > 0 ? [] : rows, faults);
    }

    // An export of FOCUS has dozens of columns that no budget needs; in a file of our own an unknown one is a slip of the pen.
    static Dictionary<string, int> Columns(CsvRow head, List<FieldProblem> faults)
    {
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        var isFocus = head.Cells.Any(cell => cell.Trim().Equals("BilledCost", StringComparison.OrdinalIgnoreCase));
        for (var i = 0; i < head.Cells.Count; i++)
        {
            var cell = head.Cells[i].Trim().ToLowerInvariant();
            if (!Names.TryGetValue(cell, out var name))
            {
                if (!isFocus) faults.Add(At(head, $"The column \"{head.Cells[i].Trim()}\" is unknown. Known: billed_on, vendor, service, cost_line, driver, amount, currency, cost_centre, cogs."));
            }
            else if (!found.TryAdd(name, i)) faults.Add(At(head, $"The column {name} is there twice."));
        }

        foreach (var missing in Needed.Where(name => !found.ContainsKey(name))) faults.Add(At(head, $"The column {missing} is missing."));
        return found;
    }

    static CostRow? Row(CsvRow row, Dictionary<string, int> columns, Guid load, DateOnly today, string? currency, out string wrong)
    {
        string Cell(string name) => columns.TryGetValue(name, out var at) && at < row.Cells.Count ? row.Cells[at].Trim() : "";
        wrong = "";
        var (day, code) = (Cell("billed_on"), Cell("currency").ToUpperInvariant());
        if (!DateOnly.TryParseExact(day.Length > 10 && day[10] is 'T' or ' ' ? day[..10] : day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var billed)) wrong = $"{Cut(day)} is no date; write it as 2026-11-01.";
        else if (billed.Year < 2000 || billed > today.AddYears(1)) wrong = $"{billed:yyyy-MM-dd} lies before 2000 or more than a year ahead.";
        else if (!Plans.Unit.IsCurrency(code)) wrong = $"{Cut(code)} is no currency; write its ISO 4217 code, such as EUR.";
        else if (currency is not null && code != currency) wrong = $"This row is in {code} and the first one in {currency}; one file has one currency.";
        else if (MinorUnits.Parse(Cell("amount"), code) is not { } amount) wrong = $"{Cut(Cell("amount"))} is no amount of {code}; write 1234.50, without separators of thousands, minus for a credit.";
        else if (Cell("vendor").Length is 0 or > Wording.NameMax) wrong = $"The vendor has 1 to {Wording.NameMax} characters.";
        else if (Cogs(Cell("cogs")) is not { } isCogs) wrong = $"{Cut(Cell("cogs"))} is neither true nor false.";
        else if (new[] { "service", "cost_line", "driver", "cost_centre", "vendor" }.FirstOrDefault(name => Wording.Check(name, Cell(name), Wording.NameMax, required: false) is not null) is { } bad) wrong = $"{bad}: at most {Wording.NameMax} characters, none of them a control character.";
        else return new CostRow(load, (int)row.Line, billed, Cell("vendor"), Cell("service"), Cell("cost_line") is { Length: > 0 } line ? line : Cell("driver"), amount, code, Cell("cost_centre"), isCogs);
        return null;
    }

    static bool? Cogs(string cell) => cell.ToLowerInvariant() switch { "" or "false" or "no" or "0" => false, "true" or "yes" or "1" => true, _ => null };

    static string Cut(string cell) => cell.Length == 0 ? "An empty cell" : $"\"{(cell.Length > 40 ? cell[..40] + "…" : cell)}\"";

    static FieldProblem At(CsvRow row, string detail) => new($"line {row.Line}", detail);
}
