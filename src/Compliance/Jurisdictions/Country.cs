using System.Collections.Frozen;
using PenguinMails.Core;

namespace PenguinMails.Compliance.Jurisdictions;

/// <summary>A country as a contact may name it.</summary>
/// <param name="Code">ISO 3166-1 alpha-2, upper case.</param>
/// <param name="Name">English.</param>
/// <param name="Zone">IANA name of its time zone where all of it keeps the same time in 2026 and 2027 (tz database 2025b); empty where parts differ.</param>
/// <param name="Aliases">Other names that are understood.</param>
public sealed record Country(string Code, string Name, string Zone, IReadOnlyList<string> Aliases)
{
    /// <summary>All of ISO 3166-1, by code.</summary>
    public static readonly IReadOnlyList<Country> All = EmbeddedJson.Read<Country[]>("countries.json");

    static readonly FrozenDictionary<string, Country> ByWord = All
        .SelectMany(country => country.Aliases.Prepend(country.Name).Prepend(country.Code).Select(word => (word, country)))
        .DistinctBy(pair => pair.word, StringComparer.OrdinalIgnoreCase).ToFrozenDictionary(pair => pair.word, pair => pair.country, StringComparer.OrdinalIgnoreCase);

    /// <summary>By code, English name or a common other name; case does not count. Null when it is none of these.</summary>
    public static Country? Find(string text) => ByWord.GetValueOrDefault(text.Trim());

    /// <summary>What the end of an address tells: its country-code top-level domain, where a rule is kept for that country. Null when it tells nothing.</summary>
    /// <remarks>Others are not asked, because many of them are sold to the whole world (.io, .ai, .co, .me, .tv).</remarks>
    public static Country? Presumed(string address)
    {
        var label = address[(address.LastIndexOf('.') + 1)..];
        if (label.Length != 2) return null;
        var code = label.Equals("uk", StringComparison.OrdinalIgnoreCase) ? "GB" : label.ToUpperInvariant();
        return Jurisdiction.Of(code) is null || code == "IN" ? null : Find(code);
    }
}
