using System.Globalization;

namespace PenguinMails.Web.Parts;

/// <summary>Where a long job stands. The page and the event stream use the same words.</summary>
/// <param name="Total">Null while it is not known.</param>
/// <param name="PerSecond">Units per second lately; null before there is a rate.</param>
/// <param name="Unit">"rows".</param>
/// <param name="Word">"running", "done", "cancelled", "failed".</param>
public sealed record JobProgress(long Done, long? Total, double? PerSecond, string Unit, string Word, Tone Tone, bool IsOver)
{
    /// <summary>"12,400 of 50,000 rows · 1,850 rows/s · about 20 s left".</summary>
    public string Line
    {
        get
        {
            var line = Total is { } total ? $"{Of(Done)} of {Of(total)} {Unit}" : $"{Of(Done)} {Unit}";
            if (IsOver || PerSecond is not > 0) return line;
            line += $" · {Of((long)Math.Round(PerSecond.Value))} {Unit}/s";
            return Total is { } all && all > Done ? $"{line} · about {Left((all - Done) / PerSecond.Value)} left" : line;
        }
    }

    /// <summary>What the event stream sends, as JSON, for each change.</summary>
    public object ToEvent() => new { done = Done, total = Total, line = Line, word = Word, is_over = IsOver };

    static string Of(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    static string Left(double seconds) => seconds switch
    {
        < 90 => $"{Math.Ceiling(seconds)} s",
        < 5400 => $"{Math.Round(seconds / 60)} min",
        _ => $"{Math.Round(seconds / 3600)} h",
    };
}
