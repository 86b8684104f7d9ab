using System.Buffers;
using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Addresses;

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
