using System.Buffers;
using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Parameter values that are not ASCII or too long for one line (RFC 2231 3 and 4).</summary>
static class Rfc2231
{
    /// <summary>Token characters (RFC 2045 5.1).</summary>
    public static readonly SearchValues<char> Token = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`{|}~");

    static readonly SearchValues<byte> AttributeCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&+-.^_`{|}~"u8);

    const int SectionMax = 60;

    /// <summary>The parameter as one or more <c>name=value</c> pieces, each short enough for a line of its own.</summary>
    /// <param name="isUtf8">True where the header may carry UTF-8 as it is (RFC 6532).</param>
    public static IEnumerable<string> Parameter(string name, string value, bool isUtf8 = false)
    {
        if ((isUtf8 || Ascii.IsValid(value)) && value.Length <= SectionMax && !value.Contains('\t', StringComparison.Ordinal))
        {
            var isToken = value.Length > 0 && !value.AsSpan().ContainsAnyExcept(Token);
            yield return name + "=" + (isToken ? value : HeaderWriter.Quoted(value));
            yield break;
        }
        var sections = Sections(value);
        for (var i = 0; i < sections.Count; i++)
            yield return sections.Count == 1 ? $"{name}*=utf-8''{sections[i]}" : $"{name}*{i}*={(i == 0 ? "utf-8''" : "")}{sections[i]}";
    }

    /// <summary>The value of sections in order of their numbers; the first encoded one names the charset of all.</summary>
    public static string Joined(IReadOnlyCollection<(string Text, bool IsEncoded)> sections)
    {
        // Encoded words cut over sections, as some writers combine both standards, show only when the sections are joined.
        if (sections.All(section => !section.IsEncoded)) return EncodedWordReader.Decode(string.Concat(sections.Select(section => section.Text)));
        var octets = new List<byte>();
        string? charset = null;
        foreach (var (text, isEncoded) in sections)
        {
            var value = text;
            if (isEncoded && charset is null)
            {
                var parts = text.Split('\'', 3);
                charset = parts.Length == 3 ? parts[0] : "";
                value = parts[^1];
            }
            octets.AddRange(isEncoded ? Percent(value) : Encoding.UTF8.GetBytes(value));
        }
        return Charsets.Text([.. octets], charset).Replace('\r', ' ').Replace('\n', ' ').Replace('\0', ' ');
    }

    static byte[] Percent(string value)
    {
        var octets = Encoding.UTF8.GetBytes(value);
        var written = 0;
        for (var i = 0; i < octets.Length; i++)
        {
            var isEscape = octets[i] == '%' && i + 2 < octets.Length && QuotedPrintableText.Hex(octets[i + 1]) >= 0 && QuotedPrintableText.Hex(octets[i + 2]) >= 0;
            octets[written++] = isEscape ? (byte)((QuotedPrintableText.Hex(octets[i + 1]) << 4) | QuotedPrintableText.Hex(octets[i + 2])) : octets[i];
            if (isEscape) i += 2;
        }
        return octets[..written];
    }

    static List<string> Sections(string value)
    {
        var sections = new List<string>();
        var section = new StringBuilder();
        Span<byte> octets = stackalloc byte[4];
        foreach (var rune in value.EnumerateRunes())
        {
            var size = rune.EncodeToUtf8(octets);
            // A rune stays in one section, so that a reader that decodes section by section sees whole characters.
            if (section.Length + (size * 3) > SectionMax)
            {
                sections.Add(section.ToString());
                section.Clear();
            }
            for (var i = 0; i < size; i++)
            {
                if (AttributeCharacters.Contains(octets[i])) section.Append((char)octets[i]);
                else section.Append('%').Append(EncodedWord.HexUpper(octets[i] >> 4)).Append(EncodedWord.HexUpper(octets[i] & 15));
            }
        }
        sections.Add(section.ToString());
        return sections;
    }
}
