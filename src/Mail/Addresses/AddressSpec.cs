using System.Buffers;
using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Addresses;

/// <summary>The verdict over a text as a mailbox of SMTP (RFC 5321 4.1.2, with RFC 6531 3.3): its pieces, or why and where it is none.</summary>
/// <remarks>
/// Wider than <see cref="EmailAddress"/>, which is what this product sends to: quoted local parts, address literals (4.1.3) and domains of one
/// label are valid syntax here. Comments, blanks, routes, display names and the obsolete forms of RFC 5322 are not SMTP and are refused by name.
/// </remarks>
public sealed record AddressSpec
{
    AddressSpec(string input, AddressFault? fault)
    {
        Input = input;
        Fault = fault;
    }

    /// <summary>The text as given.</summary>
    public string Input { get; }

    /// <summary>Null when the text is a mailbox.</summary>
    public AddressFault? Fault { get; }

    public bool IsValid => Fault is null;

    /// <summary>The wire form: local part in NFC without needless quotes, domain as A-labels in lower case; empty for a refusal.</summary>
    public string Address => IsValid ? Local + "@" + Domain : "";

    /// <summary>Case kept; empty for a refusal.</summary>
    public string Local { get; private init; } = "";

    /// <summary>A-labels or an address literal with its brackets; empty for a refusal.</summary>
    public string Domain { get; private init; } = "";

    /// <summary>True for an address literal such as <c>[192.0.2.1]</c>: valid, and refused by most receivers of mail.</summary>
    public bool IsLiteral { get; private init; }

    /// <summary>True for a domain of one label such as <c>localhost</c>: valid syntax, deliverable inside a network only.</summary>
    public bool IsSingleLabel => IsValid && !IsLiteral && !Domain.Contains('.', StringComparison.Ordinal);

    /// <summary>The address to send to, null where this product would not: literals, single labels and numeric top levels.</summary>
    public EmailAddress? Sendable => IsValid && EmailAddress.TryParse(Address, out var address, out _) ? address : null;

    /// <summary>Judges exactly the text given; blanks around it are not removed.</summary>
    public static AddressSpec Read(string text)
    {
        if (text.Length == 0) return Refused(text, AddressReason.Empty, 0);
        // Four octets of UTF-8 are at most two UTF-16 units, so nothing this long can be within the limit.
        if (text.Length > EmailAddress.OctetsMax * 4) return Refused(text, AddressReason.TooLong, EmailAddress.OctetsMax * 4);
        var at = 0;
        var local = text[0] == '"' ? LocalText.Quoted(text, ref at, out var fault) : LocalText.DotAtom(text, ref at, out fault);
        if (fault is not null) return new AddressSpec(text, fault);
        if (at >= text.Length) return Refused(text, AddressReason.AtMissing, at);
        if (text[at] != '@') return new AddressSpec(text, LocalText.Unexpected(text, at, false));
        if (Encoding.UTF8.GetByteCount(local) > EmailAddress.LocalOctetsMax) return Refused(text, AddressReason.LocalTooLong, Cut(text, EmailAddress.LocalOctetsMax));
        var start = at + 1;
        var isLiteral = start < text.Length && text[start] == '[';
        var domain = isLiteral ? AddressLiteral.Read(text, start, out fault) : DomainText.Read(text, start, out fault);
        if (fault is not null) return new AddressSpec(text, fault);
        var spec = new AddressSpec(text, null) { Local = local, Domain = domain, IsLiteral = isLiteral };
        return Encoding.UTF8.GetByteCount(spec.Address) > EmailAddress.OctetsMax ? Refused(text, AddressReason.TooLong, Cut(text, EmailAddress.OctetsMax)) : spec;
    }

    static int Cut(string text, int octets) => Math.Min(text.Length, octets);

    static AddressSpec Refused(string text, AddressReason reason, int offset) => new(text, new AddressFault(reason, offset));
}

/// <summary>Local parts (RFC 5321 4.1.2 Local-part, RFC 6531 3.3).</summary>
static class LocalText
{
    static readonly SearchValues<char> AtomText = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~");

    public static string DotAtom(string text, ref int at, out AddressFault? fault)
    {
        var from = at;
        for (; at < text.Length && text[at] != '@'; at++)
        {
            var c = text[at];
            if (c == '.')
            {
                var isMisplaced = at == from || text[at - 1] == '.' || at + 1 >= text.Length || text[at + 1] == '@';
                if (isMisplaced) return Fail(AddressReason.LocalDotMisplaced, at, out fault);
            }
            else if (!IsAtom(text, ref at))
            {
                fault = Unexpected(text, at, at == from || text[at - 1] == '.');
                return "";
            }
        }
        if (at == from) return Fail(AddressReason.LocalEmpty, at, out fault);
        fault = null;
        return text[from..at].Normalize(NormalizationForm.FormC);
    }

    public static string Quoted(string text, ref int at, out AddressFault? fault)
    {
        var from = at;
        var content = new StringBuilder();
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            // RFC 5321 4.1.2 quoted-pairSMTP: a backslash before a printable character; RFC 5322 4.1 allowed any.
            var isPair = text[at] == '\\';
            if (isPair && ++at >= text.Length) break;
            var first = at;
            var isOdd = char.IsControl(text[at]) || (text[at] > '~' && (isPair || !IsAtom(text, ref at)));
            if (isOdd) return Fail(Odd(text, at, AddressReason.LocalCharacter), at, out fault);
            content.Append(text, first, at - first + 1);
        }
        if (at >= text.Length) return Fail(AddressReason.QuoteNotClosed, text.Length, out fault);
        at++;
        if (at < text.Length && text[at] is '.') return Fail(AddressReason.LocalObsolete, at, out fault);
        fault = null;
        var inner = content.ToString().Normalize(NormalizationForm.FormC);
        // RFC 5321 4.1.2: quotes that quote nothing are to be left out; the length counts as it was written.
        return IsDotAtom(inner) && Encoding.UTF8.GetByteCount(text[from..at]) <= EmailAddress.LocalOctetsMax ? inner : text[from..at].Normalize(NormalizationForm.FormC);
    }

    /// <summary>What a character that cannot stand here means, for a reason that helps.</summary>
    /// <param name="isAtomStart">True where an atom would begin.</param>
    public static AddressFault Unexpected(string text, int at, bool isAtomStart) => new(text[at] switch
    {
        '(' or ')' => AddressReason.Comment,
        ' ' or '\t' when text.IndexOf('<', at) > 0 => AddressReason.AngleBracket,
        ' ' or '\t' => AddressReason.WhiteSpace,
        '\r' or '\n' when at + 2 < text.Length && text[at] == '\r' && text[at + 1] == '\n' && text[at + 2] is ' ' or '\t' => AddressReason.WhiteSpace,
        '<' or '>' => AddressReason.AngleBracket,
        ',' or ';' => AddressReason.SeveralAddresses,
        '"' when isAtomStart || at > 0 => AddressReason.LocalObsolete,
        _ => Odd(text, at, AddressReason.LocalCharacter),
    }, at);

    public static AddressReason Odd(string text, int at, AddressReason otherwise) =>
        char.IsControl(text[at]) || text[at] is '\u2028' or '\u2029' ? AddressReason.ControlCharacter
        : char.IsSurrogate(text[at]) && !IsPair(text, at) ? AddressReason.NotUnicode
        : otherwise;

    static bool IsAtom(string text, ref int at)
    {
        var c = text[at];
        if (c < 0x80) return AtomText.Contains(c);
        if (char.IsControl(c) || char.IsWhiteSpace(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.OtherNotAssigned) return false;
        if (!char.IsSurrogate(c)) return true;
        if (!IsPair(text, at)) return false;
        at++;
        return true;
    }

    static bool IsDotAtom(string inner)
    {
        var at = 0;
        return inner.Length > 0 && DotAtom(inner, ref at, out var fault).Length > 0 && fault is null && at == inner.Length;
    }

    static bool IsPair(string text, int at) => char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);

    static string Fail(AddressReason reason, int offset, out AddressFault? fault)
    {
        fault = new AddressFault(reason, offset);
        return "";
    }
}

/// <summary>Domains as names (RFC 5321 4.1.2 Domain, RFC 6531 3.3 U-label).</summary>
static class DomainText
{
    static readonly SearchValues<char> Label = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <returns>A-labels in lower case, empty with a fault.</returns>
    public static string Read(string text, int start, out AddressFault? fault)
    {
        var name = text[start..];
        if (name.Length == 0) return Fail(AddressReason.DomainEmpty, start, out fault);
        for (var i = 0; i < name.Length; i++)
            if (Refusal(text, start + i) is { } reason) return Fail(reason, start + i, out fault);
        var ascii = Ascii.IsValid(name) ? name.ToLowerInvariant() : ToAscii(name);
        if (ascii is null) return Fail(AddressReason.DomainNotIdna, start, out fault);
        fault = Check(ascii, start);
        return fault is null ? ascii : "";
    }

    static AddressReason? Refusal(string text, int at) => text[at] switch
    {
        '(' or ')' => AddressReason.Comment,
        ' ' or '\t' => AddressReason.WhiteSpace,
        '\r' when at + 2 < text.Length && text[at + 1] == '\n' && text[at + 2] is ' ' or '\t' => AddressReason.WhiteSpace,
        '<' or '>' => AddressReason.AngleBracket,
        ',' or ';' => AddressReason.SeveralAddresses,
        '[' or ']' => AddressReason.LiteralInvalid,
        var c when char.IsWhiteSpace(c) && !char.IsControl(c) && c is not ('\u2028' or '\u2029') => AddressReason.DomainCharacter,
        _ when LocalText.Odd(text, at, AddressReason.Empty) is var odd && odd != AddressReason.Empty && !IsSecondHalf(text, at) => odd,
        _ => null,
    };

    static bool IsSecondHalf(string text, int at) => char.IsLowSurrogate(text[at]) && at > 0 && char.IsHighSurrogate(text[at - 1]);

    static string? ToAscii(string name)
    {
        try
        {
            return Idn.GetAscii(name.Normalize(NormalizationForm.FormC)).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    static AddressFault? Check(string ascii, int start)
    {
        var at = 0;
        while (true)
        {
            var dot = ascii.IndexOf('.', at);
            var end = dot < 0 ? ascii.Length : dot;
            var label = ascii.AsSpan(at, end - at);
            var odd = label.IndexOfAnyExcept(Label);
            if (label.IsEmpty) return new AddressFault(AddressReason.DomainLabelEmpty, start + at);
            if (odd >= 0) return new AddressFault(AddressReason.DomainCharacter, start + at + odd);
            if (label[0] == '-') return new AddressFault(AddressReason.DomainLabelHyphen, start + at);
            if (label[^1] == '-') return new AddressFault(AddressReason.DomainLabelHyphen, start + end - 1);
            if (label.Length > DomainName.LabelLengthMax) return new AddressFault(AddressReason.DomainLabelTooLong, start + at + DomainName.LabelLengthMax);
            if (dot < 0) break;
            at = dot + 1;
        }
        // RFC 5321 4.5.3.1.2: 255 octets; RFC 1035 3.1 counts the length octets, which leaves 253.
        return ascii.Length > DomainName.LengthMax ? new AddressFault(AddressReason.DomainTooLong, start + DomainName.LengthMax) : null;
    }

    static string Fail(AddressReason reason, int offset, out AddressFault? fault)
    {
        fault = new AddressFault(reason, offset);
        return "";
    }
}
