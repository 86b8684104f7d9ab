using System.Text;

namespace PenguinMails.Mail.Smtp;

enum ReplyFault
{
    None,
    Closed,
    TimedOut,
    Malformed,
    TooLong,
}

/// <summary>A reply as received (RFC 5321 4.2), or why there is none.</summary>
readonly record struct SmtpReply(int Code, string? Enhanced, string Text, ReplyFault Fault)
{
    public const int TextLengthMax = 2000;

    public bool IsPositive => Fault == ReplyFault.None && Code is >= 200 and < 300;

    public static SmtpReply Failed(ReplyFault fault) => new(0, null, "", fault);

    /// <summary>The text after the code of one line, split from its enhanced code (RFC 2034 4).</summary>
    public static (string? Enhanced, string Text) Split(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var first = space < 0 ? text : text[..space];
        if (!IsEnhanced(first)) return (null, text);
        return (first, space < 0 ? "" : text[(space + 1)..]);
    }

    /// <summary>UTF-8 with controls replaced by a question mark, so that it can be shown and stored.</summary>
    public static string Printable(string text) =>
        text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && !text.Contains('\u007f', StringComparison.Ordinal)
            ? text
            : string.Create(text.Length, text, (span, from) =>
            {
                for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(from[i]) ? '?' : from[i];
            });

    public static string Decode(ReadOnlySpan<byte> octets) => Printable(Encoding.UTF8.GetString(octets));

    static bool IsEnhanced(ReadOnlySpan<char> text)
    {
        if (text.Length is < 5 or > 9 || text[0] is not ('2' or '4' or '5') || text[1] != '.') return false;
        var dot = text[2..].IndexOf('.');
        if (dot is < 1 or > 3) return false;
        var detail = text[(3 + dot)..];
        return detail.Length is >= 1 and <= 3 && !text.Slice(2, dot).ContainsAnyExceptInRange('0', '9') && !detail.ContainsAnyExceptInRange('0', '9');
    }
}
