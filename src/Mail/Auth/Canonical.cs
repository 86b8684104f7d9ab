using System.Buffers;
using System.Security.Cryptography;

namespace PenguinMails.Mail.Auth;

/// <summary>The canonical forms of RFC 6376 3.4, fed to a hash piece by piece.</summary>
static class Canonical
{
    /// <summary>One field with its line end (3.4.1, 3.4.2).</summary>
    public static void Header(RawField field, bool isRelaxed, Action<ReadOnlySpan<byte>> feed) => Header(field.Octets.Span, field.Colon, isRelaxed, feed);

    public static void Header(ReadOnlySpan<byte> octets, int colon, bool isRelaxed, Action<ReadOnlySpan<byte>> feed)
    {
        if (!isRelaxed)
        {
            feed(octets);
            return;
        }
        var room = ArrayPool<byte>.Shared.Rent(octets.Length + 3);
        feed(room.AsSpan(0, Relax(octets, colon, room)));
        ArrayPool<byte>.Shared.Return(room);
    }

    /// <summary>3.4.2: the name in lower case, folds undone, each run of blanks one blank, none at either end of the value.</summary>
    static int Relax(ReadOnlySpan<byte> octets, int colon, Span<byte> target)
    {
        var written = 0;
        foreach (var octet in octets[..colon].TrimEnd(" \t"u8)) target[written++] = octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;
        target[written++] = (byte)':';
        var start = written;
        var isBlank = false;
        for (var i = colon + 1; i < octets.Length; i++)
        {
            var octet = octets[i];
            if (octet == '\r' && i + 1 < octets.Length && octets[i + 1] == '\n') i++;
            else if (octet is (byte)' ' or (byte)'\t') isBlank = true;
            else
            {
                if (isBlank && written > start) target[written++] = (byte)' ';
                isBlank = false;
                target[written++] = octet;
            }
        }
        (target[written++], target[written++]) = ((byte)'\r', (byte)'\n');
        return written;
    }

    /// <summary>The hash of a body (3.4.3, 3.4.4, 3.7).</summary>
    /// <param name="limit">Octets of the canonical form that count, l=; null for all.</param>
    /// <param name="total">Octets of the whole canonical form.</param>
    public static byte[] BodyHash(ReadOnlySpan<byte> body, bool isRelaxed, HashAlgorithmName algorithm, long? limit, out long total)
    {
        using var sink = new HashSink(algorithm, limit ?? long.MaxValue);
        if (isRelaxed) Relaxed(body, sink);
        else Simple(body, sink);
        total = sink.Total;
        return sink.Finish();
    }

    // 3.4.3: empty lines at the end left out, one line end kept, an empty body a line end.
    static void Simple(ReadOnlySpan<byte> body, HashSink sink)
    {
        while (body.EndsWith("\r\n"u8)) body = body[..^2];
        sink.Add(body);
        sink.Add("\r\n"u8);
    }

    // 3.4.4: runs of blanks to one, none at a line's end, empty lines at the end left out, an empty body nothing.
    static void Relaxed(ReadOnlySpan<byte> body, HashSink sink)
    {
        if (IsRelaxed(body))
        {
            while (body.EndsWith("\r\n\r\n"u8)) body = body[..^2];
            if (body.Length > 2) sink.Add(body);
            return;
        }
        var blankLines = 0L;
        while (!body.IsEmpty)
        {
            var feed = body.IndexOf("\r\n"u8);
            var line = (feed < 0 ? body : body[..feed]).TrimEnd(" \t"u8);
            body = feed < 0 ? default : body[(feed + 2)..];
            if (line.IsEmpty)
            {
                blankLines++;
                continue;
            }
            for (; blankLines > 0; blankLines--) sink.Add("\r\n"u8);
            // Nearly every line is as it should be already.
            if (line.Contains((byte)'\t') || line.IndexOf("  "u8) >= 0) Collapsed(line, sink);
            else sink.Add(line);
            sink.Add("\r\n"u8);
        }
    }

    // What most programs write: then the whole is hashed in one piece.
    static bool IsRelaxed(ReadOnlySpan<byte> body) =>
        body.EndsWith("\r\n"u8) && !body.Contains((byte)'\t') && body.IndexOf("  "u8) < 0 && body.IndexOf(" \r\n"u8) < 0;

    static void Collapsed(ReadOnlySpan<byte> line, HashSink sink)
    {
        for (int blank; (blank = line.IndexOfAny((byte)' ', (byte)'\t')) >= 0; line = line[blank..].TrimStart(" \t"u8))
        {
            sink.Add(line[..blank]);
            sink.Add(" "u8);
        }
        sink.Add(line);
    }
}
