using System.Text;
using PenguinMails.Core;

namespace PenguinMails.Fleet.Servers.Ssh;

/// <summary>The one place where words become a command line for the shell of a remote machine.</summary>
public static class RemoteWords
{
    /// <summary>Linux takes no single argument beyond 128 KiB, and the whole line is one argument of the remote shell.</summary>
    public const int LineBytesMax = 120_000;

    /// <summary>Each word in single quotes, as POSIX shells read them (XCU 2.2.2): nothing inside has a meaning of its own.</summary>
    /// <remarks>Refuses with <c>ssh.words_invalid</c>: no words, a NUL (no argument can hold one), half a surrogate pair, or more than <see cref="LineBytesMax"/> bytes.</remarks>
    public static Result<string> Quote(IReadOnlyList<string> words)
    {
        if (words.Count == 0) return Invalid("there is no command");
        if (words.Any(word => word.Contains('\0'))) return Invalid("a word holds a NUL character");
        var line = string.Join(' ', words.Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
        if (!IsUnicode(line)) return Invalid("a word is no valid text");
        return Encoding.UTF8.GetByteCount(line) <= LineBytesMax ? line : Invalid($"it is longer than {LineBytesMax} bytes; send what is long as input");
    }

    static bool IsUnicode(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar && !text.Contains('\uFFFD')) return false;
        }

        return true;
    }

    static Problem Invalid(string why) => new(ProblemKind.Invalid, "ssh.words_invalid", $"The remote command cannot be sent: {why}.");
}
