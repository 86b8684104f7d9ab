using System.Text;

namespace PenguinMails.Mail.Imap;

/// <summary>A command under construction: text, and strings that become quoted or literals as their octets and the server ask.</summary>
sealed class ImapCommand
{
    /// <summary>RFC 7888 5: what LITERAL- lets through unasked.</summary>
    const int LiteralMinusOctetsMax = 4096;

    const int QuotedOctetsMax = 1000;

    readonly StringBuilder text = new();

    /// <summary>Line, and the literal behind it.</summary>
    readonly List<(string Line, ReadOnlyMemory<byte> Literal)> parts = [];

    readonly bool isUtf8;

    /// <param name="isUtf8">True when quoted strings may hold UTF-8 (RFC 9051, RFC 9755).</param>
    public ImapCommand(string verb, bool isUtf8 = false)
    {
        text.Append(verb);
        this.isUtf8 = isUtf8;
    }

    /// <summary>What the dialogue shows instead; null for the command itself.</summary>
    public string? Shown { get; init; }

    /// <summary>What to say to the first "+"; null for nothing.</summary>
    public string? Answer { get; init; }

    /// <summary>What to say to further ones, so that a refusal can come.</summary>
    public string LastAnswer { get; init; } = "";

    /// <summary>True when <see cref="LastAnswer"/> is a secret.</summary>
    public bool HidesAnswers { get; init; }

    public IReadOnlyList<(string Line, ReadOnlyMemory<byte> Literal)> Parts => parts;

    public string Tail => text.ToString();

    /// <summary>Syntax of ours.</summary>
    public ImapCommand Add(string syntax)
    {
        text.Append(syntax);
        return this;
    }

    /// <summary>An astring; NUL cannot be said at all and becomes U+FFFD.</summary>
    public ImapCommand String(string value)
    {
        if (value.Length <= QuotedOctetsMax && value.AsSpan().IndexOfAny('\r', '\n', '\0') < 0 && (isUtf8 || Ascii.IsValid(value)))
        {
            text.Append('"').Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
            return this;
        }
        return Literal(Encoding.UTF8.GetBytes(value.Replace('\0', '\uFFFD')));
    }

    public ImapCommand Folder(string name) => String(isUtf8 ? name : MailboxName.Encode(name));

    public ImapCommand Literal(ReadOnlyMemory<byte> octets)
    {
        parts.Add((text.ToString(), octets));
        text.Clear();
        return this;
    }

    /// <summary>RFC 7888: whether a literal may follow at once.</summary>
    public static bool IsUnasked(IReadOnlyList<string> capabilities, int octets) =>
        capabilities.Contains("LITERAL+") || (octets <= LiteralMinusOctetsMax && (capabilities.Contains("LITERAL-") || capabilities.Contains("IMAP4REV2")));
}
