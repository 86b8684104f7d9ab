using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Auth;

/// <summary>The domains of a From field (RFC 5322 3.6.2), read as tolerantly as mail programs do: comments, groups, source routes and several authors.</summary>
static class AuthorDomains
{
    const int DomainsMax = 10; // More authors than that are not judged.
    const int DomainLengthMax = 253; // RFC 1035 2.3.4 less the final dot.

    static readonly IdnMapping Idn = new();

    /// <returns>Lower case, A-labels, each once, in order.</returns>
    public static IReadOnlyList<string> Of(RawField field)
    {
        if (field.IsTooLong) return [];
        var text = StructuredText.WithoutComments(Encoding.UTF8.GetString(field.Octets.Span[(field.Colon + 1)..]));
        var domains = new List<string>();
        foreach (var address in Addresses(text))
        {
            if (domains.Count >= DomainsMax) break;
            if (Domain(address) is { } domain && !domains.Contains(domain)) domains.Add(domain);
        }
        return domains;
    }

    /// <summary>What stands in angle brackets; of a part of the list without any, the whole part.</summary>
    static IEnumerable<string> Addresses(string text)
    {
        var (from, bracket, hadBracket, isQuoted) = (0, -1, false, false);
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : ',';
            if (isQuoted && i < text.Length)
            {
                if (c == '\\') i++;
                else if (c == '"') isQuoted = false;
            }
            else if (c == '"') isQuoted = true;
            else if (c == '<') bracket = i + 1;
            else if (c == '>' && bracket >= 0)
            {
                yield return text[bracket..i];
                (bracket, hadBracket) = (-1, true);
            }
            else if (c is ',' or ';' or ':' && (bracket < 0 || i == text.Length))
            {
                if (!hadBracket && i > from && c != ':') yield return text[Math.Max(from, bracket)..i];
                (from, bracket, hadBracket) = (i + 1, -1, false);
            }
        }
    }

    static string? Domain(string address)
    {
        var at = address.LastIndexOf('@');
        if (at < 0) return null;
        var domain = string.Concat(address[(at + 1)..].Where(c => !char.IsWhiteSpace(c))).TrimEnd('.');
        if (domain.Length is 0 or > DomainLengthMax || domain[0] == '[') return null;
        try { return (Ascii.IsValid(domain) ? domain : Idn.GetAscii(domain)).ToLowerInvariant(); }
        catch (ArgumentException) { return null; }
    }
}
