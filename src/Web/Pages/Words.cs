using System.Globalization;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages;

/// <summary>How pages write numbers, sizes and the state words of the modules.</summary>
static class Words
{
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 message", "1,204 messages".</summary>
    public static string Count(long count, string one, string? many = null) => $"{Count(count)} {(count == 1 ? one : many ?? one + "s")}";

    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KB"),
        < 1024L * 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.#} GB"),
    };

    /// <summary>"2.4", or "–" where nothing was counted.</summary>
    public static string Share(long part, long whole) => whole == 0 ? "–" : (100.0 * part / whole).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>"under a second", "42 s", "3 min 5 s", "2 h 10 min": of a span that was measured.</summary>
    public static string Span(long milliseconds) => milliseconds switch
    {
        < 1000 => "under a second",
        < 60_000 => $"{milliseconds / 1000} s",
        < 3_600_000 => $"{milliseconds / 60_000} min {milliseconds / 1000 % 60} s",
        _ => $"{Count(milliseconds / 3_600_000)} h {milliseconds / 60_000 % 60} min",
    };

    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>snake_case as people read it.</summary>
    public static string Plain(string word) => word.Replace('_', ' ');

    public static string Lower<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>The tone of any state word the modules use.</summary>
    public static Tone ToneOf(string word) => word switch
    {
        "running" or "sending" or "queued" or "testing" or "launched" or "auto_replied" or "clicked" => Tone.Running,
        "verified" or "active" or "done" or "sent" or "ok" or "replied" or "finished" or "completed" => Tone.Good,
        "pending" or "deferred" or "in_doubt" or "drifted" or "warning" or "differs" or "unsubscribed" => Tone.Warn,
        "bounced" or "failed" or "missing" or "wrong" or "complaint" or "complained" or "blocked" or "error" => Tone.Bad,
        "paused" or "stopped" or "dropped" or "cancelled" => Tone.Held,
        _ => Tone.Quiet,
    };
}
