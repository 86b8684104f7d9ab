namespace PenguinMails.Mail.Mime;

/// <summary>Quoted-printable (RFC 2045 6.7) and the Q form of encoded words (RFC 2047 4.2), as far as the octets allow.</summary>
static class QuotedPrintableText
{
    const int BlanksMax = 998;

    /// <param name="output">At least as long as the input.</param>
    /// <param name="isLast">False when more follows: then an equals sign or blanks at the end may stay unread.</param>
    /// <param name="keepsBlanks">Blanks at line ends stay, because they mean something (RFC 3676); otherwise they are a gateway's and go (6.7 rule 3).</param>
    /// <param name="fault">Index of the first equals sign that starts nothing, -1 without one.</param>
    public static int Decode(ReadOnlySpan<byte> input, Span<byte> output, bool isLast, bool keepsBlanks, out int consumed, out int fault)
    {
        var (written, at) = (0, 0);
        fault = -1;
        // Where no line ends in a blank, which is nearly everywhere, line ends need no look.
        keepsBlanks |= !EndsInBlank(input, isLast);
        while (at < input.Length)
        {
            var rest = input[at..];
            var stop = keepsBlanks ? rest.IndexOf((byte)'=') : rest.IndexOfAny((byte)'=', (byte)'\n');
            var plain = stop < 0 ? rest : rest[..stop];
            if (!keepsBlanks) plain = WithoutBlanks(plain, stop >= 0 && rest[stop] == '\n', stop < 0, isLast, out at, at);
            else at += plain.Length;
            plain.CopyTo(output[written..]);
            written += plain.Length;
            if (stop < 0) break;
            if (input[at] == '\n')
            {
                if (at > 0 && input[at - 1] == '\r') output[written++] = (byte)'\r';
                output[written++] = (byte)'\n';
                at++;
                continue;
            }
            var step = Escape(input[at..], isLast, out var octet);
            if (step == 0) break;
            if (step < 0)
            {
                if (fault < 0) fault = at;
                step = 1;
            }
            if (octet >= 0) output[written++] = (byte)octet;
            at += step;
        }
        consumed = at;
        return written;
    }

    static bool EndsInBlank(ReadOnlySpan<byte> input, bool isLast) =>
        (!isLast && input.Length > 0 && input[^1] is (byte)' ' or (byte)'\t' or (byte)'\r')
        || input.IndexOf(" \r"u8) >= 0 || input.IndexOf(" \n"u8) >= 0 || input.IndexOf("\t\r"u8) >= 0 || input.IndexOf("\t\n"u8) >= 0;

    /// <summary>Plain octets less the blanks before a line end; blanks that end the input for now are left unread.</summary>
    static ReadOnlySpan<byte> WithoutBlanks(ReadOnlySpan<byte> plain, bool isLineEnd, bool isInputEnd, bool isLast, out int next, int at)
    {
        next = at + plain.Length;
        if (!isLineEnd && !isInputEnd) return plain;
        if (isInputEnd && isLast) return plain;
        var kept = plain.EndsWith("\r"u8) ? plain[..^1] : plain;
        kept = kept.TrimEnd(" \t"u8);
        if (plain.Length - kept.Length > BlanksMax) kept = plain;
        if (isInputEnd) next = at + kept.Length;
        return kept;
    }

    /// <returns>Octets taken, 0 when more input is needed, -1 when it is no escape and stands for itself.</returns>
    /// <param name="octet">The octet to write, -1 for none.</param>
    static int Escape(ReadOnlySpan<byte> rest, bool isLast, out int octet)
    {
        octet = -1;
        if (rest.Length >= 3 && Hex(rest[1]) is >= 0 and var high && Hex(rest[2]) is >= 0 and var low)
        {
            octet = (high << 4) | low;
            return 3;
        }
        var at = 1;
        while (at < rest.Length && at < BlanksMax && rest[at] is (byte)' ' or (byte)'\t') at++;
        if (at == rest.Length) return isLast ? at : 0;
        if (rest[at] == '\n') return at + 1;
        if (rest[at] == '\r')
        {
            if (at + 1 < rest.Length) return rest[at + 1] == '\n' ? at + 2 : at + 1;
            return isLast ? at + 1 : 0;
        }
        if (!isLast && rest.Length < 3) return 0;
        octet = '=';
        return -1;
    }

    /// <summary>The Q form: an underscore is a space, and there are no lines.</summary>
    public static int DecodeWord(ReadOnlySpan<byte> input, Span<byte> output)
    {
        var written = 0;
        for (var i = 0; i < input.Length; i++)
        {
            if (input[i] == '=' && i + 2 < input.Length && Hex(input[i + 1]) is >= 0 and var high && Hex(input[i + 2]) is >= 0 and var low)
            {
                output[written++] = (byte)((high << 4) | low);
                i += 2;
            }
            else
            {
                output[written++] = input[i] == '_' ? (byte)' ' : input[i];
            }
        }
        return written;
    }

    public static int Hex(byte octet) => octet switch
    {
        >= (byte)'0' and <= (byte)'9' => octet - '0',
        >= (byte)'A' and <= (byte)'F' => octet - 'A' + 10,
        >= (byte)'a' and <= (byte)'f' => octet - 'a' + 10,
        _ => -1,
    };
}
