using System.Text;

namespace PenguinMails.Mail.Auth;

/// <summary>A list of tag=value pairs (RFC 6376 3.2), as signatures, seals and key records are written.</summary>
sealed class TagList
{
    const int TagsMax = 100;

    readonly Dictionary<string, (int From, int To)> places = new(StringComparer.Ordinal);
    readonly string text;

    TagList(string text) => this.text = text;

    /// <summary>The name that stands first.</summary>
    public string First { get; private set; } = "";

    /// <returns>Null with the reason for a list the grammar does not allow: a pair without a name or equals sign, a name twice, a control character.</returns>
    public static TagList? Parse(string text, out string fault)
    {
        var list = new TagList(text);
        fault = "";
        for (var at = 0; at <= text.Length;)
        {
            var end = text.IndexOf(';', at);
            var isLast = end < 0;
            if (isLast) end = text.Length;
            var pair = text.AsSpan(at, end - at);
            // One semicolon may end the list.
            if (isLast && at > 0 && pair.Trim(" \t\r\n").IsEmpty) return list;
            if (list.Add(at, end) is { } wrong)
            {
                fault = wrong;
                return null;
            }
            if (isLast) return list;
            at = end + 1;
        }
        return list;
    }

    string? Add(int at, int end)
    {
        var equals = text.IndexOf('=', at, end - at);
        if (equals < 0) return text.AsSpan(at, end - at).Trim(" \t\r\n").IsEmpty ? "an empty tag" : "a tag without a value";
        var name = text[at..equals].Trim(' ', '\t', '\r', '\n');
        if (!IsName(name)) return "a tag name that is none";
        foreach (var c in text.AsSpan(equals + 1, end - equals - 1))
            if (c is < ' ' and not '\t' and not '\r' and not '\n' or '\x7f') return $"a control character in {name}=";
        if (places.Count >= TagsMax) return $"more than {TagsMax} tags";
        if (places.Count == 0) First = name;
        return places.TryAdd(name, (equals + 1, end)) ? null : $"{name}= twice";
    }

    static bool IsName(string name) => name.Length > 0 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    public bool Has(string name) => places.ContainsKey(name);

    /// <summary>The value without the blanks around it; empty when there is none.</summary>
    public string Of(string name) => places.TryGetValue(name, out var place) ? text[place.From..place.To].Trim(' ', '\t', '\r', '\n') : "";

    /// <summary>The value without any blanks, for base64 and lists.</summary>
    public string Compact(string name)
    {
        if (!places.TryGetValue(name, out var place)) return "";
        var output = new StringBuilder(place.To - place.From);
        foreach (var c in text.AsSpan(place.From, place.To - place.From))
            if (c is not (' ' or '\t' or '\r' or '\n')) output.Append(c);
        return output.ToString();
    }

    /// <summary>Where the raw value stands, blanks around it included (RFC 6376 3.5, b=).</summary>
    public (int From, int To) Place(string name) => places.GetValueOrDefault(name);

    /// <summary>The value as octets; null when it is no base64 or empty.</summary>
    public byte[]? Octets(string name)
    {
        var value = Compact(name);
        var octets = new byte[(value.Length * 3 / 4) + 3];
        return value.Length > 0 && Convert.TryFromBase64String(value, octets, out var length) && length > 0 ? octets[..length] : null;
    }
}
