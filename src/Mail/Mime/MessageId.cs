using System.Diagnostics.CodeAnalysis;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Mime;

/// <summary>A message identifier (RFC 5322 3.6.4) without its angle brackets.</summary>
/// <remarks>Others' identifiers are taken as they come, even without an @: only what could break a header is refused.</remarks>
public sealed record MessageId
{
    /// <summary>Characters between the brackets, so that one always fits a line of 998.</summary>
    public const int LengthMax = 900;

    MessageId(string value) => Value = value;

    /// <summary>Printable ASCII without spaces and brackets.</summary>
    public string Value { get; }

    /// <summary>Takes <c>&lt;left@right&gt;</c> or <c>left@right</c>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out MessageId? id, [NotNullWhen(false)] out TextFault? fault)
    {
        id = null;
        var bare = text?.Trim(' ', '\t') ?? "";
        if (bare.Length > 1 && bare[0] == '<' && bare[^1] == '>') bare = bare[1..^1];
        fault = Check(bare);
        if (fault is not null) return false;
        id = new MessageId(bare);
        return true;
    }

    /// <exception cref="FormatException">Refused by <see cref="TryParse"/>.</exception>
    public static MessageId Parse(string text) => TryParse(text, out var id, out var fault)
        ? id
        : throw new FormatException($"Not a message id: {fault.Reason} at {fault.Offset}.");

    /// <summary>A new identifier of 128 random bits at the sending domain.</summary>
    /// <param name="random">16 octets are read from it; in production the cryptographic one.</param>
    public static MessageId Create(DomainName domain, RandomFill random)
    {
        var bits = new byte[16];
        random(bits);
        return new MessageId(Convert.ToHexStringLower(bits) + "@" + domain.Ascii);
    }

    /// <summary>With angle brackets, as in the header.</summary>
    public override string ToString() => "<" + Value + ">";

    static TextFault? Check(string bare)
    {
        if (bare.Length == 0) return new TextFault(TextReason.Empty, 0);
        if (bare.Length > LengthMax) return new TextFault(TextReason.TooLong, LengthMax);
        for (var i = 0; i < bare.Length; i++)
            if (bare[i] is <= ' ' or > '~' or '<' or '>')
                return new TextFault(bare[i] is '\r' or '\n' ? TextReason.LineBreak : TextReason.NotAllowedHere, i);
        return null;
    }
}
