namespace PenguinMails.Mail.Smtp;

/// <summary>Transparency for the mail data (RFC 5321 4.5.2).</summary>
static class DotStuffing
{
    /// <summary>Octets to add for dots at line starts; throws for a dot behind a bare LF.</summary>
    public static int Dots(ReadOnlySpan<byte> message)
    {
        var dots = message.Length > 0 && message[0] == '.' ? 1 : 0;
        for (var rest = message; ;)
        {
            var at = rest.IndexOf("\n."u8);
            if (at < 0) return dots;
            if (at == 0 ? rest.Length == message.Length || message[message.Length - rest.Length - 1] != '\r' : rest[at - 1] != '\r')
                throw new ArgumentException("A dot behind a bare line feed in a message.", nameof(message));
            dots++;
            rest = rest[(at + 1)..];
        }
    }

    /// <summary>Copies with every line-start dot doubled.</summary>
    /// <param name="atLineStart">False when the block goes on in the middle of a line.</param>
    /// <param name="target">At least the message and its dots.</param>
    /// <returns>Octets written.</returns>
    public static int Copy(ReadOnlySpan<byte> message, bool atLineStart, Span<byte> target)
    {
        var written = 0;
        if (atLineStart && message.Length > 0 && message[0] == '.') target[written++] = (byte)'.';
        while (true)
        {
            var at = message.IndexOf("\n."u8);
            if (at < 0) break;
            message[..(at + 1)].CopyTo(target[written..]);
            written += at + 1;
            target[written++] = (byte)'.';
            target[written++] = (byte)'.';
            message = message[(at + 2)..];
        }
        message.CopyTo(target[written..]);
        return written + message.Length;
    }
}
