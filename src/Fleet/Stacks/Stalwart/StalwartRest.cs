using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;

namespace PenguinMails.Fleet.Stacks.Stalwart;

/// <summary>Requests of Stalwart's REST API: the answer is in "data", and a refusal comes as "error" with status 200.</summary>
sealed class StalwartRest(ApiCall api) : IDisposable
{
    const int PageSize = 500, PagesMax = 40, SaltOctets = 16, HashOctets = 32, Rounds = 100_000;

    /// <summary>Domains, accounts, groups and lists.</summary>
    public async Task<Result<List<JsonElement>>> Principals(CancellationToken ct)
    {
        var found = new List<JsonElement>();
        for (var page = 1; page <= PagesMax; page++)
        {
            var answer = await Read($"api/principal?types=domain,individual,group,list&page={page}&limit={PageSize}", ct);
            if (answer.Problem is { } problem) return problem;
            if (ApiJson.Part(answer.Value, "items") is not { ValueKind: JsonValueKind.Array } items) return api.Unclear;
            found.AddRange(items.EnumerateArray());
            if (items.GetArrayLength() < PageSize) return found;
        }

        return new Problem(ProblemKind.TooLarge, "stack.too_large", $"The server holds more than {PageSize * PagesMax:N0} accounts, domains and lists.");
    }

    /// <summary>DKIM keys and limits, by the whole name of each setting.</summary>
    public async Task<Result<Dictionary<string, string>>> Settings(CancellationToken ct)
    {
        var answer = await Read("api/settings/keys?prefixes=signature,queue.limiter.inbound", ct);
        if (answer.Problem is { } problem) return problem;
        return answer.Value.ValueKind == JsonValueKind.Object ? answer.Value.EnumerateObject().Where(one => one.Value.ValueKind == JsonValueKind.String).ToDictionary(one => one.Name, one => one.Value.GetString() ?? "") : api.Unclear;
    }

    public Task<Result<Done>> Patch(string name, IEnumerable<(string Field, object Value)> fields, CancellationToken ct) =>
        Send(HttpMethod.Patch, "api/principal/" + Uri.EscapeDataString(name), fields.Select(one => new { action = "set", field = one.Field, value = one.Value }).ToArray(), ct);

    public async Task<Result<Done>> Drop(string name, CancellationToken ct)
    {
        var answer = await Answer(HttpMethod.Delete, "api/principal/" + Uri.EscapeDataString(name), null, ct);
        return answer.Problem is { Code: not "stack.host_missing" } problem ? problem : default(Done);
    }

    /// <summary>Writes some settings, then removes others, in one request.</summary>
    /// <param name="prefixes">Each ends with a dot.</param>
    public Task<Result<Done>> Set(IReadOnlyList<(string Key, string Value)> values, IReadOnlyList<string> prefixes, CancellationToken ct)
    {
        object[] changes =
        [
            .. values.Count == 0 ? [] : new object[] { new { type = "insert", prefix = (string?)null, values = values.Select(one => new[] { one.Key, one.Value }), assert_empty = false } },
            .. prefixes.Select(prefix => (object)new { type = "clear", prefix }),
        ];
        return changes.Length == 0 ? Task.FromResult<Result<Done>>(default(Done)) : Send(HttpMethod.Post, "api/settings", changes, ct);
    }

    public async Task<Result<Done>> Send(HttpMethod method, string path, object? body, CancellationToken ct) => (await Answer(method, path, body, ct)).Match<Result<Done>>(_ => default(Done), problem => problem);

    public Task<Result<JsonElement>> Read(string path, CancellationToken ct) => Answer(HttpMethod.Get, path, null, ct);

    async Task<Result<JsonElement>> Answer(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        var answer = await api.Send(method, path, body, ct);
        if (answer.Problem is { } problem) return problem;
        if (ApiJson.Text(answer.Value, "error") is { } error)
            return error == "notFound" ? new Problem(ProblemKind.Conflict, "stack.host_missing", api.Refusal($"it knows no {ApiJson.Text(answer.Value, "item")}").Detail) : api.Refusal(Said(error, answer.Value));
        return ApiJson.Part(answer.Value, "data") is { } data ? data : api.Unclear;
    }

    static string Said(string error, JsonElement answer) => string.Join(' ', new[] { error, ApiJson.Text(answer, "field"), ApiJson.Text(answer, "value"), ApiJson.Text(answer, "details"), ApiJson.Text(answer, "reason") }.Where(text => !string.IsNullOrEmpty(text)));

    /// <summary>PBKDF2 in the string format of password hashes, which the server verifies.</summary>
    public static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltOctets);
        var hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Rounds, HashAlgorithmName.SHA256, HashOctets);
        return $"$pbkdf2-sha256$i={Rounds},l={HashOctets}${Convert.ToBase64String(salt).TrimEnd('=')}${Convert.ToBase64String(hash).TrimEnd('=')}";
    }

    public void Dispose() => api.Dispose();
}
