using System.Globalization;
using System.Text;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Smtp;

enum SmtpVerb
{
    Unknown,
    Ehlo,
    Helo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Bdat,
    Rset,
    Noop,
    Vrfy,
    Quit,
}

enum SmtpState
{
    Connected,
    Greeted,
    HasSender,
    HasRecipient,

    /// <summary>Between the first chunk and the last (RFC 3030 2): nothing else may be said but RSET, NOOP and QUIT.</summary>
    InChunks,
}

/// <summary>One command line taken apart.</summary>
readonly record struct SmtpCommand(SmtpVerb Verb, string Argument)
{
    /// <summary>The legal verbs per state (RFC 5321 4.1.4).</summary>
    public static bool IsLegal(SmtpVerb verb, SmtpState state) => verb switch
    {
        SmtpVerb.Ehlo or SmtpVerb.Helo or SmtpVerb.Rset or SmtpVerb.Noop or SmtpVerb.Vrfy or SmtpVerb.Quit or SmtpVerb.Unknown => true,
        // Whatever the state, its octets must be read; the session answers for the order.
        SmtpVerb.Bdat => true,
        SmtpVerb.StartTls or SmtpVerb.Auth or SmtpVerb.Mail => state == SmtpState.Greeted,
        SmtpVerb.Rcpt => state is SmtpState.HasSender or SmtpState.HasRecipient,
        SmtpVerb.Data => state == SmtpState.HasRecipient,
    };

    public static SmtpCommand Parse(ReadOnlySpan<byte> line)
    {
        var space = line.IndexOf((byte)' ');
        var word = space < 0 ? line : line[..space];
        var argument = space < 0 ? "" : Encoding.UTF8.GetString(line[(space + 1)..]).Trim(' ');
        var verb = word.Length switch
        {
            4 when Is(word, "EHLO"u8) => SmtpVerb.Ehlo,
            4 when Is(word, "HELO"u8) => SmtpVerb.Helo,
            4 when Is(word, "MAIL"u8) => SmtpVerb.Mail,
            4 when Is(word, "RCPT"u8) => SmtpVerb.Rcpt,
            4 when Is(word, "DATA"u8) => SmtpVerb.Data,
            4 when Is(word, "BDAT"u8) => SmtpVerb.Bdat,
            4 when Is(word, "RSET"u8) => SmtpVerb.Rset,
            4 when Is(word, "NOOP"u8) => SmtpVerb.Noop,
            4 when Is(word, "VRFY"u8) => SmtpVerb.Vrfy,
            4 when Is(word, "QUIT"u8) => SmtpVerb.Quit,
            4 when Is(word, "AUTH"u8) => SmtpVerb.Auth,
            8 when Is(word, "STARTTLS"u8) => SmtpVerb.StartTls,
            _ => SmtpVerb.Unknown,
        };
        return new SmtpCommand(verb, argument);
    }

    /// <summary>The path of MAIL or RCPT and its parameters in capitals; false when the grammar is not met (RFC 5321 4.1.2).</summary>
    public bool TryPath(string keyword, out string path, out string[] parameters)
    {
        (path, parameters) = ("", []);
        if (!Argument.StartsWith(keyword, StringComparison.OrdinalIgnoreCase)) return false;
        var rest = Argument[keyword.Length..].TrimStart(' ');
        if (!rest.StartsWith('<')) return false;
        var close = Close(rest);
        if (close < 0) return false;
        path = rest[1..close];
        // RFC 5321 C: a source route is taken and ignored.
        if (path.StartsWith('@') && path.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon) path = path[(colon + 1)..];
        if (close + 1 < rest.Length && rest[close + 1] != ' ') return false;
        parameters = rest[(close + 1)..].ToUpperInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return true;
    }

    /// <summary>Size and LAST of BDAT; false when the grammar is not met (RFC 3030 2).</summary>
    public bool TryChunk(out long octets, out bool isLast)
    {
        var words = Argument.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        isLast = words.Length == 2 && words[1].Equals("LAST", StringComparison.OrdinalIgnoreCase);
        octets = 0;
        return words.Length > 0 && words.Length == (isLast ? 2 : 1) && words[0].Length <= 18 && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out octets);
    }

    /// <summary>The null sender and a bare postmaster apart, a path is an address.</summary>
    public static EmailAddress? Address(string path, DomainName own) =>
        EmailAddress.TryParse(path.Equals("postmaster", StringComparison.OrdinalIgnoreCase) ? path + "@" + own.Ascii : path, out var address, out _)
            ? address
            : null;

    static int Close(string rest)
    {
        var isQuoted = false;
        for (var i = 1; i < rest.Length; i++)
        {
            if (isQuoted && rest[i] == '\\') i++;
            else if (rest[i] == '"') isQuoted = !isQuoted;
            else if (rest[i] == '>' && !isQuoted) return i;
        }
        return -1;
    }

    static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> verb) => Ascii.EqualsIgnoreCase(word, verb);
}
