using System.Numerics;
using System.Runtime.InteropServices;

namespace PenguinMails.Mail.Mime;

/// <summary>Line ends of the wire: CR and LF only together (RFC 5322 2.3).</summary>
static class LineEnds
{
    /// <summary>True when every LF follows a CR and every CR precedes an LF.</summary>
    public static bool AreCrLf(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return true;
        if (text[0] == '\n' || text[^1] == '\r') return false;
        var units = MemoryMarshal.Cast<char, ushort>(text);
        var at = 1; // Behind each unit the next must be LF exactly where it is CR.
        for (; at <= units.Length - Vector<ushort>.Count; at += Vector<ushort>.Count)
            if (Vector.Equals(new Vector<ushort>(units[(at - 1)..]), new('\r')) != Vector.Equals(new Vector<ushort>(units[at..]), new('\n'))) return false;
        for (; at < units.Length; at++)
            if (units[at - 1] == '\r' != (units[at] == '\n')) return false;
        return true;
    }

    /// <summary>CRLF for every CRLF, bare CR and bare LF.</summary>
    public static string ToCrLf(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace("\n", "\r\n", StringComparison.Ordinal);
}
