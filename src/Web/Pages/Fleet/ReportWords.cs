using System.Globalization;
using PenguinMails.Fleet.Reports;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>How pages call what receivers report.</summary>
static class ReportWords
{
    public static readonly int[] Windows = [7, 30, 90];

    public static string Word(SourceClass whose) => whose switch
    {
        SourceClass.Yours => "yours",
        SourceClass.Forwarder => "forwarder",
        SourceClass.Stranger => "stranger",
    };

    public static Tone ToneOf(DmarcSource source) => source.Class switch
    {
        SourceClass.Yours => source.Passed < source.Messages ? Tone.Warn : Tone.Good,
        SourceClass.Forwarder => Tone.Quiet,
        SourceClass.Stranger => Tone.Bad,
    };

    /// <summary>A report's state as people say it.</summary>
    public static string State(string state) => state switch { "set_aside" => "unverified reporter", "received" => "not read yet", _ => state };

    public static Tone StateTone(string state) => state switch { "counted" => Tone.Good, "set_aside" => Tone.Held, "rejected" => Tone.Warn, _ => Tone.Quiet };

    /// <summary>As in the sentences: never rounded up.</summary>
    public static string Share(long part, long whole) => whole == 0 ? "–" : (Math.Floor(1000.0 * part / whole) / 10).ToString("0.0", CultureInfo.InvariantCulture);

    public static string Date(DateOnly day) => day.ToString("d MMM", CultureInfo.InvariantCulture);

    public static string Span(DateOnly first, DateOnly last) => first == last ? Date(first) : $"{Date(first)} – {Date(last)}";

    /// <summary>Each day of the window, with zeros where nothing was reported.</summary>
    public static IReadOnlyList<DayBars.Day> Days<T>(ReportSample seen, IReadOnlyList<T> days, Func<T, DateOnly> at, int kinds, Func<T, long[]> values)
    {
        var known = days.ToDictionary(at, values);
        return [.. Enumerable.Range(0, seen.Days + 1).Select(seen.Since.AddDays).Select(day => new DayBars.Day(Date(day), known.GetValueOrDefault(day) ?? new long[kinds]))];
    }

    /// <summary>What the figures rest on: window, as-of date, sample.</summary>
    public static string Evidence(ReportSample seen) =>
        $"{Words.Count(seen.Counted, "report")} of {Words.Count(seen.Reporters.Count, "reporter")} about the {seen.Days} days since {Date(seen.Since)}"
        + (seen.AsOf is { } until ? $", the newest until {until.UtcDateTime.ToString("d MMM yyyy HH:mm 'UTC'", CultureInfo.InvariantCulture)}" : "")
        + (seen.LeftOut > 0 ? $". {Words.Count(seen.LeftOut, "message")} in the smallest rows of long reports count in no figure" : "");
}
