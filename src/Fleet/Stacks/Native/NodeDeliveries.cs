using System.Globalization;

namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>A stretch of Postfix's log on a node.</summary>
/// <param name="IsWhole">The journal reaches back before the stretch, and none of its lines was suppressed or cut off.</param>
/// <param name="Clock">The node's, when it was asked.</param>
public sealed record NodeDeliveries(IReadOnlyList<string> Lines, bool IsWhole, DateTimeOffset Clock)
{
    internal const int LinesMax = 15_000; // Some 3 MB: below what a session takes.

    internal static string Epoch(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Lines that begin with = are of the script deliveries.sh.</summary>
    internal static NodeDeliveries Parse(string text, bool isCut)
    {
        string[] all = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] lines = [.. all.Where(line => !line.StartsWith('='))];
        var clock = all.FirstOrDefault(line => line.StartsWith("=clock ", StringComparison.Ordinal)) is { } told && long.TryParse(told.AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) : DateTimeOffset.UnixEpoch;
        var isWhole = !isCut && all.Contains("=before") && all.Contains("=end") && !all.Contains("=suppressed") && lines.Length < LinesMax;
        return new(lines, isWhole, clock);
    }
}
