namespace PenguinMails.Mail.Mime;

/// <summary>Undoes base64 and quoted-printable (RFC 2045 6) as far as the octets allow.</summary>
static class TransferDecoding
{
    public static byte[] Decode(ReadOnlySpan<byte> body, string? encoding) => encoding?.Trim().ToLowerInvariant() switch
    {
        "base64" => Base64(body),
        "quoted-printable" => QuotedPrintable(body, false),
        _ => body.ToArray(),
    };

    /// <summary>Characters outside the alphabet are skipped, as RFC 2045 6.8 says; an odd end gives what is whole.</summary>
    public static byte[] Base64(ReadOnlySpan<byte> body)
    {
        var output = new byte[(body.Length / 4 * 3) + 3];
        var (written, bits, held) = (0, 0, 0);
        foreach (var octet in body)
        {
            var value = octet switch
            {
                >= (byte)'A' and <= (byte)'Z' => octet - 'A',
                >= (byte)'a' and <= (byte)'z' => octet - 'a' + 26,
                >= (byte)'0' and <= (byte)'9' => octet - '0' + 52,
                (byte)'+' or (byte)'-' => 62,
                (byte)'/' or (byte)'_' => 63,
                _ => -1,
            };
            if (value < 0) continue;
            bits = ((bits << 6) | value) & 0xffff;
            held += 6;
            if (held < 8) continue;
            held -= 8;
            output[written++] = (byte)(bits >> held);
        }
        return output[..written];
    }

    /// <param name="isWord">The Q form of RFC 2047 4.2, where an underscore is a space.</param>
    public static byte[] QuotedPrintable(ReadOnlySpan<byte> body, bool isWord)
    {
        var output = new byte[body.Length];
        var written = 0;
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] == '_' && isWord) output[written++] = (byte)' ';
            else if (body[i] != '=') output[written++] = body[i];
            else if (i + 2 < body.Length && Hex(body[i + 1]) is >= 0 and var high && Hex(body[i + 2]) is >= 0 and var low)
            {
                output[written++] = (byte)((high << 4) | low);
                i += 2;
            }
            else if (SoftBreak(body[(i + 1)..]) is >= 0 and var skipped) i += skipped;
            else output[written++] = body[i];
        }
        return output[..written];
    }

    /// <summary>Octets of blanks and a line end, -1 when something else follows.</summary>
    static int SoftBreak(ReadOnlySpan<byte> rest)
    {
        var at = 0;
        while (at < rest.Length && rest[at] is (byte)' ' or (byte)'\t' or (byte)'\r') at++;
        return at < rest.Length && rest[at] == '\n' ? at + 1 : at == rest.Length ? at : -1;
    }

    internal static int Hex(byte octet) => octet switch
    {
        >= (byte)'0' and <= (byte)'9' => octet - '0',
        >= (byte)'A' and <= (byte)'F' => octet - 'A' + 10,
        >= (byte)'a' and <= (byte)'f' => octet - 'a' + 10,
        _ => -1,
    };
}
