using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;
using PenguinMails.Fleet.Stacks.Connected;

namespace PenguinMails.Fleet.Stacks.Stalwart;

/// <summary>Stalwart 0.16 and later. An account's description is what others see as its name, so a mailbox's mark stands in the description of its limit, made before it and removed after it.</summary>
sealed class StalwartRegistryApi(StalwartRegistry registry, StackMarks marks) : IStackApi
{
    static readonly object Manual = new Dictionary<string, object> { ["@type"] = "Manual" };

    readonly Dictionary<string, string> _domains = new(StringComparer.Ordinal);

    public string Name => "Stalwart";

    public StackAbilities Abilities => StackAbilities.StalwartRegistry;

    public async Task<Result<StackFacts>> Look(CancellationToken ct)
    {
        var (domains, accounts, lists) = (await registry.All("Domain", ["name", "description", "aliases"], ct), await registry.All("Account", null, ct), await registry.All("MailingList", null, ct));
        var (keys, limits) = (await registry.All("DkimSignature", null, ct), await registry.All("MtaInboundThrottle", null, ct));
        if ((domains.Problem ?? accounts.Problem ?? lists.Problem ?? keys.Problem ?? limits.Problem) is { } problem) return problem;
        _domains.Clear();
        foreach (var domain in domains.Value) _domains[(ApiJson.Text(domain, "name") ?? "").ToLowerInvariant()] = ApiJson.Id(domain) ?? "";
        return StalwartFacts.Of(new(domains.Value, accounts.Value, lists.Value, keys.Value, limits.Value), marks);
    }

    public Task<Result<Done>> Do(StackOp op, CancellationToken ct) => op switch
    {
        StackOp.PutDomain { Known: null } put => Make(put, ct),
        StackOp.PutDomain put => registry.Update("Domain", Domain(put.Name), new Dictionary<string, object?> { ["description"] = put.Comment }, ct),
        StackOp.DropDomain drop => registry.Destroy("Domain", drop.Known.Ref, ct),
        StackOp.PutKey put => Sign(put, ct),
        StackOp.DropKey drop => registry.Destroy("DkimSignature", drop.Known.Ref, ct),
        StackOp.PutMailbox put => Put(put, ct),
        StackOp.DropMailbox drop => Drop(drop, ct),
        StackOp.PutAlias { Known: null } put => Made(registry.Create("MailingList", new { name = Local(put.Alias.Address), domainId = DomainOf(put.Alias.Address), description = put.Mark, recipients = Set(put.Alias.Targets) }, ct)),
        StackOp.PutAlias put => registry.Update("MailingList", put.Known.Ref, new Dictionary<string, object?> { ["recipients"] = Set(put.Alias.Targets) }, ct),
        StackOp.DropAlias drop => registry.Destroy("MailingList", drop.Known.Ref, ct),
        _ => throw new InvalidOperationException($"Stalwart was asked for {op.Told.Kind}."),
    };

    /// <summary>Accounts, domains and keys count at once; limits are settings, which are read when told to.</summary>
    public Task<Result<Done>> Settle(CancellationToken ct) => Made(registry.Create("Action", new Dictionary<string, object> { ["@type"] = "ReloadSettings" }, ct));

    public Task<Result<IReadOnlyList<QueuedMail>>> Queue(CancellationToken ct) => StalwartQueue.Registry(registry, ct);

    public Task<Result<IReadOnlyList<string>>> Log(int lines, CancellationToken ct) => StalwartQueue.RegistryLog(registry, lines, ct);

    async Task<Result<Done>> Make(StackOp.PutDomain put, CancellationToken ct)
    {
        // By hand in everything: keys and records come from here.
        var made = await registry.Create("Domain", new Dictionary<string, object>
        {
            ["name"] = put.Name, ["description"] = put.Comment, ["certificateManagement"] = Manual, ["dkimManagement"] = Manual, ["dnsManagement"] = Manual,
            ["subAddressing"] = new Dictionary<string, object> { ["@type"] = "Enabled" },
        }, ct);
        if (made.Problem is { } problem) return problem;
        _domains[put.Name] = made.Value;
        return default(Done);
    }

    // The private key's kind has another name in later releases.
    async Task<Result<Done>> Sign(StackOp.PutKey put, CancellationToken ct)
    {
        var first = await Sign(put, "Text", ct);
        return first.Problem is { Code: "stack.host_refused" } ? await Sign(put, "Value", ct) : first;
    }

    Task<Result<Done>> Sign(StackOp.PutKey put, string kind, CancellationToken ct)
    {
        var secret = new Dictionary<string, object> { ["@type"] = kind, ["secret"] = StackKeys.Pem(put.Key) };
        return put.Known is { } known ? registry.Update("DkimSignature", known.Ref, new Dictionary<string, object?> { ["privateKey"] = secret }, ct)
            : Made(registry.Create("DkimSignature", new Dictionary<string, object> { ["@type"] = "Dkim1RsaSha256", ["domainId"] = Domain(put.Domain), ["selector"] = put.Key.Selector, ["privateKey"] = secret, ["report"] = false }, ct));
    }

    async Task<Result<Done>> Put(StackOp.PutMailbox put, CancellationToken ct)
    {
        if (put.Known is null)
        {
            var limited = await Limit(put, ct);
            return limited.IsOk ? await Made(registry.Create("Account", Account(put), ct)) : limited;
        }

        var changed = await Change(put, put.Known, ct);
        if (!changed.IsOk || (!put.HasNewPasswords && put.Known.LimitRefs.Count == 1 && put.Known.HourlyLimit == put.Mailbox.HourlyLimit)) return changed;
        // The new limit stands before the old one goes: it carries the mark.
        var renewed = await Limit(put, ct);
        foreach (var old in put.Known.LimitRefs)
        {
            if (!renewed.IsOk) return renewed;
            renewed = await registry.Destroy("MtaInboundThrottle", old, ct);
        }

        return renewed;
    }

    async Task<Result<Done>> Change(StackOp.PutMailbox put, MailboxFact known, CancellationToken ct)
    {
        if (known.Ref.Length == 0) return await Made(registry.Create("Account", Account(put), ct)); // Its limit was made, then a run was broken off.
        var patch = new Dictionary<string, object?> { ["quotas/maxDiskQuota"] = put.Mailbox.QuotaBytes == 0 ? null : put.Mailbox.QuotaBytes };
        if (put.HasNewPasswords)
        {
            var now = await registry.Get("Account", [known.Ref], null, ct);
            if (now.Problem is { } problem) return problem;
            var credentials = now.Value is [var account] && ApiJson.Part(account, "credentials") is { ValueKind: JsonValueKind.Object } held ? held.EnumerateObject().ToList() : [];
            if (credentials.Find(one => ApiJson.Text(one.Value, "@type") == "Password") is { Value.ValueKind: JsonValueKind.Object } password) patch[$"credentials/{password.Name}/secret"] = put.Passwords[0];
            else patch["credentials"] = Credentials(put);
        }

        return await registry.Update("Account", known.Ref, patch, ct);
    }

    async Task<Result<Done>> Drop(StackOp.DropMailbox drop, CancellationToken ct)
    {
        var gone = drop.Known.Ref.Length == 0 ? default(Done) : await registry.Destroy("Account", drop.Known.Ref, ct);
        foreach (var limit in drop.Known.LimitRefs)
        {
            if (!gone.IsOk) return gone;
            gone = await registry.Destroy("MtaInboundThrottle", limit, ct);
        }

        return gone;
    }

    Dictionary<string, object> Account(StackOp.PutMailbox put) => new()
    {
        ["@type"] = "User", ["name"] = Local(put.Mailbox.Address), ["domainId"] = DomainOf(put.Mailbox.Address), ["credentials"] = Credentials(put),
        ["quotas"] = put.Mailbox.QuotaBytes == 0 ? new Dictionary<string, long>() : new Dictionary<string, long> { ["maxDiskQuota"] = put.Mailbox.QuotaBytes },
        ["roles"] = new Dictionary<string, object> { ["@type"] = "User" }, ["permissions"] = new Dictionary<string, object> { ["@type"] = "Inherit" },
        ["encryptionAtRest"] = new Dictionary<string, object> { ["@type"] = "Disabled" },
    };

    static Dictionary<string, object> Credentials(StackOp.PutMailbox put) => new() { ["0"] = new Dictionary<string, object> { ["@type"] = "Password", ["secret"] = put.Passwords[0] } };

    Task<Result<Done>> Limit(StackOp.PutMailbox put, CancellationToken ct) => Made(registry.Create("MtaInboundThrottle", new Dictionary<string, object>
    {
        ["enable"] = true, ["description"] = put.Mark, ["key"] = Set(["authenticatedAs"]),
        ["match"] = new Dictionary<string, object> { ["match"] = new Dictionary<string, object>(), ["else"] = StalwartFacts.Rule(put.Mailbox.Address) },
        ["rate"] = new { count = put.Mailbox.HourlyLimit, period = StalwartFacts.HourMilliseconds },
    }, ct));

    string Domain(string name) => _domains.GetValueOrDefault(name, "");

    string DomainOf(string address) => Domain(address[(address.IndexOf('@', StringComparison.Ordinal) + 1)..]);

    static string Local(string address) => address[..address.IndexOf('@', StringComparison.Ordinal)];

    static Dictionary<string, bool> Set(IEnumerable<string> values) => values.ToDictionary(value => value, _ => true);

    static async Task<Result<Done>> Made(Task<Result<string>> made) => (await made).Match<Result<Done>>(_ => default(Done), problem => problem);

    public void Dispose() => registry.Api.Dispose();
}
