namespace PenguinMails.Mail.Mime;

/// <summary>Undoes a transfer encoding piece by piece, keeping what cannot be decided yet: a few octets.</summary>
sealed class ContentDecoder(string? encoding, bool isFlowed, MimeDefects defects, long offset)
{
    byte[] input = [];
    byte[] output = [];
    Uuencode uuencode;
    int held;
    bool isFaulty;
    bool isPadded;
    bool isEnded;

    /// <param name="piece">Empty at the end.</param>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> piece, bool isLast)
    {
        if (encoding is not ("base64" or "quoted-printable" or "x-uuencode")) return piece;
        // Line ends mean nothing in base64, and the machine hands them over by themselves.
        if (isEnded || (encoding == "base64" && !isLast && piece.Trim("\r\n"u8).IsEmpty)) return [];
        if (held + piece.Length > input.Length)
        {
            Array.Resize(ref input, Math.Max(held + piece.Length, Math.Max(4096, input.Length * 2)));
            output = new byte[input.Length + 3];
        }
        piece.CopyTo(input.AsSpan(held));
        held += piece.Length;
        var whole = input.AsSpan(0, held);
        var (consumed, fault) = (0, -1);
        var written = encoding switch
        {
            "base64" => Base64(whole, isLast, out consumed, out fault),
            "x-uuencode" => uuencode.Decode(whole, output, isLast, out consumed),
            _ => QuotedPrintableText.Decode(whole, output, isLast, isFlowed, out consumed, out fault),
        };
        if (fault >= 0 && !isFaulty)
        {
            isFaulty = true;
            defects.Add(encoding == "base64" ? MimeDefectCode.Base64Invalid : MimeDefectCode.QuotedPrintableInvalid, offset);
        }
        whole[consumed..].CopyTo(input);
        held -= consumed;
        return output.AsSpan(0, written);
    }

    int Base64(ReadOnlySpan<byte> whole, bool isLast, out int consumed, out int fault)
    {
        (consumed, fault) = (0, -1);
        var text = whole.Trim("\r\n \t"u8);
        if (text.IsEmpty)
        {
            consumed = whole.Length;
            return 0;
        }
        // After padding only a further line of base64 goes on; anything else is a footer (RFC 2045 6.8).
        if (isPadded && !Base64Text.IsFurther(text))
        {
            (isEnded, consumed, fault) = (true, whole.Length, 0);
            return 0;
        }
        var written = Base64Text.Decode(whole, output, isLast, out consumed, out fault, out isEnded);
        isPadded = text[^1] == '=';
        return written;
    }
}
