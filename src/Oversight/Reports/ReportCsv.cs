using System.Globalization;
using System.Text;

namespace PenguinMails.Oversight.Reports;

/// <summary>A report as CSV (RFC 4180): one line for each sentence, figure, step, count, risk and decision, and one for each value of a figure.</summary>
public static class ReportCsv
{
    const string Columns = "part,item,period,direction,against_plan,actual,plan,difference,unit,verdict,text";

    public static string Write(ReportModel model)
    {
        var csv = new StringBuilder(Columns).Append("\r\n");
        void Line(params ReadOnlySpan<string?> cells)
        {
            for (var i = 0; i < 11; i++) csv.Append(i == 0 ? "" : ",").Append(i < cells.Length ? Cell(cells[i] ?? "") : "");
            csv.Append("\r\n");
        }

        var (header, footer) = (model.Header, model.Footer);
        Line("report", header.Title, header.Period, null, null, null, null, null, null, null, $"data as of {header.DataAsOf.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}; {header.Complete} of {header.Expected} figures complete");
        foreach (var sentence in model.Narrative) Line("sentence", sentence.Part, null, null, null, null, null, null, null, string.Join(' ', sentence.Verdicts), sentence.Text + (sentence.Support == Support.Unsupported ? $" [unsupported: {sentence.Why}]" : ""));
        foreach (var row in model.Rows) Line("figure", row.Name, row.Period, ReportHtml.Word(row.Direction), ReportHtml.Word(row.Assurance), Number(row.Actual), Number(row.Plan), Number(row.Actual - row.Plan), row.Unit, row.Verdict, row.Sentence);
        foreach (var row in model.Rows)
            foreach (var point in row.Trend.Concat(row.Months)) Line("value", row.Name, point.Label, null, null, Number(point.Value), null, null, row.Unit);
        foreach (var step in model.Bridge?.Steps ?? []) Line("bridge", step.Name, header.Period, null, null, Number(step.Amount), null, null, model.Bridge?.Currency);
        if (model.BridgeMissing is { } missing) Line("bridge", null, header.Period, null, null, null, null, null, null, null, missing);
        foreach (var line in model.Budget) Line("budget", line.Line, header.Period, null, null, Number(line.Actual), Number(line.Planned), Number(line.Actual - line.Planned), line.Currency, null, line.Note);
        if (model.BudgetMissing is { } none) Line("budget", null, header.Period, null, null, null, null, null, null, null, none);
        foreach (var count in model.Plan?.Counts ?? []) Line("plan", count.Word, null, null, null, Number(count.Count), null, null, null, null, count.About);
        foreach (var text in model.Plan?.Lines ?? []) Line("plan", null, null, null, null, null, null, null, null, null, text);
        foreach (var risk in model.Risks) Line("risk", risk.Title, null, null, null, null, null, null, null, null, $"{risk.Weight}: {risk.Distance}");
        foreach (var ask in model.Asks) Line("decision", null, null, null, null, null, null, null, null, null, ask);
        Line("footer", "definitions", null, null, null, null, null, null, null, null, footer.Definitions);
        Line("footer", "engine", null, null, null, null, null, null, null, null, $"{footer.Engine}; report rules {footer.Builder}");
        Line("footer", "plan", null, null, null, null, null, null, null, null, footer.PlanSha256 is { } sha ? $"{footer.PlanVersion} {sha}" : "none");
        Line("footer", "outlooks", null, null, null, null, null, null, null, null, footer.HitRate);
        return csv.ToString();
    }

    // A spreadsheet would run what begins with these; a number may begin with a minus.
    static string Cell(string text)
    {
        if (text.Length > 0 && text[0] is '=' or '+' or '@' or '\t' or '\r' || text.Length > 1 && text[0] == '-' && !char.IsAsciiDigit(text[1])) text = "'" + text;
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    static string? Number(double? value) => value is { } known ? Math.Round(known, 6).ToString("0.######", CultureInfo.InvariantCulture) : null;
}
