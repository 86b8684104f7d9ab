using System.Globalization;
using System.Text.Json;

namespace PenguinMails.Fleet.Apis;

/// <summary>Members of answers that may be anything: null for what is absent or of another kind.</summary>
static class ApiJson
{
    public static JsonElement? Part(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var part) ? part : null;

    public static string? Text(JsonElement of, string name) => Part(of, name) is { ValueKind: JsonValueKind.String } part ? part.GetString() : null;

    /// <summary>The elements of an array; nothing for what is no array.</summary>
    public static IEnumerable<JsonElement> List(JsonElement of, string name) => Part(of, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>A name or number that identifies something, as text.</summary>
    public static string? Id(JsonElement of, string name = "id") => Part(of, name) switch
    {
        { ValueKind: JsonValueKind.String } part => part.GetString() is { Length: > 0 } text ? text : null,
        { ValueKind: JsonValueKind.Number } part => part.GetRawText(),
        _ => null,
    };

    /// <summary>A number, also where it stands in quotes.</summary>
    public static decimal? Decimal(JsonElement of, string name) =>
        Id(of, name) is { } text && decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static bool? Flag(JsonElement of, string name) => Part(of, name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } part ? part.GetBoolean() : null;

    public static int? Number(JsonElement of, string name) => Part(of, name) is { ValueKind: JsonValueKind.Number } part && part.TryGetInt32(out var number) ? number : null;
}
