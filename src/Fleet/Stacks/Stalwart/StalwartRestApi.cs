using PenguinMails.Core;
using PenguinMails.Fleet.Apis;
using PenguinMails.Fleet.Stacks.Connected;

namespace PenguinMails.Fleet.Stacks.Stalwart;

/// <summary>Stalwart up to 0.15 through its REST API. A mailbox's mark is the name of its limit, made before it and removed after it; an account's description is what others see as its name.</summary>
/// <remarks>The rule of the server signs with the keys named rsa-DOMAIN and ed25519-DOMAIN, so a domain has one RSA key; ours goes there through the settings, since /api/dkim takes none.</remarks>
sealed class StalwartRestApi(StalwartRest rest, StackMarks marks) : IStackApi
{
    static readonly string[] SignedHeaders = ["From", "To", "Date", "Subject", "Message-ID"];

    public string Name => "Stalwart";

    public StackAbilities Abilities => StackAbilities.StalwartRest;

    public async Task<Result<StackFacts>> Look(CancellationToken ct)
    {
        var (principals, settings) = (await rest.Principals(ct), await rest.Settings(ct));
        return (principals.Problem ?? settings.Problem) is { } problem ? problem : StalwartRestFacts.Of(principals.Value, settings.Value, marks);
    }

    public Task<Result<Done>> Do(StackOp op, CancellationToken ct) => op switch
    {
        StackOp.PutDomain { Known: null } put => rest.Send(HttpMethod.Post, "api/principal", new { type = "domain", name = put.Name, description = put.Comment }, ct),
        StackOp.PutDomain put => rest.Patch(put.Name, [("description", put.Comment)], ct),
        StackOp.DropDomain drop => rest.Drop(drop.Name, ct),
        StackOp.PutKey put => rest.Set([.. Signature(put)], [], ct),
        StackOp.DropKey drop => rest.Set([], [$"signature.{drop.Known.Ref}."], ct),
        StackOp.PutMailbox put => Put(put, ct),
        StackOp.DropMailbox drop => Drop(drop, ct),
        StackOp.PutAlias { Known: null } put => rest.Send(HttpMethod.Post, "api/principal", new { type = "list", name = put.Alias.Address, emails = new[] { put.Alias.Address }, externalMembers = put.Alias.Targets, description = put.Mark }, ct),
        StackOp.PutAlias put => rest.Patch(put.Known.Ref, [("externalMembers", put.Alias.Targets)], ct),
        StackOp.DropAlias drop => rest.Drop(drop.Known.Ref, ct),
        _ => throw new InvalidOperationException($"Stalwart was asked for {op.Told.Kind}."),
    };

    /// <summary>Settings count once they are read again.</summary>
    public Task<Result<Done>> Settle(CancellationToken ct) => rest.Send(HttpMethod.Get, "api/reload/", null, ct);

    public async Task<Result<IReadOnlyList<QueuedMail>>> Queue(CancellationToken ct)
    {
        var answer = await rest.Read($"api/queue/messages?values=1&page=1&limit={QueuedMail.ListMax}", ct);
        return answer.Problem is { } problem ? problem : Result<IReadOnlyList<QueuedMail>>.Of([.. ApiJson.List(answer.Value, "items").Where(one => one.ValueKind == System.Text.Json.JsonValueKind.Object).Select(StalwartQueue.FromRest).OrderBy(mail => mail.ArrivedAt)]);
    }

    public async Task<Result<IReadOnlyList<string>>> Log(int lines, CancellationToken ct)
    {
        var answer = await rest.Read($"api/logs?page=1&limit={lines}", ct);
        return answer.Problem is { } problem ? problem : Result<IReadOnlyList<string>>.Of([.. ApiJson.List(answer.Value, "items").Reverse().Select(entry => StalwartQueue.Line(entry, "event"))]);
    }

    async Task<Result<Done>> Put(StackOp.PutMailbox put, CancellationToken ct)
    {
        var (address, known) = (put.Mailbox.Address, put.Known);
        if (known is null)
        {
            var limited = await rest.Set([.. Limit(put)], [], ct);
            return limited.IsOk ? await Make(put, ct) : limited;
        }

        var fields = new List<(string, object)> { ("quota", put.Mailbox.QuotaBytes) };
        if (put.HasNewPasswords) fields.Add(("secrets", Secrets(put)));
        var changed = known.Ref.Length == 0 ? await Make(put, ct) : await rest.Patch(known.Ref, fields, ct);
        if (!changed.IsOk) return changed;
        // In one request: the new limit carries the mark, the old ones go. One of the same name is only written again.
        return await rest.Set([.. Limit(put)], [.. known.LimitRefs.Where(old => old != LimitId(put)).Select(old => $"queue.limiter.inbound.{old}.")], ct);
    }

    Task<Result<Done>> Make(StackOp.PutMailbox put, CancellationToken ct) => rest.Send(HttpMethod.Post, "api/principal",
        new { type = "individual", name = put.Mailbox.Address, emails = new[] { put.Mailbox.Address }, secrets = Secrets(put), quota = put.Mailbox.QuotaBytes, roles = new[] { "user" } }, ct);

    async Task<Result<Done>> Drop(StackOp.DropMailbox drop, CancellationToken ct)
    {
        var gone = drop.Known.Ref.Length == 0 ? default(Done) : await rest.Drop(drop.Known.Ref, ct);
        return gone.IsOk ? await rest.Set([], [.. drop.Known.LimitRefs.Select(old => $"queue.limiter.inbound.{old}.")], ct) : gone;
    }

    // Kept as they are given, so they are given as hashes.
    static string[] Secrets(StackOp.PutMailbox put) => [.. put.Passwords.Select(StalwartRest.Hash)];

    string LimitId(StackOp.PutMailbox put) => StalwartRestFacts.LimitId(put.Mailbox.Address, put.Passwords, marks);

    IEnumerable<(string, string)> Limit(StackOp.PutMailbox put)
    {
        var prefix = $"queue.limiter.inbound.{LimitId(put)}.";
        yield return (prefix + "enable", "true");
        yield return (prefix + "key", "authenticated_as");
        yield return (prefix + "match", StalwartFacts.Rule(put.Mailbox.Address));
        yield return (prefix + "rate", $"{put.Mailbox.HourlyLimit}/1h");
    }

    static IEnumerable<(string, string)> Signature(StackOp.PutKey put)
    {
        var prefix = $"signature.rsa-{put.Domain}.";
        yield return (prefix + "private-key", StackKeys.Pem(put.Key));
        yield return (prefix + "domain", put.Domain);
        yield return (prefix + "selector", put.Key.Selector);
        yield return (prefix + "algorithm", "rsa-sha256");
        yield return (prefix + "canonicalization", "relaxed/relaxed");
        for (var i = 0; i < SignedHeaders.Length; i++) yield return ($"{prefix}headers.{i}", SignedHeaders[i]);
        yield return (prefix + "report", "false");
    }

    public void Dispose() => rest.Dispose();
}
