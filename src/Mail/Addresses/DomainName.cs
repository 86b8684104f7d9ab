using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Addresses;

/// <summary>A fully qualified domain name in its wire form: A-labels, lower case, no final dot (RFC 5321 2.3.5, RFC 5890).</summary>
public sealed record DomainName
{
    /// <summary>Characters of the A-label form (RFC 1035 3.1 less the final dot).</summary>
    public const int LengthMax = 253;

    /// <summary>Characters of one label (RFC 1035 2.3.4).</summary>
    public const int LabelLengthMax = 63;

    static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };
    static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    DomainName(string ascii) => Ascii = ascii;

    /// <summary>The A-label form, at most 253 ASCII characters.</summary>
    public string Ascii { get; }

    /// <summary>The form for people, with U-labels where they decode; never for comparison or the wire.</summary>
    public string Display => Ascii.Contains("xn--", StringComparison.Ordinal) ? Decoded(Ascii) : Ascii;

    /// <summary>Accepts a host name with at least two labels, Unicode or A-labels, with or without a final dot.</summary>
    /// <param name="fault">The offset counts from the start of <paramref name="text"/>.</param>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out DomainName? domain, [NotNullWhen(false)] out AddressFault? fault)
    {
        domain = null;
        if (string.IsNullOrEmpty(text)) return Refuse(AddressReason.DomainEmpty, 0, out fault);
        if (text[0] == '[') return Refuse(AddressReason.DomainLiteral, 0, out fault);
        // Four times the limit: U-labels shrink or grow under punycode, but never by that much.
        if (text.Length > LengthMax * 4) return Refuse(AddressReason.DomainTooLong, LengthMax * 4, out fault);
        var name = text.EndsWith('.') ? text[..^1] : text;
        if (!ToAscii(name, out var ascii, out fault)) return false;
        fault = Check(ascii);
        if (fault is not null) return false;
        domain = new DomainName(ascii);
        return true;
    }

    /// <exception cref="FormatException">Not a domain name: for constants and configuration already checked.</exception>
    public static DomainName Parse(string text) => TryParse(text, out var domain, out var fault)
        ? domain
        : throw new FormatException($"Not a domain name: {fault.Reason} at {fault.Offset}.");

    /// <summary>True for the domain itself and everything below it.</summary>
    public bool IsWithin(DomainName parent) =>
        Ascii == parent.Ascii || Ascii.EndsWith("." + parent.Ascii, StringComparison.Ordinal);

    public override string ToString() => Ascii;

    static bool ToAscii(string name, out string ascii, [NotNullWhen(false)] out AddressFault? fault)
    {
        ascii = "";
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsControl(name[i])) return Refuse(AddressReason.ControlCharacter, i, out fault);
            if (char.IsWhiteSpace(name[i])) return Refuse(AddressReason.DomainCharacter, i, out fault);
        }
        fault = null;
        if (System.Text.Ascii.IsValid(name)) { ascii = name.ToLowerInvariant(); return true; }
        try
        {
            ascii = Idn.GetAscii(name.Normalize(NormalizationForm.FormC)).ToLowerInvariant();
            return true;
        }
        catch (ArgumentException)
        {
            return Refuse(AddressReason.DomainNotIdna, 0, out fault);
        }
    }

    static AddressFault? Check(string ascii)
    {
        if (ascii.Length == 0) return new AddressFault(AddressReason.DomainEmpty, 0);
        if (ascii.Length > LengthMax) return new AddressFault(AddressReason.DomainTooLong, LengthMax);
        var start = 0;
        var labels = 0;
        while (start <= ascii.Length)
        {
            var dot = ascii.IndexOf('.', start);
            var end = dot < 0 ? ascii.Length : dot;
            if (CheckLabel(ascii.AsSpan(start, end - start), start) is { } fault) return fault;
            labels++;
            if (dot < 0) break;
            start = dot + 1;
        }
        if (labels < 2) return new AddressFault(AddressReason.DomainNotQualified, ascii.Length);
        // RFC 3696 2: the top level is never all digits, so 1.2.3.4 is an address in disguise.
        return ascii.AsSpan(start).ContainsAnyExceptInRange('0', '9') ? null : new AddressFault(AddressReason.DomainNumeric, start);
    }

    static AddressFault? CheckLabel(ReadOnlySpan<char> label, int start)
    {
        if (label.IsEmpty) return new AddressFault(AddressReason.DomainLabelEmpty, start);
        var odd = label.IndexOfAnyExcept(LabelCharacters);
        if (odd >= 0) return new AddressFault(AddressReason.DomainCharacter, start + odd);
        if (label.Length > LabelLengthMax) return new AddressFault(AddressReason.DomainLabelTooLong, start + LabelLengthMax);
        if (label[0] == '-') return new AddressFault(AddressReason.DomainLabelHyphen, start);
        return label[^1] == '-' ? new AddressFault(AddressReason.DomainLabelHyphen, start + label.Length - 1) : null;
    }

    static string Decoded(string ascii)
    {
        try { return Idn.GetUnicode(ascii); }
        catch (ArgumentException) { return ascii; }
    }

    static bool Refuse(AddressReason reason, int offset, out AddressFault fault)
    {
        fault = new AddressFault(reason, offset);
        return false;
    }
}
