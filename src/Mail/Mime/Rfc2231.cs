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
    public static IEnumerable<string> Parameter(string name, string value)
    {
        if (Ascii.IsValid(value) && value.Length <= SectionMax && !value.Contains('\t', StringComparison.Ordinal))
        {
            var isToken = value.Length > 0 && !value.AsSpan().ContainsAnyExcept(Token);
            yield return name + "=" + (isToken ? value : HeaderWriter.Quoted(value));
            yield break;
        }
        var sections = Sections(value);
        for (var i = 0; i < sections.Count; i++)
            yield return sections.Count == 1 ? $"{name}*=utf-8''{sections[i]}" : $"{name}*{i}*={(i == 0 ? "utf-8''" : "")}{sections[i]}";
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
