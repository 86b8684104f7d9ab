using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Oversight.Plans;

/// <summary>The JSON Schema (draft 2020-12) of each kind, made from the shapes the reader uses.</summary>
public static class PlanSchema
{
    const string NamePattern = "^[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?$";

    // A quick look only: the reader knows how many days a month has.
    const string PeriodPattern = "^[^/]{4,10}(/[^/]{0,10})?$";

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The schema of each kind by file name, such as <c>Target.schema.json</c>.</returns>
    public static IReadOnlyDictionary<string, string> All() =>
        Kinds.All.ToDictionary(kind => $"{kind.Word}.schema.json", kind => Of(kind).ToJsonString(Indented) + "\n");

    static JsonObject Of(Kind kind) => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["$id"] = $"{Kinds.ApiVersion}/{kind.Word}",
        ["title"] = kind.Word,
        ["description"] = kind.About,
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray("kind", "metadata"),
        ["properties"] = new JsonObject
        {
            ["apiVersion"] = new JsonObject { ["const"] = Kinds.ApiVersion, ["description"] = "Needed in the first object of a file." },
            ["kind"] = new JsonObject { ["const"] = kind.Word },
            ["metadata"] = Of(Kinds.Metadata),
            ["spec"] = Of(kind.Spec),
        },
        ["$defs"] = new JsonObject { ["quantity"] = QuantityDefinition() },
    };

    static JsonObject QuantityDefinition() => new()
    {
        ["description"] = "A number or range with unit and time, or a short text such as 10-15 days.",
        ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "number" }, Of(Kinds.QuantityFields)),
    };

    static JsonObject Of(Shape shape) => shape switch
    {
        TextShape => new() { ["type"] = Types("string", "number", "boolean") },
        NameShape => new() { ["type"] = "string", ["pattern"] = NamePattern },
        ReferenceShape reference => new() { ["type"] = "string", ["pattern"] = NamePattern, ["description"] = $"Name of a {string.Join(" or ", reference.Kinds)}." },
        NumberShape number => Bounded(number),
        FlagShape => new() { ["type"] = "boolean" },
        PeriodShape { OneDay: true } => new() { ["type"] = "string", ["format"] = "date" },
        PeriodShape => new() { ["type"] = Types("string", "integer"), ["pattern"] = PeriodPattern, ["description"] = "2026, 2026-H1, 2026-Q3, 2026-03, 2026-W05, 2026-03-31, or two of them with a slash between." },
        SpanShape => new() { ["type"] = "string", ["pattern"] = "^P[0-9A-Z]+$" },
        QuantityShape => new() { ["$ref"] = "#/$defs/quantity" },
        WordShape words => new() { ["enum"] = new JsonArray([.. words.Words.Select(word => JsonValue.Create(word))]) },
        ListShape list => new() { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "array", ["items"] = Of(list.Item) }, Of(list.Item)) },
        MapShape map => new() { ["type"] = "object", ["additionalProperties"] = OrNull(Of(map.Value)) },
        EitherShape either => new() { ["anyOf"] = new JsonArray([.. either.Shapes.Select(Of)]) },
        ObjectShape fields => Fields(fields),
        _ => [],
    };

    // A number may be written as a text with k, M or %.
    static JsonObject Bounded(NumberShape shape)
    {
        var made = new JsonObject { ["type"] = shape.WholeOnly ? "integer" : Types("number", "string") };
        if (shape.Low is { } low) made["minimum"] = low;
        if (shape.High is { } high) made["maximum"] = high;
        return made;
    }

    static JsonObject Fields(ObjectShape shape)
    {
        var properties = new JsonObject();
        foreach (var field in shape.Fields)
        {
            var made = field.Required ? Of(field.Shape) : OrNull(Of(field.Shape));
            made["description"] = field.About;
            properties[field.Key] = made;
        }

        var whole = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        if (shape.Fields.Any(field => field.Required)) whole["required"] = new JsonArray([.. shape.Fields.Where(field => field.Required).Select(field => JsonValue.Create(field.Key))]);
        return whole;
    }

    static JsonObject OrNull(JsonObject schema)
    {
        if (schema.Count == 0) return schema;
        if (schema["anyOf"] is JsonArray choices)
        {
            choices.Add(new JsonObject { ["type"] = "null" });
            return schema;
        }

        return new() { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
    }

    static JsonArray Types(params string[] names) => new([.. names.Select(name => JsonValue.Create(name))]);
}
