using System.Text.Json;

namespace PenguinMails.Cli.Verbs.Insight;

/// <summary>One result, as JSON or as lines for people.</summary>
static class Told
{
    /// <summary>Null where a number is none: JSON has no NaN.</summary>
    public static double? Number(double value) => double.IsFinite(value) ? value : null;

    public static double?[] Numbers(IEnumerable<double> values) => [.. values.Select(Number)];

    /// <summary>Runs a verb: prints its result, or what is wrong with the input and exit code 2.</summary>
    public static async Task<int> Run(string path, bool json, Func<SeriesFile, object> read, CancellationToken ct)
    {
        try
        {
            var result = read(await SeriesFile.Load(path, ct));
            await Console.Out.WriteLineAsync((json ? JsonSerializer.Serialize(result, Core.Json.Web) : Text(result)).AsMemory(), ct);
            return 0;
        }
        catch (SeriesRefused refused)
        {
            await Console.Error.WriteLineAsync($"penguin insight: {refused.Message}");
            return 2;
        }
        catch (ArgumentException refused)
        {
            // The statistics say what they need; which argument it was is of use only when it is a single number.
            var message = refused.Message.Split(" (Parameter", 2)[0];
            await Console.Error.WriteLineAsync($"penguin insight: {path}: {(refused is ArgumentOutOfRangeException ? refused.ParamName + ": " : "")}{message}");
            return 2;
        }
    }

    static string Text(object result) => result is VerdictTold verdict ? verdict.Sentence : string.Join('\n', Lines(JsonSerializer.SerializeToElement(result, Core.Json.Web), ""));

    static IEnumerable<string> Lines(JsonElement element, string indent)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Array && property.Value.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.Object))
            {
                yield return $"{indent}{property.Name}:";
                foreach (var one in property.Value.EnumerateArray()) yield return $"{indent}  {string.Join("  ", one.EnumerateObject().Select(part => $"{part.Name} {Plain(part.Value)}"))}";
            }
            else if (property.Value.ValueKind == JsonValueKind.Object)
            {
                yield return $"{indent}{property.Name}:";
                foreach (var line in Lines(property.Value, indent + "  ")) yield return line;
            }
            else yield return $"{indent}{property.Name}: {Plain(property.Value)}";
        }
    }

    static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "none",
        JsonValueKind.Array => string.Join(' ', value.EnumerateArray().Select(Plain)),
        _ => value.ToString(),
    };
}
