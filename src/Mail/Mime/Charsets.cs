using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Text by charset label; what a label does not explain is read as UTF-8 and, where that fails, as Windows-1252.</summary>
static class Charsets
{
    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    static Charsets() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static string Text(ReadOnlySpan<byte> octets, string? label) =>
        Named(label) is { } encoding ? encoding.GetString(octets) : Guess(octets);

    /// <summary>RFC 6532: raw header octets are UTF-8; older senders put Windows-1252 there.</summary>
    public static string Header(ReadOnlySpan<byte> octets) => Ascii.IsValid(octets) ? Encoding.ASCII.GetString(octets) : Guess(octets);

    static string Guess(ReadOnlySpan<byte> octets)
    {
        try
        {
            return Strict.GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.GetEncoding(1252).GetString(octets);
        }
    }

    static Encoding? Named(string? label)
    {
        var name = label?.Trim().Trim('"', '\'').ToLowerInvariant();
        if (name is null or "" or "utf-8" or "utf8" or "us-ascii" or "ascii" or "unknown-8bit" or "8bit" or "default") return null;
        // As web browsers read them: the Windows set contains the ISO one.
        if (name is "iso-8859-1" or "latin1" or "iso8859-1" or "cp1252") name = "windows-1252";
        if (name is "utf-7" or "unicode-1-1-utf-7") return null;
        try
        {
            return Encoding.GetEncoding(name);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
