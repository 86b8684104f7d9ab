using System.Text.Json;
using System.Text.Json.Serialization;

namespace PenguinMails.Core;

/// <summary>The one way JSON is written and read: snake_case, typed ids as text, enums as snake_case words, missing members refused.</summary>
public static class Json
{
    public static readonly JsonSerializerOptions Web = Configure(new JsonSerializerOptions());

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DictionaryKeyPolicy = null;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        options.MaxDepth = 32;
        options.Converters.Add(new TypedIdJson());
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        return options;
    }

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Web);

    /// <exception cref="JsonException">The text is not this type.</exception>
    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Web) ?? throw new JsonException($"null where a {typeof(T).Name} was expected.");
}

/// <summary>A parameter that goes into a <c>jsonb</c> column.</summary>
public readonly record struct Jsonb(string Text)
{
    public static Jsonb Of<T>(T value) => new(Json.Write(value));
}
