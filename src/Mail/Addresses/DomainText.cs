using System.Buffers;
using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Addresses;

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
