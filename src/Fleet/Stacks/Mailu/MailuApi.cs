using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;
using PenguinMails.Fleet.Stacks.Connected;

namespace PenguinMails.Fleet.Stacks.Mailu;

/// <summary>Mailu 2024.06 and later through its admin API, version 1. Marks stand in the comments, which only its administrators see.</summary>
/// <remarks>Creating answers 200; a refusal may come with 200 and a code in the body. A DKIM key is never asked for: one made there would sign under a name our DNS does not have.</remarks>
sealed class MailuApi(ApiCall api) : IStackApi
{
    public string Name => "Mailu";

    public StackAbilities Abilities => StackAbilities.Mailu;

    public async Task<Result<StackFacts>> Look(CancellationToken ct)
    {
        var (domains, users, aliases) = (await Read("domain", ct), await Read("user", ct), await Read("alias", ct));
        if ((domains.Problem ?? users.Problem ?? aliases.Problem) is { } problem) return problem;
        return new StackFacts(
            Named(domains.Value, "name", domain => new DomainFact(Text(domain, "name"), Text(domain, "comment"), new Dictionary<string, KeyFact>(), ApiJson.List(domain, "managers").Concat(ApiJson.List(domain, "alternatives")).Any())),
            Named(users.Value, "email", user => new MailboxFact(Text(user, "email"), Text(user, "comment"), (long)(ApiJson.Decimal(user, "quota_bytes") ?? 0), null, [], ApiJson.Flag(user, "enabled") != false && ApiJson.Flag(user, "enable_imap") != false)),
            Named(aliases.Value, "email", alias => new AliasFact(Text(alias, "email"), ApiJson.Flag(alias, "wildcard") == true ? "" : Text(alias, "comment"), [.. ApiJson.List(alias, "destination").Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString() ?? "")])),
            new HashSet<string>());
    }

    public Task<Result<Done>> Do(StackOp op, CancellationToken ct) => op switch
    {
        StackOp.PutDomain { Known: null } put => Send(HttpMethod.Post, "domain", new { name = put.Name, comment = put.Comment }, ct),
        StackOp.PutDomain put => Send(HttpMethod.Patch, "domain/" + put.Name, new { comment = put.Comment }, ct),
        StackOp.DropDomain drop => Drop("domain/" + drop.Name, ct),
        StackOp.PutMailbox { Known: null } put => Send(HttpMethod.Post, "user", Whole(put), ct),
        StackOp.PutMailbox put => Send(HttpMethod.Patch, "user/" + Uri.EscapeDataString(put.Mailbox.Address), Changed(put), ct),
        StackOp.DropMailbox drop => Drop("user/" + Uri.EscapeDataString(drop.Address), ct),
        StackOp.PutAlias { Known: null } put => Send(HttpMethod.Post, "alias", new { email = put.Alias.Address, destination = put.Alias.Targets, comment = put.Mark, wildcard = false }, ct),
        StackOp.PutAlias put => Send(HttpMethod.Patch, "alias/" + Uri.EscapeDataString(put.Alias.Address), new { destination = put.Alias.Targets }, ct),
        StackOp.DropAlias drop => Drop("alias/" + Uri.EscapeDataString(drop.Address), ct),
        _ => throw new InvalidOperationException($"Mailu was asked for {op.Told.Kind}."),
    };

    public Task<Result<Done>> Settle(CancellationToken ct) => Task.FromResult<Result<Done>>(default(Done));

    public Task<Result<IReadOnlyList<QueuedMail>>> Queue(CancellationToken ct) => Task.FromResult<Result<IReadOnlyList<QueuedMail>>>(Unsupported("queue", "postqueue -p in its smtp container"));

    public Task<Result<IReadOnlyList<string>>> Log(int lines, CancellationToken ct) => Task.FromResult<Result<IReadOnlyList<string>>>(Unsupported("log", "docker compose logs on its machine"));

    static Problem Unsupported(string what, string instead) => new(ProblemKind.Conflict, "stack.unsupported", $"Mailu does not show its {what} through its API. Look with {instead}.");

    static Dictionary<string, object> Whole(StackOp.PutMailbox put) => new()
    {
        ["email"] = put.Mailbox.Address, ["raw_password"] = put.Passwords[0], ["comment"] = put.Mark, ["quota_bytes"] = put.Mailbox.QuotaBytes, ["enabled"] = true, ["enable_imap"] = true,
    };

    // The mark goes with the password, in one transaction of theirs.
    static Dictionary<string, object> Changed(StackOp.PutMailbox put)
    {
        var changed = new Dictionary<string, object> { ["quota_bytes"] = put.Mailbox.QuotaBytes, ["enabled"] = true, ["enable_imap"] = true };
        if (put.HasNewPasswords) (changed["raw_password"], changed["comment"]) = (put.Passwords[0], put.Mark);
        return changed;
    }

    async Task<Result<JsonElement>> Read(string path, CancellationToken ct)
    {
        var answer = await api.Send(HttpMethod.Get, path, null, ct);
        return answer.Problem is { } problem ? problem : answer.Value.ValueKind == JsonValueKind.Array ? answer : api.Unclear;
    }

    async Task<Result<Done>> Send(HttpMethod method, string path, object body, CancellationToken ct)
    {
        var answer = await api.Send(method, path, body, ct);
        if (answer.Problem is { } problem) return problem;
        return ApiJson.Number(answer.Value, "code") switch
        {
            200 => default(Done),
            { } => api.Refusal(ApiJson.Text(answer.Value, "message") ?? ""),
            null => api.Unclear,
        };
    }

    async Task<Result<Done>> Drop(string path, CancellationToken ct)
    {
        var answer = await api.Send(HttpMethod.Delete, path, null, ct);
        return answer.Problem is { Code: not "stack.host_missing" } problem ? problem : default(Done);
    }

    static Dictionary<string, T> Named<T>(JsonElement list, string name, Func<JsonElement, T> read)
    {
        var found = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var one in list.EnumerateArray())
            if (Text(one, name).ToLowerInvariant() is { Length: > 0 } key) found[key] = read(one);
        return found;
    }

    static string Text(JsonElement of, string name) => ApiJson.Text(of, name) ?? "";

    public void Dispose() => api.Dispose();
}
