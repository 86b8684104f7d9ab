using System.Globalization;
using PenguinMails.Core;
using PenguinMails.Oversight.Costs;

namespace PenguinMails.Oversight.Margins;

/// <summary>Reads revenue from CSV: columns by name in any order; each row names a workspace or a domain.</summary>
static class RevenueFile
{
    public const int RowsMax = 50_000;
    const int FaultsMax = 100;

    static readonly string[] Known = ["month", "workspace", "domain", "amount", "currency", "note"];
    static readonly string[] Needed = ["month", "amount", "currency"];

    /// <returns>All rows, or every fault with its line: never some of both.</returns>
    public static async Task<(List<RevenueLine> Lines, List<FieldProblem> Faults)> Read(string csv, string source, CustomerNames names, DateOnly today, CancellationToken ct)
    {
        var (lines, faults) = (new List<RevenueLine>(), new List<FieldProblem>());
        var reader = new CsvReader(new StringReader(csv), CsvReader.DelimiterOf(csv));
        Dictionary<string, int>? columns = null;
        while (faults.Count < FaultsMax && await reader.Next(ct) is { } row)
        {
            if (row.Fault is { } fault) faults.Add(At(row, fault.Replace('_', ' ')));
            else if (columns is null)
            {
                columns = Columns(row, faults);
                if (faults.Count > 0) break;
            }
            else if (lines.Count >= RowsMax)
            {
                faults.Add(At(row, $"At most {RowsMax:N0} rows at once. Split the file by month."));
                break;
            }
            else if (Line(row, columns, source, names, today, out var wrong) is { } read) lines.Add(read);
            else faults.Add(At(row, wrong));
        }

        if (lines.Count == 0 && faults.Count == 0) faults.Add(new("csv", "There is no row below the first line."));
        return (faults.Count > 0 ? [] : lines, faults);
    }

    static Dictionary<string, int> Columns(CsvRow head, List<FieldProblem> faults)
    {
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < head.Cells.Count; i++)
        {
            var name = head.Cells[i].Trim().ToLowerInvariant();
            if (!Known.Contains(name)) faults.Add(At(head, $"The column \"{head.Cells[i].Trim()}\" is unknown. Known: {string.Join(", ", Known)}."));
            else if (!found.TryAdd(name, i)) faults.Add(At(head, $"The column {name} is there twice."));
        }

        foreach (var missing in Needed.Where(name => !found.ContainsKey(name))) faults.Add(At(head, $"The column {missing} is missing."));
        if (!found.ContainsKey("workspace") && !found.ContainsKey("domain")) faults.Add(At(head, "There is neither a column workspace nor a column domain: say who paid."));
        return found;
    }

    static RevenueLine? Line(CsvRow row, Dictionary<string, int> columns, string source, CustomerNames names, DateOnly today, out string wrong)
    {
        string Cell(string name) => columns.TryGetValue(name, out var at) && at < row.Cells.Count ? row.Cells[at].Trim() : "";
        wrong = "";
        var (month, workspace, domain, code) = (Cell("month"), Cell("workspace"), Cell("domain"), Cell("currency").ToUpperInvariant());
        if (!DateOnly.TryParseExact(month, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first)) wrong = $"{Cut(month)} is no month; write it as 2026-10.";
        else if (first.Year < 2000 || first > today.AddYears(1)) wrong = $"{first:yyyy-MM} lies before 2000 or more than a year ahead.";
        else if (!Plans.Unit.IsCurrency(code)) wrong = $"{Cut(code)} is no currency; write its ISO 4217 code, such as EUR.";
        else if (MinorUnits.Parse(Cell("amount"), code) is not { } amount) wrong = $"{Cut(Cell("amount"))} is no amount of {code}; write 1234.50, without separators of thousands, minus for a credit.";
        else if ((workspace.Length > 0) == (domain.Length > 0)) wrong = "Each row names either a workspace or a domain.";
        else if ((workspace.Length > 0 ? names.Workspace(workspace) : names.Domain(domain)) is not { } customer) wrong = workspace.Length > 0 ? $"{Cut(workspace)} is no workspace of this account; write its name or id." : $"{Cut(domain)} is no domain of this account; write its name or id.";
        else if (Wording.Check("note", Cell("note"), Wording.NameMax, required: false) is { } bad) wrong = $"note: {bad.Detail}";
        else return new RevenueLine(first, source, (int)row.Line, customer.Workspace, customer.Domain, amount, code, Cell("note"));
        return null;
    }

    static string Cut(string cell) => cell.Length == 0 ? "An empty cell" : $"\"{(cell.Length > 40 ? cell[..40] + "…" : cell)}\"";

    static FieldProblem At(CsvRow row, string detail) => new($"line {row.Line}", detail);
}
