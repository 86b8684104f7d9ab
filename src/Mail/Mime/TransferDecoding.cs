using System.Buffers;

namespace PenguinMails.Mail.Mime;

/// <summary>Undoes transfer encodings (RFC 2045 6) as far as the octets allow.</summary>
static class TransferDecoding
{
    /// <summary>The standard name of an encoding: lower case, without comments and what else stands around it; null without one.</summary>
    public static string? Name(string? header)
    {
        if (header is null) return null;
        switch (header)
        {
            case "7bit" or "8bit" or "base64" or "quoted-printable" or "binary": return header;
            default: break;
        }
        var at = HeaderParameters.SkipBlank(header, 0);
        var text = header.AsSpan(at).Trim("\"' \t");
        var end = text.IndexOfAny(HeaderParameters.TokenEnd);
        var name = (end < 0 ? text : text[..end]).ToString().ToLowerInvariant();
        return name switch
        {
            "" => null,
            "base-64" or "base64encoded" or "b" => "base64",
            "quoted_printable" or "quotedprintable" or "quoted-printeable" or "quoted" or "qp" or "q" => "quoted-printable",
            "8-bit" or "8bits" => "8bit",
            "7-bit" or "7bits" => "7bit",
            "uuencode" or "x-uue" or "uue" or "x-uu" or "uu" => "x-uuencode",
            _ => name,
        };
    }

    public static bool IsUnknown(string? name) => name is not (null or "7bit" or "8bit" or "binary" or "base64" or "quoted-printable" or "x-uuencode");

    /// <summary>The decoded body; <paramref name="offset"/> is where it begins in the input, for defects.</summary>
    public static byte[] Decode(ReadOnlySpan<byte> body, string? encoding, bool isFlowed, MimeDefects? defects, long offset)
    {
        if (encoding == "x-uuencode") return Uuencode.Decode(body);
        if (encoding is not ("base64" or "quoted-printable")) return body.ToArray();
        var rented = ArrayPool<byte>.Shared.Rent(body.Length + 3);
        try
        {
            return rented.AsSpan(0, Decode(body, rented, encoding, isFlowed, defects, offset)).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Base64 or quoted-printable into a buffer of at least the body's length and 3 more.</summary>
    public static int Decode(ReadOnlySpan<byte> body, Span<byte> output, string encoding, bool isFlowed, MimeDefects? defects, long offset)
    {
        var isBase64 = encoding == "base64";
        var written = isBase64
            ? Base64Text.Decode(body, output, true, out _, out var fault, out _)
            : QuotedPrintableText.Decode(body, output, true, isFlowed, out _, out fault);
        if (fault >= 0) defects?.Add(isBase64 ? MimeDefectCode.Base64Invalid : MimeDefectCode.QuotedPrintableInvalid, offset + fault);
        return written;
    }
}
