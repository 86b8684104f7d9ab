using System.Globalization;
using System.Net;

namespace PenguinMails.Mail.Auth;

enum SpfMechanism
{
    All,
    Include,
    A,
    Mx,
    Ptr,
    Ip4,
    Ip6,
    Exists,
}

/// <param name="Text">As published.</param>
/// <param name="Domain">The domain-spec, macros unexpanded; null when there is none.</param>
/// <param name="Network">Of ip4 and ip6; null else.</param>
sealed record SpfTerm(string Text, AuthResult Result, SpfMechanism Kind, string? Domain, IPAddress? Network, int Bits4, int Bits6);

/// <summary>One record of RFC 7208 4.6, read whole before any of it is used, so that a fault anywhere is a permerror.</summary>
sealed record SpfRecord(IReadOnlyList<SpfTerm> Terms, string? Redirect, string? Explanation)
{
    const string Version = "v=spf1";

    /// <summary>RFC 7208 4.5: the version, then a blank or nothing.</summary>
    public static bool IsRecord(string text) =>
        text.StartsWith(Version, StringComparison.OrdinalIgnoreCase) && (text.Length == Version.Length || text[Version.Length] == ' ');

    /// <returns>Null with the reason when the grammar does not allow it.</returns>
    public static SpfRecord? Parse(string text, out string fault)
    {
        var terms = new List<SpfTerm>();
        string? redirect = null, explanation = null;
        fault = "";
        foreach (var word in text[Version.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.AsSpan().ContainsAnyExceptInRange('!', '~')) return Refuse($"a term of other than printable ASCII", out fault);
            if (IsModifier(word, out var name, out var value))
            {
                if (Modifier(name, value, ref redirect, ref explanation) is not { } wrong) continue;
                return Refuse(wrong, out fault);
            }
            if (Term(word) is not { } term) return Refuse($"the term {Shown(word)} is not in the grammar", out fault);
            terms.Add(term);
        }
        return new SpfRecord(terms, redirect, explanation);
    }

    /// <summary>At most 100 characters of what a stranger wrote, for a reason.</summary>
    public static string Shown(string text) => text.Length <= 100 ? text : text[..100] + "…";

    static SpfRecord? Refuse(string reason, out string fault)
    {
        fault = reason;
        return null;
    }

    // RFC 7208 4.6.1: a modifier has its equals sign before any colon or slash.
    static bool IsModifier(string word, out string name, out string value)
    {
        var mark = word.AsSpan().IndexOfAny('=', ':', '/');
        (name, value) = mark >= 0 && word[mark] == '=' ? (word[..mark], word[(mark + 1)..]) : ("", "");
        return mark >= 0 && word[mark] == '=';
    }

    static string? Modifier(string name, string value, ref string? redirect, ref string? explanation)
    {
        if (name.Length == 0 || !char.IsAsciiLetter(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            return $"{Shown(name)} cannot name a modifier";
        var isRedirect = name.Equals("redirect", StringComparison.OrdinalIgnoreCase);
        if (!isRedirect && !name.Equals("exp", StringComparison.OrdinalIgnoreCase))
            return SpfMacro.IsMacroText(value, false) ? null : $"the modifier {Shown(name)} has a broken macro"; // RFC 7208 6: unknown ones are ignored, if well formed.
        if (!SpfMacro.IsDomainSpec(value)) return $"{name} names no domain";
        // RFC 7208 6: each of these two once at most.
        if ((isRedirect ? redirect : explanation) is not null) return $"{name} appears twice";
        if (isRedirect) redirect = value;
        else explanation = value;
        return null;
    }

    static SpfTerm? Term(string word)
    {
        var result = word[0] switch { '+' => AuthResult.Pass, '-' => AuthResult.Fail, '~' => AuthResult.Softfail, '?' => AuthResult.Neutral, _ => AuthResult.None };
        var text = result == AuthResult.None ? word : word[1..];
        if (result == AuthResult.None) result = AuthResult.Pass;
        var end = text.AsSpan().IndexOfAny(':', '/');
        var rest = end < 0 ? "" : text[end..];
        var made = (end < 0 ? text : text[..end]).ToLowerInvariant() switch
        {
            "all" => rest.Length == 0 ? New(SpfMechanism.All) : null,
            "include" => Named(SpfMechanism.Include, rest),
            "exists" => Named(SpfMechanism.Exists, rest),
            "ptr" => rest.Length == 0 ? New(SpfMechanism.Ptr) : Named(SpfMechanism.Ptr, rest),
            "a" => Host(SpfMechanism.A, rest),
            "mx" => Host(SpfMechanism.Mx, rest),
            "ip4" => Net(SpfMechanism.Ip4, rest),
            "ip6" => Net(SpfMechanism.Ip6, rest),
            _ => null,
        };
        return made is null ? null : made with { Text = word, Result = result };
    }

    static SpfTerm New(SpfMechanism kind) => new("", AuthResult.None, kind, null, null, 32, 128);

    static SpfTerm? Named(SpfMechanism kind, string rest) =>
        rest.StartsWith(':') && SpfMacro.IsDomainSpec(rest[1..]) ? New(kind) with { Domain = rest[1..] } : null;

    // RFC 7208 5.3, 5.4, 5.6: an optional domain, then /n, //n or /n//m. A domain may itself contain slashes, so lengths are taken from the end.
    static SpfTerm? Host(SpfMechanism kind, string rest)
    {
        var (bits4, bits6) = (32, 128);
        if (Tail(rest, "//") is { } at6 && !Bits(rest[(at6 + 2)..], 128, out bits6)) return null;
        else if (Tail(rest, "//") is { } cut6) rest = rest[..cut6];
        if (Tail(rest, "/") is { } at4)
        {
            if (!Bits(rest[(at4 + 1)..], 32, out bits4)) return null;
            rest = rest[..at4];
        }
        var term = New(kind) with { Bits4 = bits4, Bits6 = bits6 };
        if (rest.Length == 0) return term;
        return rest[0] == ':' && SpfMacro.IsDomainSpec(rest[1..]) ? term with { Domain = rest[1..] } : null;
    }

    static int? Tail(string text, string mark)
    {
        var digits = text.Length;
        while (digits > 0 && char.IsAsciiDigit(text[digits - 1])) digits--;
        return digits < text.Length && text[..digits].EndsWith(mark, StringComparison.Ordinal) ? digits - mark.Length : null;
    }

    static bool Bits(string text, int max, out int bits)
    {
        bits = 0;
        return text.Length is > 0 and <= 3 && (text == "0" || text[0] != '0') && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bits) && bits <= max;
    }

    static SpfTerm? Net(SpfMechanism kind, string rest)
    {
        if (!rest.StartsWith(':')) return null;
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var max = kind == SpfMechanism.Ip4 ? 32 : 128;
        var bits = max;
        if (slash >= 0 && !Bits(rest[(slash + 1)..], max, out bits)) return null;
        var text = slash < 0 ? rest[1..] : rest[1..slash];
        var network = kind == SpfMechanism.Ip4 ? Quad(text) : Hex(text);
        return network is null ? null : New(kind) with { Network = network, Bits4 = bits, Bits6 = bits };
    }

    static IPAddress? Quad(string text)
    {
        var parts = text.Split('.');
        if (parts.Length != 4) return null;
        var octets = new byte[4];
        for (var i = 0; i < 4; i++)
        {
            // RFC 7208 12, qnum: no leading zeros.
            if (parts[i].Length is 0 or > 3 || (parts[i].Length > 1 && parts[i][0] == '0')) return null;
            if (!byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out octets[i])) return null;
        }
        return new IPAddress(octets);
    }

    static IPAddress? Hex(string text) =>
        text.Contains(':', StringComparison.Ordinal) && text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.') && IPAddress.TryParse(text, out var address) ? address : null;
}
