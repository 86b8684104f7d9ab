using System.Globalization;
using System.Text.Json;
using PenguinMails.Core;

namespace PenguinMails.Fleet.SpamChecks;

/// <summary>One rule that fired.</summary>
/// <param name="Name">Rspamd's name of it.</param>
/// <param name="Score">Above 0 counts towards spam, below 0 against.</param>
/// <param name="Description">Rspamd's own words; may be empty.</param>
/// <param name="Cause">Why it fired, in plain words; Rspamd's own where this product has none.</param>
/// <param name="Fix">What to do; empty where this product knows none.</param>
public sealed record SpamSymbol(string Name, double Score, string Description, string Cause, string Fix);

/// <summary>What Rspamd of a server says about a message.</summary>
/// <param name="Threshold">From here on the server would refuse it as incoming mail.</param>
/// <param name="Action">Rspamd's word: no action, add header, reject and so on.</param>
/// <param name="Sentence">The verdict in a sentence.</param>
/// <param name="Symbols">Heaviest first; those of no weight last. At most 200.</param>
public sealed record SpamVerdict(string Server, double Score, double Threshold, string Action, string Sentence, IReadOnlyList<SpamSymbol> Symbols, DateTimeOffset At)
{
    const int SymbolsMax = 200;
    const int TextLengthMax = 300;
    const string File = "spam-symbols.json";

    sealed record Known(string[] Names, string Cause, string Fix);

    sealed record Table(string Source, DateOnly AsOf, Known[] Symbols);

    static readonly Dictionary<string, Known> Symptoms = Load();

    /// <summary>Null when the text is no answer of Rspamd.</summary>
    internal static SpamVerdict? Read(string text, string server, DateTimeOffset now)
    {
        try
        {
            using var answer = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 32 });
            var root = answer.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Number(root, "score") is not { } score || Number(root, "required_score") is not { } threshold || Text(root, "action") is not { Length: > 0 } action) return null;
            var symbols = root.TryGetProperty("symbols", out var found) && found.ValueKind == JsonValueKind.Object ? found.EnumerateObject().Select(Symbol).ToList() : [];
            List<SpamSymbol> heavy = [.. symbols.OrderBy(one => one.Score == 0).ThenByDescending(one => one.Score).ThenBy(one => one.Name, StringComparer.Ordinal).Take(SymbolsMax)];
            return new(server, score, threshold, action, Say(score, threshold, action, heavy), heavy, now);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static SpamSymbol Symbol(JsonProperty one)
    {
        var description = one.Value.ValueKind == JsonValueKind.Object ? Text(one.Value, "description") ?? "" : "";
        var score = one.Value.ValueKind == JsonValueKind.Object ? Number(one.Value, "score") ?? 0 : 0;
        var known = Symptoms.GetValueOrDefault(one.Name);
        return new(Cut(one.Name), score, description, known?.Cause ?? description, known?.Fix ?? "");
    }

    static string Say(double score, double threshold, string action, IReadOnlyList<SpamSymbol> symbols)
    {
        var figures = string.Create(CultureInfo.InvariantCulture, $"{score:0.0} of {threshold:0.0} points");
        var heaviest = symbols.Count > 0 && symbols[0].Score > 0 ? $" Heaviest: {symbols[0].Cause}" : "";
        return action switch
        {
            "no action" => $"The server's filter would let it through, with {figures}.{(score > 0 ? heaviest : "")}",
            "reject" or "discard" => $"The server's filter would refuse it, with {figures}.{heaviest}",
            _ => $"The server's filter would mark it as spam, with {figures}.{heaviest}",
        };
    }

    static double? Number(JsonElement from, string name) => from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    static string? Text(JsonElement from, string name) => from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Cut(value.GetString() ?? "") : null;

    static string Cut(string text) => text.Length <= TextLengthMax ? text : text[..TextLengthMax];

    static Dictionary<string, Known> Load()
    {
        using var stream = typeof(SpamVerdict).Assembly.GetManifestResourceStream(File) ?? throw new InvalidOperationException($"{File} is not embedded.");
        using var reader = new StreamReader(stream);
        return Json.Read<Table>(reader.ReadToEnd()).Symbols.SelectMany(known => known.Names.Select(name => (name, known))).ToDictionary(pair => pair.name, pair => pair.known, StringComparer.Ordinal);
    }
}
