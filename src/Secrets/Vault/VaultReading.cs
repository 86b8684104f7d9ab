using System.Globalization;
using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Vault;

/// <summary>Reads the answers of a KV version 2 engine.</summary>
static class VaultReading
{
    public static Result<Secret> Secret(VaultAnswer answer, SecretPath path)
    {
        var about = answer.At("data", "metadata");
        // A version without a value is answered 404, but with its metadata.
        if (answer.Status == 404 && about.ValueKind == JsonValueKind.Object)
            return about.TryGetProperty("destroyed", out var gone) && gone.ValueKind == JsonValueKind.True ? SecretProblems.Destroyed : SecretProblems.Deleted;
        if (!answer.IsOk) return answer.Refusal();
        if (answer.Number("data", "metadata", "version") is not { } version || VaultAnswer.Time(about, "created_time") is not { } created) return VaultStore.Unreadable;
        return Fields(answer).Match<Result<Secret>>(fields => new Secret(path, version, fields, created), problem => problem);
    }

    /// <summary>The texts of <c>data.data</c>; what others stored there as numbers or objects is read as its JSON.</summary>
    public static Result<SecretFields> Fields(VaultAnswer answer)
    {
        if (answer.At("data", "data") is not { ValueKind: JsonValueKind.Object } held) return VaultStore.Unreadable;
        var values = held.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString() ?? "" : field.Value.GetRawText());
        return SecretFields.TryCreate(values, out var fields, out _) ? fields : SecretProblems.Damaged;
    }

    public static Result<SecretDescription> Description(VaultAnswer answer, SecretPath path)
    {
        if (answer.Number("data", "current_version") is not { } current || answer.At("data", "versions") is not { ValueKind: JsonValueKind.Object } versions) return VaultStore.Unreadable;
        var states = new List<VersionState>();
        foreach (var one in versions.EnumerateObject().Take(100))
            if (int.TryParse(one.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && VaultAnswer.Time(one.Value, "created_time") is { } created)
                states.Add(new VersionState(number, created, VaultAnswer.Time(one.Value, "deletion_time"), one.Value.TryGetProperty("destroyed", out var gone) && gone.ValueKind == JsonValueKind.True));
        return new SecretDescription(path, current, [.. states.OrderBy(state => state.Version)]);
    }
}
