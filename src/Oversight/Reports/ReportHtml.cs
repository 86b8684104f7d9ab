using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using PenguinMails.Insight;

namespace PenguinMails.Oversight.Reports;

/// <summary>Writes a report as HTML, from its model alone: no clock, no script, nothing fetched. The same model gives the same octets.</summary>
public static partial class ReportHtml
{
    static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    static readonly Lazy<string> Style = new(() =>
    {
        using var stream = typeof(ReportHtml).Assembly.GetManifestResourceStream("report.css") ?? throw new InvalidOperationException("report.css is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    /// <summary>The stylesheet of <see cref="Article"/>.</summary>
    public static string Css => Style.Value;

    /// <summary>A whole document that stands by itself and prints on A4.</summary>
    /// <param name="tightness">0 to 2: how small the print is, for a report that must fit one page.</param>
    public static string Document(ReportModel model, int tightness = 0) => $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{E(model.Header.Title)}, {E(model.Header.Period)}</title>
        <style>
        {Css}</style>
        </head>
        <body class="rep-sheet rep-tight-{tightness}">
        {Article(model)}
        </body>
        </html>

        """;

    /// <summary>The report itself, for a page that links <see cref="Css"/>.</summary>
    public static string Article(ReportModel model)
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"<article class=\"report\">\n{Head(model.Header)}{Told(model.Narrative)}");
        if (model.Rows.Count > 0) html.Append(model.Header.Kind == ReportKind.Operations ? Trails(model.Rows) : Rows(model.Rows));
        if (model.Budget.Count > 0) html.Append(Budget(model.Budget));
        else if (model.BudgetMissing is { } missing) html.Append(Line("rep-none", missing));
        if (model.Bridge is { } bridge) html.Append(Bridge(bridge));
        else if (model.BridgeMissing is { } none) html.Append(Line("rep-none", none));
        html.Append(Feet(model)).Append(Foot(model)).Append("</article>");
        return html.ToString();
    }

    static string Head(ReportHeader header) => $"""
        <header class="rep-head">
        <h1>{E(header.Title)}</h1>
        <dl>
        <div><dt>Period</dt><dd>{E(header.Period)}</dd></div>
        <div><dt>Data as of</dt><dd>{header.DataAsOf.UtcDateTime.ToString("d MMM yyyy HH:mm 'UTC'", CultureInfo.InvariantCulture)}</dd></div>
        <div><dt>Complete</dt><dd>{header.Complete} of {header.Expected} figures{(header.Late.Count == 0 ? "" : E($"; missing: {string.Join(", ", header.Late.Take(3))}{(header.Late.Count > 3 ? $" and {header.Late.Count - 3} more" : "")}"))}</dd></div>
        </dl>
        </header>

        """;

    static string Told(IReadOnlyList<ReportSentence> sentences)
    {
        var html = new StringBuilder("<ol class=\"rep-told\">\n");
        foreach (var sentence in sentences)
        {
            html.Append(CultureInfo.InvariantCulture, $"<li class=\"{(sentence.Support == Support.Unsupported ? "is-unsupported" : "is-held")}\"><b>{E(Upper(sentence.Part))}</b> <span>{E(sentence.Text)}");
            if (sentence.Support == Support.Unsupported) html.Append(CultureInfo.InvariantCulture, $" <em>Unsupported: {E(sentence.Why ?? "")}</em>");
            html.Append("</span></li>\n");
        }

        return html.Append("</ol>\n").ToString();
    }

    static string Rows(IReadOnlyList<ReportRow> rows)
    {
        var html = new StringBuilder("""
            <div class="rep-scroll" role="region" aria-label="Figures" tabindex="0"><table class="rep-rows">
            <caption>Figures. Line: actual (AC); hollow line: plan (PL); band: limits the figure moves in by itself.</caption>
            <thead><tr><th scope="col">Figure</th><th scope="col">Last 24 periods</th><th scope="col">Direction</th><th scope="col">Plan</th><th scope="col" class="num">AC</th><th scope="col" class="num">ΔPL</th><th scope="col">What is said</th></tr></thead>
            <tbody>

            """);
        foreach (var row in rows)
            html.Append(CultureInfo.InvariantCulture, $"""
                <tr><th scope="row">{E(row.Name)}<small>{E(row.Period)}</small></th><td class="spark">{Spark(row, row.Trend, 104, 24)}</td><td class="way">{Glyph(row.Direction)}<small>{E(Word(row.Direction))}</small></td><td class="way">{Glyph(row.Assurance)}<small>{E(Word(row.Assurance))}</small></td><td class="num">{E(row.ActualText)}{(row.Plan is null ? "" : $"<small>PL {E(row.PlanText)}</small>")}</td><td class="num {(row.DeltaIsGood is { } isGood ? isGood ? "is-good" : "is-bad" : "")}">{Delta(row.DeltaText)}</td><td class="said">{E(row.Sentence)}</td></tr>

                """);
        return html.Append("</tbody></table></div>\n").ToString();
    }

    static string Trails(IReadOnlyList<ReportRow> rows)
    {
        var html = new StringBuilder("<div class=\"rep-trails\">\n");
        foreach (var row in rows)
            html.Append(CultureInfo.InvariantCulture, $"<section><h2>{Glyph(row.Direction)} {E(row.Name)} <small>{E(Word(row.Direction))} · {E(row.ActualText)} · plan {E(row.PlanText)}</small></h2>{Trail(row)}<p>{E(row.Sentence)}</p></section>\n");
        return html.Append("</div>\n").ToString();
    }

    static string Budget(IReadOnlyList<BudgetLine> lines)
    {
        var html = new StringBuilder("<table class=\"rep-rows\"><caption>Budget by line</caption><thead><tr><th scope=\"col\">Line</th><th scope=\"col\" class=\"num\">AC</th><th scope=\"col\" class=\"num\">PL</th><th scope=\"col\" class=\"num\">ΔPL</th><th scope=\"col\">Note</th></tr></thead><tbody>\n");
        foreach (var line in lines)
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{E(line.Line)}</th><td class=\"num\">{Money(line.Actual)} {E(line.Currency)}</td><td class=\"num\">{Money(line.Planned)} {E(line.Currency)}</td><td class=\"num {(line.Actual > line.Planned ? "is-bad" : "is-good")}\">{Signed(line.Actual - line.Planned)}</td><td>{E(line.Note ?? "")}</td></tr>\n");
        return html.Append("</tbody></table>\n").ToString();
    }

    static string Feet(ReportModel model)
    {
        if (model.Plan is null && model.Risks.Count == 0 && model.Asks.Count == 0) return Line("rep-none", "There is no plan yet, so there is no status of one, no risk and no target. penguin plan import keeps one.");
        var html = new StringBuilder("<div class=\"rep-feet\">\n<section><h2>Plan</h2>\n");
        if (model.Plan is { } strip)
        {
            html.Append("<dl class=\"rep-strip\">");
            foreach (var count in strip.Counts) html.Append(CultureInfo.InvariantCulture, $"<div><dd>{count.Count}</dd><dt>{E(count.Word)}<small>{E(count.About)}</small></dt></div>");
            html.Append("</dl>\n").Append(List(strip.Lines, ""));
        }

        html.Append("</section>\n<section><h2>Risks</h2>\n").Append(List([.. model.Risks.Select(risk => $"{risk.Title} ({risk.Weight}): {risk.Distance}.")], "The plan names no risk."));
        html.Append("</section>\n<section><h2>To decide</h2>\n").Append(List(model.Asks, "Nothing."));
        return html.Append("</section>\n</div>\n").ToString();
    }

    static string Foot(ReportModel model) => $"""
        <footer class="rep-foot">Definitions {model.Footer.Definitions} · engine {E(model.Footer.Engine)} · report rules {E(model.Footer.Builder)} · plan {(model.Footer.PlanSha256 is { } sha ? $"{E(model.Footer.PlanVersion ?? "")} ({sha[..12]})" : "none")} · outlooks of the last six: {E(model.Footer.HitRate)}</footer>

        """;

    static string List(IReadOnlyList<string> lines, string none)
    {
        if (lines.Count == 0) return none.Length == 0 ? "" : $"<p>{E(none)}</p>\n";
        return $"<ul>{string.Concat(lines.Select(line => $"<li>{E(line)}</li>"))}</ul>\n";
    }

    // The percentage stands below the amount.
    static string Delta(string text) => text.IndexOf(" (", StringComparison.Ordinal) is > 0 and var at ? $"{E(text[..at])}<small>{E(text[(at + 1)..])}</small>" : E(text);

    static string Line(string kind, string text) => $"<p class=\"{kind}\">{E(text)}</p>\n";

    internal static string E(string text) => Encoder.Encode(text);

    static string Upper(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    static string Money(double amount) => amount.ToString("#,0", CultureInfo.InvariantCulture).Replace('-', '−');

    static string Signed(double amount) => (amount > 0 ? "+" : "") + Money(amount);

    internal static string Word(Direction direction) => ReportRows.Word(direction).ToLowerInvariant();

    internal static string Word(Assurance assurance) => assurance switch
    {
        Assurance.Pass => "will meet",
        Assurance.HitOrMiss => "open",
        Assurance.Fail => "will miss",
        Assurance.NoTarget => "no target",
    };
}
