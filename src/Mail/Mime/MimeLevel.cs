using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Where the machine stands in a part.</summary>
enum MimeState
{
    Header,

    /// <summary>In a body without parts.</summary>
    Leaf,

    /// <summary>In a multipart, before or between its parts.</summary>
    Preamble,

    /// <summary>Behind the last delimiter of a multipart, or behind what a limit cut off.</summary>
    Epilogue,

    /// <summary>In a message that holds a message.</summary>
    Container,
}

/// <summary>A part that is open in the machine.</summary>
sealed class MimeLevel(long offset, bool isDigestPart)
{
    public MimeState State { get; set; }

    public long Offset { get; } = offset;

    /// <summary>RFC 2046 5.1.5: without a type it is a message.</summary>
    public bool IsDigestPart { get; } = isDigestPart;

    public bool IsDigest { get; set; }

    /// <summary>Returned headers: nothing of the body they describe follows.</summary>
    public bool IsHeaderOnly { get; set; }

    public bool HasParts { get; set; }

    public bool HasBoundary { get; set; }

    public long BodyOffset { get; set; }

    /// <summary>Two hyphens and the boundary, null before one is known.</summary>
    public byte[]? Delimiter { get; set; }
}

/// <summary>Sees whether lines end in more than one way.</summary>
sealed class LineEndCheck(MimeDefects defects)
{
    int first;

    public void Note(ReadOnlySpan<byte> end, long offset)
    {
        var kind = end.Length > 1 ? 3 : end.Length == 0 ? 0 : end[0] == '\n' ? 1 : 2;
        if (kind == 0 || kind == first || first < 0) return;
        if (first != 0) defects.Add(MimeDefectCode.LineEndsMixed, offset);
        first = first == 0 ? kind : -1;
    }
}

/// <summary>Looks for a delimiter that nobody declared: a line that looks like one, and the header of a part below it.</summary>
sealed class BoundaryGuess
{
    const int DelimiterMax = 300;

    byte[]? suspect;

    /// <summary>Of the line that looks like a delimiter.</summary>
    public long Offset { get; private set; }

    public void Clear() => suspect = null;

    public void Note(ReadOnlySpan<byte> line, bool startsLine, long offset)
    {
        var isSuspect = startsLine && line.Length is > 2 and < DelimiterMax && line.StartsWith("--"u8) && line[2] != ' ';
        (suspect, Offset) = (isSuspect ? line.TrimEnd(" \t"u8).ToArray() : null, offset);
    }

    /// <summary>The delimiter when the line before was one and this line begins a part; an empty line proves it only where no boundary is declared.</summary>
    public byte[]? Before(ReadOnlySpan<byte> line, bool hasBoundary) =>
        (line.IsEmpty && !hasBoundary) || (line.Length > 8 && Ascii.EqualsIgnoreCase(line[..8], "Content-"u8)) ? suspect : null;
}
