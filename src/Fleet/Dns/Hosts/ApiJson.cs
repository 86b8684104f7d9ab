using System.Text.Json;

namespace PenguinMails.Fleet.Dns.Hosts;

/// <summary>Members of answers that may be anything: null for what is absent or of another kind.</summary>
static class ApiJson
{
    public static JsonElement? Part(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var part) ? part : null;

    public static string? Text(JsonElement of, string name) => Part(of, name) is { ValueKind: JsonValueKind.String } part ? part.GetString() : null;

    public static int? Number(JsonElement of, string name) => Part(of, name) is { ValueKind: JsonValueKind.Number } part && part.TryGetInt32(out var number) ? number : null;
}
