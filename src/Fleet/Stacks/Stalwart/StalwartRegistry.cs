using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;

namespace PenguinMails.Fleet.Stacks.Stalwart;

/// <summary>Objects of Stalwart's registry over JMAP (RFC 8620; Stalwart 0.16 and later): one method a request, so that each refusal is that of one change.</summary>
sealed class StalwartRegistry(ApiCall api, string account)
{
    const int AtOnce = 400, RoundsMax = 50; // Servers give 500 objects at once unless told otherwise.

    static readonly string[] Using = ["urn:ietf:params:jmap:core", "urn:stalwart:jmap"];

    public ApiCall Api => api;

    /// <summary>All objects of a kind, oldest id first.</summary>
    /// <param name="properties">Null for all.</param>
    public async Task<Result<List<JsonElement>>> All(string kind, string[]? properties, CancellationToken ct)
    {
        var found = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        for (var (round, position) = (0, 0); round < RoundsMax; round++)
        {
            var page = await Ids(kind, position, AtOnce, ct);
            if (page.Problem is { } problem) return problem;
            if (page.Value.Count == 0) return found.Values.ToList();
            var objects = await Get(kind, page.Value, properties, ct);
            if (objects.Problem is { } lost) return lost;
            foreach (var one in objects.Value) found[ApiJson.Id(one) ?? ""] = one;
            position += page.Value.Count;
        }

        return new Problem(ProblemKind.TooLarge, "stack.too_large", $"The server holds more than {AtOnce * RoundsMax:N0} objects of the kind {kind}.");
    }

    public async Task<Result<List<string>>> Ids(string kind, int position, int limit, CancellationToken ct)
    {
        var answer = await Call($"x:{kind}/query", position > 0 ? new { accountId = account, filter = new { }, position, limit } : new { accountId = account, filter = new { }, limit }, ct);
        return answer.Problem is { } problem ? problem : ApiJson.List(answer.Value, "ids").Select(id => id.GetString() ?? "").Where(id => id.Length > 0).ToList();
    }

    public async Task<Result<List<JsonElement>>> Get(string kind, IReadOnlyList<string> ids, string[]? properties, CancellationToken ct)
    {
        var answer = await Call($"x:{kind}/get", properties is null ? new { accountId = account, ids } : new { accountId = account, ids, properties }, ct);
        return answer.Problem is { } problem ? problem : ApiJson.Part(answer.Value, "list") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().ToList() : api.Unclear;
    }

    /// <returns>The id of what was made.</returns>
    public async Task<Result<string>> Create(string kind, object made, CancellationToken ct)
    {
        var answer = await Call($"x:{kind}/set", new { accountId = account, create = new Dictionary<string, object> { ["c0"] = made } }, ct);
        if (answer.Problem is { } problem) return problem;
        if (ApiJson.Part(answer.Value, "created") is { } created && ApiJson.Part(created, "c0") is { } one) return ApiJson.Id(one) ?? "singleton";
        return Refused(answer.Value, "notCreated", "c0");
    }

    public async Task<Result<Done>> Update(string kind, string id, IReadOnlyDictionary<string, object?> patch, CancellationToken ct)
    {
        var answer = await Call($"x:{kind}/set", new { accountId = account, update = new Dictionary<string, object> { [id] = patch } }, ct);
        if (answer.Problem is { } problem) return problem;
        return ApiJson.Part(answer.Value, "updated") is { } updated && ApiJson.Part(updated, id) is not null ? default(Done) : Refused(answer.Value, "notUpdated", id);
    }

    /// <summary>What is gone already is no refusal.</summary>
    public async Task<Result<Done>> Destroy(string kind, string id, CancellationToken ct)
    {
        var answer = await Call($"x:{kind}/set", new { accountId = account, destroy = new[] { id } }, ct);
        if (answer.Problem is { } problem) return problem;
        if (ApiJson.List(answer.Value, "destroyed").Any(one => one.GetString() == id)) return default(Done);
        var refused = ApiJson.Part(answer.Value, "notDestroyed") is { } not ? ApiJson.Part(not, id) : null;
        return refused is { } why && ApiJson.Text(why, "type") == "notFound" ? default(Done) : Refused(answer.Value, "notDestroyed", id);
    }

    public async Task<Result<JsonElement>> Call(string method, object arguments, CancellationToken ct)
    {
        var answer = await api.Send(HttpMethod.Post, "jmap/", new Dictionary<string, object> { ["using"] = Using, ["methodCalls"] = new object[] { new[] { method, arguments, "0" } } }, ct);
        if (answer.Problem is { } problem) return problem;
        if (ApiJson.List(answer.Value, "methodResponses").FirstOrDefault() is not { ValueKind: JsonValueKind.Array } first || first.GetArrayLength() < 2 || first[0].ValueKind != JsonValueKind.String) return api.Unclear;
        if (first[0].GetString() == "error") return Error(first[1]);
        return first[0].GetString() == method ? first[1] : api.Unclear;
    }

    Problem Error(JsonElement error) => ApiJson.Text(error, "type") is "forbidden" or "accountNotFound"
        ? new Problem(ProblemKind.Conflict, "stack.credential_refused", $"The key may not do this: {api.Refusal(Said(error)).Detail}")
        : api.Refusal(Said(error));

    Problem Refused(JsonElement answer, string part, string id) =>
        ApiJson.Part(answer, part) is { } not && ApiJson.Part(not, id) is { } why ? api.Refusal(Said(why)) : api.Unclear;

    static string Said(JsonElement error) => string.Join(' ', new[] { ApiJson.Text(error, "type"), ApiJson.Text(error, "description") ?? ApiJson.Text(error, "detail"), string.Join(", ", ApiJson.List(error, "properties").Select(one => one.ToString())) }.Where(text => !string.IsNullOrEmpty(text)));
}
