using System.Globalization;
using System.Text.Json;

namespace PenguinMails.Product.Tests;

/// <param name="Query">Names of its query parameters.</param>
/// <param name="Body">Schema of its JSON body, or undefined.</param>
public sealed record Operation(HttpMethod Method, string Path, IReadOnlyList<string> Query, JsonElement Body)
{
    public bool HasId => Path.Contains('{', StringComparison.Ordinal);

    /// <summary>What its id is: the word before it.</summary>
    public string IdKind => Path.Split('/') is var parts ? parts[Array.FindIndex(parts, p => p.StartsWith('{')) - 1] : "";

    public string With(string id) => string.Join('/', Path.Split('/').Select(part => part.StartsWith('{') ? id : part));

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>The document the program describes itself with.</summary>
public sealed class OpenApi(JsonElement document, IReadOnlyList<Operation> operations)
{
    const int DepthMax = 6;

    public IReadOnlyList<Operation> Operations => operations;

    public static OpenApi Read(JsonElement document)
    {
        var found = from path in document.GetProperty("paths").EnumerateObject()
                    from verb in path.Value.EnumerateObject()
                    where verb.Name != "parameters"
                    select new Operation(HttpMethod.Parse(verb.Name), path.Name, Queries(verb.Value), Schema(verb.Value));
        return new OpenApi(document, [.. found]);
    }

    /// <summary>A body in which every member has a value of its type.</summary>
    /// <param name="text">What stands in members that are text without a pattern or a list of values.</param>
    public object? Example(JsonElement schema, string text, int depth = 0)
    {
        if (schema.TryGetProperty("$ref", out var reference)) return Example(Named(reference.GetString()!), text, depth);
        if (schema.TryGetProperty("oneOf", out var choices)) return Example(choices.EnumerateArray().Last(), text, depth);
        if (schema.TryGetProperty("enum", out var values)) return values[0].GetString();
        if (depth >= DepthMax) return null;
        var type = schema.TryGetProperty("type", out var named) ? named.ValueKind == JsonValueKind.Array ? named.EnumerateArray().Last().GetString() : named.GetString() : "object";
        return type switch
        {
            "string" when schema.TryGetProperty("format", out var format) && format.GetString() == "date-time" => "2030-01-01T00:00:00Z",
            "string" when schema.TryGetProperty("pattern", out var pattern) && pattern.GetString()!.StartsWith('^') && pattern.GetString()!.Contains('_') =>
                string.Create(CultureInfo.InvariantCulture, $"{pattern.GetString()![1..pattern.GetString()!.IndexOf('_')]}_00000000000000000000000000"),
            "string" => text,
            "integer" or "number" => 1,
            "boolean" => true,
            "array" => schema.TryGetProperty("items", out var items) ? new[] { Example(items, text, depth + 1) } : [],
            _ => schema.TryGetProperty("properties", out var members) ? members.EnumerateObject().ToDictionary(m => m.Name, m => Example(m.Value, text, depth + 1)) : new Dictionary<string, object?>(),
        };
    }

    /// <summary>Names of a body's members.</summary>
    public IEnumerable<string> Members(JsonElement schema) =>
        schema.TryGetProperty("$ref", out var reference) ? Members(Named(reference.GetString()!))
        : schema.TryGetProperty("oneOf", out var choices) ? Members(choices.EnumerateArray().Last())
        : schema.TryGetProperty("properties", out var members) ? members.EnumerateObject().Select(m => m.Name) : [];

    JsonElement Named(string reference) => document.GetProperty("components").GetProperty("schemas").GetProperty(reference.Split('/')[^1]);

    static List<string> Queries(JsonElement operation) => operation.TryGetProperty("parameters", out var all)
        ? [.. all.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query").Select(p => p.GetProperty("name").GetString()!)]
        : [];

    static JsonElement Schema(JsonElement operation) =>
        operation.TryGetProperty("requestBody", out var body) && body.GetProperty("content").TryGetProperty("application/json", out var json) ? json.GetProperty("schema") : default;
}
