using System.Buffers;
using System.Buffers.Text;

namespace PenguinMails.Mail.Imap;

/// <summary>A stretch of a response's line and the literal that followed it.</summary>
/// <param name="Literal">Null after the last stretch; empty when it was longer than allowed and thrown away.</param>
/// <param name="LiteralOctets">As the server announced it.</param>
readonly record struct ImapPiece(ReadOnlyMemory<byte> Line, ReadOnlyMemory<byte>? Literal, long LiteralOctets);

/// <summary>Why no further response can be read.</summary>
enum ImapFrameFault
{
    None,
    Closed,
    LineTooLong,
    LiteralTooLong,
    TooManyLiterals,
}

/// <param name="Pieces">At least one without a fault.</param>
readonly record struct ImapFrame(IReadOnlyList<ImapPiece> Pieces, ImapFrameFault Fault);

/// <summary>Cuts what a server sends into responses (RFC 9051 4.3, 7): lines, with the literals that belong to them.</summary>
/// <param name="read">Fills the room given and says how much; 0 at the end.</param>
sealed class ImapFrames(Func<Memory<byte>, CancellationToken, ValueTask<int>> read)
{
    /// <summary>All lines of one response together: a SEARCH of a million messages is one line.</summary>
    public const int LineOctetsMax = 8 << 20;

    /// <summary>Literals of one response.</summary>
    public const int LiteralsMax = 1000;

    /// <summary>What a literal that is thrown away may have at most.</summary>
    public const long DrainedOctetsMax = 4L << 30;

    readonly byte[] room = new byte[16 * 1024];
    int start;
    int end;

    /// <summary>True when something that was not looked at yet is here already.</summary>
    public bool HasMore => start < end;

    /// <summary>Forgets what came ahead of time (RFC 9051 6.2.1, RFC 3207 4.2).</summary>
    public void Clear() => start = end = 0;

    /// <param name="literalOctetsMax">Longer literals are a fault, or are thrown away when <paramref name="drains"/>.</param>
    public async ValueTask<ImapFrame> Next(int literalOctetsMax, bool drains, CancellationToken ct)
    {
        var pieces = new List<ImapPiece>(1);
        var left = LineOctetsMax;
        while (true)
        {
            var (line, fault) = await Line(left, ct).ConfigureAwait(false);
            if (fault != ImapFrameFault.None) return new ImapFrame(pieces, fault);
            left -= line.Length;
            if ((pieces.Count == 0 && IsFreeText(line)) || LiteralOctets(line) is not { } octets)
            {
                pieces.Add(new ImapPiece(line, null, 0));
                return new ImapFrame(pieces, ImapFrameFault.None);
            }
            if (pieces.Count >= LiteralsMax) return new ImapFrame(pieces, ImapFrameFault.TooManyLiterals);
            var isKept = octets <= literalOctetsMax;
            if (!isKept && (!drains || octets > DrainedOctetsMax)) return new ImapFrame(pieces, ImapFrameFault.LiteralTooLong);
            var literal = isKept ? await Literal((int)octets, ct).ConfigureAwait(false) : await Drain(octets, ct).ConfigureAwait(false);
            if (literal is null) return new ImapFrame(pieces, ImapFrameFault.Closed);
            pieces.Add(new ImapPiece(line.AsMemory(0, line.AsSpan().LastIndexOf((byte)'{')), literal, octets));
        }
    }

    /// <summary>Words for people may end like a literal: "* OK", tagged answers and challenges have none.</summary>
    static bool IsFreeText(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("+"u8) || !line.StartsWith("* "u8)) return true;
        var word = line[2..];
        foreach (var status in (ReadOnlySpan<string>)["OK ", "NO ", "BAD ", "BYE ", "PREAUTH "])
            if (word.Length >= status.Length && System.Text.Ascii.EqualsIgnoreCase(word[..status.Length], status)) return true;
        return false;
    }

    /// <summary><c>{310}</c>, <c>{310+}</c> as some servers echo it, <c>~{310}</c> (RFC 3516).</summary>
    static long? LiteralOctets(ReadOnlySpan<byte> line)
    {
        if (!line.EndsWith("}"u8)) return null;
        var open = line.LastIndexOf((byte)'{');
        if (open < 0) return null;
        var digits = line[(open + 1)..^1];
        if (digits.EndsWith("+"u8)) digits = digits[..^1];
        return digits.Length is > 0 and <= 18 && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') && Utf8Parser.TryParse(digits, out long octets, out _) ? octets : null;
    }

    async ValueTask<(byte[] Line, ImapFrameFault Fault)> Line(int octetsMax, CancellationToken ct)
    {
        ArrayBufferWriter<byte>? kept = null;
        while (true)
        {
            var feed = room.AsSpan(start, end - start).IndexOf((byte)'\n');
            var take = feed < 0 ? end - start : feed + 1;
            if ((kept?.WrittenCount ?? 0) + take > octetsMax) return ([], ImapFrameFault.LineTooLong);
            if (feed >= 0 && kept is null)
            {
                var line = room.AsSpan(start, take).TrimEnd("\r\n"u8).ToArray();
                start += take;
                return (line, ImapFrameFault.None);
            }
            (kept ??= new ArrayBufferWriter<byte>(1024)).Write(room.AsSpan(start, take));
            start += take;
            if (feed >= 0) return (kept.WrittenSpan.TrimEnd("\r\n"u8).ToArray(), ImapFrameFault.None);
            if (!await Fill(ct).ConfigureAwait(false)) return ([], ImapFrameFault.Closed);
        }
    }

    /// <summary>Grows as the octets come: a server that only announces much gets no memory for it.</summary>
    async ValueTask<byte[]?> Literal(int octets, CancellationToken ct)
    {
        var literal = new byte[Math.Min(octets, 64 * 1024)];
        for (var have = 0; have < octets;)
        {
            if (start == end && !await Fill(ct).ConfigureAwait(false)) return null;
            var take = Math.Min(octets - have, end - start);
            if (have + take > literal.Length) Array.Resize(ref literal, (int)Math.Min(octets, Math.Max(have + take, literal.Length * 2L)));
            room.AsSpan(start, take).CopyTo(literal.AsSpan(have));
            start += take;
            have += take;
        }
        return literal;
    }

    async ValueTask<byte[]?> Drain(long octets, CancellationToken ct)
    {
        while (octets > 0)
        {
            if (start == end && !await Fill(ct).ConfigureAwait(false)) return null;
            var take = (int)Math.Min(octets, end - start);
            start += take;
            octets -= take;
        }
        return [];
    }

    async ValueTask<bool> Fill(CancellationToken ct)
    {
        (start, end) = (0, 0);
        end = await read(room, ct).ConfigureAwait(false);
        return end > 0;
    }
}
