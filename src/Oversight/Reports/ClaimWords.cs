using System.Collections.Frozen;
using PenguinMails.Core;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Oversight.Reports;

/// <summary>What a word says of a figure.</summary>
enum Sense { Better, Worse, Up, Down, Flat }

/// <summary>Words that assert a direction, that deny, wish or look ahead, and names of figures; data lie beside this file.</summary>
static class ClaimWords
{
    sealed record Directions(string About, IReadOnlyList<Group> Words, IReadOnlyList<string> Weak, IReadOnlyList<string> Negations, IReadOnlyList<string> Wishes, IReadOnlyList<string> Futures);

    sealed record Group(Sense Sense, IReadOnlyList<string> Forms);

    sealed record FigureNames(string About, IReadOnlyDictionary<string, IReadOnlyList<string>> Names);

    static readonly Directions Data = EmbeddedJson.Read<Directions>("direction-words.json");

    /// <summary>By form, in lower case.</summary>
    public static FrozenDictionary<string, Sense> Senses { get; } = Data.Words.SelectMany(group => group.Forms.Select(form => (form, group.Sense))).ToFrozenDictionary(one => one.form, one => one.Sense, StringComparer.Ordinal);

    /// <summary>Forms that say other things too: they count only where a figure is named.</summary>
    public static FrozenSet<string> Weak { get; } = Data.Weak.ToFrozenSet(StringComparer.Ordinal);

    public static FrozenSet<string> Negations { get; } = Data.Negations.ToFrozenSet(StringComparer.Ordinal);

    public static FrozenSet<string> Wishes { get; } = Data.Wishes.ToFrozenSet(StringComparer.Ordinal);

    public static FrozenSet<string> Futures { get; } = Data.Futures.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Keys by name or alias, in lower case.</summary>
    public static FrozenDictionary<string, string> Figures { get; } = KpiCatalog.All.Select(kpi => (Name: kpi.Name, kpi.Key))
        .Concat(EmbeddedJson.Read<FigureNames>("figure-names.json").Names.SelectMany(figure => figure.Value.Select(name => (Name: name, Key: figure.Key))))
        .Select(one => (Name: string.Join(' ', Words(one.Name)), one.Key)).DistinctBy(one => one.Name).ToFrozenDictionary(one => one.Name, one => one.Key, StringComparer.Ordinal);

    /// <summary>Words in lower case; "didn't" becomes "did not". Commas and semicolons stay as words of their own, because they part clauses.</summary>
    public static List<string> Words(string text)
    {
        var spread = text.ToLowerInvariant().Replace('’', '\'').Replace("n't", " not", StringComparison.Ordinal).Replace("cannot", "can not", StringComparison.Ordinal);
        var words = new List<string>();
        var at = 0;
        while (at < spread.Length)
        {
            var start = at;
            while (at < spread.Length && (char.IsLetterOrDigit(spread[at]) || spread[at] is '-' or ':' or '/' && at > start && at + 1 < spread.Length && char.IsLetterOrDigit(spread[at + 1]))) at++;
            if (at > start) words.Add(spread[start..at]);
            else
            {
                if (spread[at] is ',' or ';' or '–' or '—' or '(' or ')') words.Add(";");
                at++;
            }
        }

        return words;
    }
}
