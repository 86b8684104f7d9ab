namespace PenguinMails.Mail.Mime;

/// <summary>Where lines end in mail as it is found: at LF, CRLF, CR CR LF (a doubled conversion) or a CR alone.</summary>
static class Lines
{
    /// <param name="isWhole">False when more octets follow that are not here yet.</param>
    /// <param name="end">Octets of the line end; 0 for a last line without one.</param>
    /// <returns>Octets before the line end, or -1 when that depends on what follows.</returns>
    public static int Next(ReadOnlySpan<byte> octets, bool isWhole, out int end)
    {
        var at = octets.IndexOfAny((byte)'\n', (byte)'\r');
        end = 0;
        if (at < 0) return isWhole ? octets.Length : -1;
        if (octets[at] == '\n')
        {
            end = 1;
            return at;
        }
        if (!isWhole && at + 2 >= octets.Length) return -1;
        end = at + 1 < octets.Length && octets[at + 1] == '\n' ? 2
            : at + 2 < octets.Length && octets[at + 1] == '\r' && octets[at + 2] == '\n' ? 3
            : 1;
        return at;
    }

    /// <summary>The same with lines ended by LF: a CR is none where LFs are found, and ends lines where there are none (as old systems wrote).</summary>
    public static string EndedByFeeds(string text) =>
        text.Contains('\n', StringComparison.Ordinal) ? text.Replace("\r", "", StringComparison.Ordinal) : text.Replace('\r', '\n');
}
