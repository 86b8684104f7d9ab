using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Cli.Backup;

/// <summary>penguin.json without what is secret in it. What was left out is named, so that a person knows what to set again.</summary>
static class PortableSettings
{
    // By the last word of the key: a value that lets somebody in.
    static readonly string[] Secret = ["secret", "password", "token", "connection", "key", "master"];

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <param name="text">Null where there is no penguin.json.</param>
    /// <param name="environment">Names and values of the process; the names that begin with PENGUIN__ are noted.</param>
    /// <returns>JSON, and the names of what is not in it.</returns>
    public static (string Text, IReadOnlyList<string> LeftOut) Of(string? text, IDictionary environment)
    {
        var leftOut = environment.Keys.Cast<string>().Where(name => name.StartsWith("PENGUIN__", StringComparison.OrdinalIgnoreCase)).ToList();
        var root = text is null ? new JsonObject() : JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }) as JsonObject
            ?? throw new InvalidOperationException("penguin.json is not an object. Correct it, or take it out of the working folder.");
        Strip(root, "PENGUIN", leftOut);
        return (root.ToJsonString(Indented), [.. leftOut.Select(name => name.ToUpperInvariant()).Distinct().Order(StringComparer.Ordinal)]);
    }

    static void Strip(JsonObject section, string place, List<string> leftOut)
    {
        foreach (var (name, value) in section.ToList())
        {
            // penguin.json may write a path in one key with colons.
            var key = $"{place}__{name.Replace(":", "__", StringComparison.Ordinal)}";
            if (value is JsonObject inner) Strip(inner, key, leftOut);
            else if (IsSecret(key) && section.Remove(name)) leftOut.Add(key);
        }
    }

    static bool IsSecret(string key) => Array.Exists(Secret, word => key.Split("__")[^1].EndsWith(word, StringComparison.OrdinalIgnoreCase));
}
