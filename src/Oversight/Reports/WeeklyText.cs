using PenguinMails.Insight;

namespace PenguinMails.Oversight.Reports;

/// <summary>The weekly report as a mail: at most 120 words, the most important first.</summary>
public static class WeeklyText
{
    /// <summary>Words of the text, its two links left out.</summary>
    public const int WordsMax = 120;

    const int FiguresMax = 4;

    /// <summary>Sentences in order of weight: what is left out when they are too many comes last.</summary>
    public static IReadOnlyList<string> Sentences(ReportModel model)
    {
        string? Told(string part) => model.Narrative.FirstOrDefault(sentence => sentence.Part == part)?.Text;
        var figures = model.Rows.Where(row => row.Direction != Direction.NotEnoughData).OrderBy(row => row.Direction switch { Direction.Worsening => 0, Direction.Improving => 1, _ => 2 }).Take(FiguresMax).ToList();
        var lines = new List<string> { Told("situation") ?? "" };
        lines.AddRange(figures.Select(row => $"{row.Name} {row.ActualText}. {row.Sentence}"));
        if (figures.Count == 0) lines.AddRange(model.Rows.Take(2).Select(row => $"{row.Name} {row.ActualText}. {row.Sentence}"));
        var next = $"Next: {Told("ask")}";
        var kept = new List<string>();
        foreach (var line in lines.Where(line => line.Length > 0))
            if (Count(kept) + Words(line) + Words(next) + Words(Head(model)) <= WordsMax) kept.Add(line);
        return [.. kept, next];
    }

    /// <param name="report">Address of the report.</param>
    /// <param name="stop">Address where the mail is turned off.</param>
    public static (string Subject, string Text, string Html) Mail(ReportModel model, Uri report, Uri stop)
    {
        var (head, lines) = (Head(model), Sentences(model));
        var text = $"{head}\n\n{string.Join("\n\n", lines)}\n\nWhole report: {report}\nOther day or no mail: {stop}\n";
        var html = $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>{ReportHtml.E(head)}</title></head>
            <body style="font:16px/1.5 Arial,Helvetica,sans-serif;color:#16202a;max-width:36em">
            <h1 style="font-size:18px">{ReportHtml.E(head)}</h1>
            {string.Concat(lines.Select(line => $"<p>{ReportHtml.E(line)}</p>\n"))}<p><a href="{ReportHtml.E(report.ToString())}">Whole report</a> · <a href="{ReportHtml.E(stop.ToString())}">Other day or no mail</a></p>
            </body></html>

            """;
        return (head, text, html);
    }

    static string Head(ReportModel model) => $"Your {model.Header.Period}";

    internal static int Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    static int Count(IEnumerable<string> lines) => lines.Sum(Words);
}
