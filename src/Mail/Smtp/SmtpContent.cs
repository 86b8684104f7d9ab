namespace PenguinMails.Mail.Smtp;

enum ContentFault
{
    None,
    Closed,
    TimedOut,
    TooLarge,
    LineTooLong,
    BareLineEnd,
}

/// <summary>Where a received message ends and what may be in it.</summary>
static class SmtpContent
{
    /// <summary>Offset of the final dot: behind CRLF or at the very start, and followed by CRLF. Nothing else ends a message.</summary>
    public static int EndOfData(ReadOnlySpan<byte> data, int from, bool isWhole)
    {
        if (isWhole && data.StartsWith(".\r\n"u8)) return 0;
        var at = data[from..].IndexOf("\r\n.\r\n"u8);
        return at < 0 ? -1 : from + at + 2;
    }

    /// <summary>Every line ends with CRLF, no other CR or LF, and none is too long.</summary>
    public static ContentFault Check(ReadOnlySpan<byte> raw, int lineOctetsMax)
    {
        while (!raw.IsEmpty)
        {
            var at = raw.IndexOfAny((byte)'\r', (byte)'\n');
            if (at + 2 > lineOctetsMax) return ContentFault.LineTooLong;
            if (at < 0 || raw[at] == '\n' || at + 1 >= raw.Length || raw[at + 1] != '\n') return ContentFault.BareLineEnd;
            raw = raw[(at + 2)..];
        }
        return ContentFault.None;
    }

    /// <summary>A message that came in chunks: the same rules for its lines, and a last line that lacks its end gets one.</summary>
    public static byte[] Whole(ReadOnlySpan<byte> raw, int lineOctetsMax, out ContentFault fault)
    {
        var message = new byte[raw.Length + (raw.EndsWith("\r\n"u8) || raw.IsEmpty ? 0 : 2)];
        raw.CopyTo(message);
        if (message.Length > raw.Length) "\r\n"u8.CopyTo(message.AsSpan(raw.Length));
        fault = Check(message, lineOctetsMax);
        return fault == ContentFault.None ? message : [];
    }

    /// <summary>Without the dots that transparency added (RFC 5321 4.5.2).</summary>
    public static byte[] Unstuffed(ReadOnlySpan<byte> raw)
    {
        var target = GC.AllocateUninitializedArray<byte>(raw.Length);
        var written = 0;
        if (raw.StartsWith("."u8)) raw = raw[1..];
        while (true)
        {
            var at = raw.IndexOf("\r\n."u8);
            if (at < 0) break;
            raw[..(at + 2)].CopyTo(target.AsSpan(written));
            written += at + 2;
            raw = raw[(at + 3)..];
        }
        raw.CopyTo(target.AsSpan(written));
        written += raw.Length;
        return written == target.Length ? target : target[..written];
    }
}
