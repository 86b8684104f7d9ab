using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Vault;

/// <summary>What Vault answered: status, the JSON object of the body (empty when there was none) and its <c>errors</c>.</summary>
/// <param name="IsMalformed">The body was not a JSON object although it should have been.</param>
sealed record VaultAnswer(int Status, JsonElement Body, IReadOnlyList<string> Errors, bool IsMalformed, int? RetryAfterSeconds)
{
    public const int BodyBytesMax = 1024 * 1024;

    public bool IsOk => Status is 200 or 204 && !IsMalformed;

    /// <summary>The member at a path of names; undefined where one is missing or not an object.</summary>
    public JsonElement At(params ReadOnlySpan<string> names)
    {
        var here = Body;
        foreach (var name in names)
            if (here.ValueKind != JsonValueKind.Object || !here.TryGetProperty(name, out here)) return default;
        return here;
    }

    public string? Text(params ReadOnlySpan<string> names) => At(names) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public int? Number(params ReadOnlySpan<string> names) => At(names) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : null;

    public bool IsTrue(params ReadOnlySpan<string> names) => At(names).ValueKind == JsonValueKind.True;

    /// <summary>A time as Vault writes it, with nanoseconds; null for none.</summary>
    public static DateTimeOffset? Time(JsonElement holder, string name) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String && text.GetString() is { Length: > 0 } written
        && DateTimeOffset.TryParse(written, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    public static VaultAnswer Of(int status, ReadOnlyMemory<byte> body, int? retryAfter)
    {
        if (body.Length == 0) return new(status, default, [], false, retryAfter);
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32 });
            var root = document.RootElement.Clone();
            if (root.ValueKind != JsonValueKind.Object) return new(status, default, [], true, retryAfter);
            List<string> errors = root.TryGetProperty("errors", out var list) && list.ValueKind == JsonValueKind.Array
                ? [.. list.EnumerateArray().Where(error => error.ValueKind == JsonValueKind.String).Select(error => error.GetString() ?? "").Take(5)] : [];
            return new(status, root, errors, false, retryAfter);
        }
        catch (JsonException)
        {
            return new(status, default, [], true, retryAfter);
        }
    }

    /// <summary>The refusal this answer means. Vault's own words stay out of it: they may quote what was sent.</summary>
    /// <param name="expected">The version that was asked to be current, if any.</param>
    public Problem Refusal(int? expected = null) => Status switch
    {
        _ when IsMalformed => SecretProblems.Unavailable("Vault answered with something that is not its JSON. Check PENGUIN__SECRETS__VAULT__ADDRESS: is there another server, or a proxy, in between?"),
        400 when expected is { } version && Says("check-and-set") => SecretProblems.CasMismatch(version, null),
        400 when Says("wrapping token") => SecretProblems.WrapInvalid,
        403 => SecretProblems.Forbidden("Vault refuses this to the program's token. Check that its policy covers the folder of PENGUIN__SECRETS__VAULT__PREFIX, and PENGUIN__SECRETS__VAULT__NAMESPACE."),
        404 => SecretProblems.NotFound,
        412 => SecretProblems.Unavailable("Vault has not caught up with its own last write yet."),
        429 => SecretProblems.Throttled(RetryAfterSeconds),
        503 when Says("sealed") || IsTrue("sealed") => SecretProblems.Sealed("Vault is sealed. Unseal it; nothing is lost."),
        400 or 405 => SecretProblems.Unavailable($"Vault answered {Status}. Check that PENGUIN__SECRETS__VAULT__MOUNT is a KV engine of version 2."),
        >= 300 and < 400 => SecretProblems.Unavailable("Vault sends elsewhere. Give the address of the active node, or of a load balancer, in PENGUIN__SECRETS__VAULT__ADDRESS."),
        _ => SecretProblems.Unavailable($"Vault answered {Status}."),
    };

    public bool Says(string words) => Errors.Any(error => error.Contains(words, StringComparison.OrdinalIgnoreCase));
}
