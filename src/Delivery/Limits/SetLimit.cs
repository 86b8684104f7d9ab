using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Halts;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Limits;

/// <summary>Sets and removes how much an account sends in any stretch of time: for itself, a domain, an outgoing server, a recipient's company, a receiving provider, a domain towards one provider, or a mailbox.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>limit.invalid</c>, <c>limit.too_many</c> or, when removing, <c>limit.not_found</c>.</remarks>
public static class SetLimit
{
    /// <summary>Limits of one account.</summary>
    public const int LimitsMax = 100;

    const int ReasonLengthMin = 3, ReasonLengthMax = 500, KeyLengthMax = 520, WindowMin = 60, WindowMax = 31 * 24 * 3600, MostMax = 100_000_000;

    static readonly string[] Scopes = ["account", "domain", "server", "company", "provider", "domain_provider", "mailbox"];

    const string Upsert = """
        insert into delivery.send_limit (tenant_id, scope, key, window_seconds, most, reason, set_at)
        select $1, $2, $3, $4, $5, $7, $8
        where (select count(*) from delivery.send_limit where tenant_id = $1) < $6 or exists (select 1 from delivery.send_limit where tenant_id = $1 and scope = $2 and key = $3 and window_seconds = $4)
        on conflict (tenant_id, scope, key, window_seconds) do update set most = excluded.most, reason = excluded.reason
        """;

    const string Delete = "delete from delivery.send_limit where tenant_id = $1 and scope = $2 and key = $3 and window_seconds = $4";

    public static async Task<Result<Done>> Handle(Actor actor, SendLimit input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        if (Fault(input) is { } fault) return Problem.Invalid("limit.invalid", fault);
        var (limit, now) = (Clean(input), clock.GetUtcNow());
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Execute(Upsert, ct, actor.Tenant, limit.Scope, limit.Key, limit.WindowSeconds, limit.Most, LimitsMax, limit.Reason, now) == 0)
            return new Problem(ProblemKind.Conflict, "limit.too_many", $"An account has at most {LimitsMax} limits. Remove one first.");
        await ReleaseHeld.Within(tx, ["limit_" + limit.Scope], now, ct);
        await tx.Append(actor, "sending.limit_set", $"{limit.Scope} {limit.Key}", new { limit.WindowSeconds, limit.Most, limit.Reason }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    public static async Task<Result<Done>> Remove(Actor actor, string scope, string key, int windowSeconds, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if ((scope + key).Contains('\0', StringComparison.Ordinal) || await tx.Execute(Delete, ct, actor.Tenant, scope, KeyOf(scope, key), windowSeconds) == 0)
            return new Problem(ProblemKind.NotFound, "limit.not_found", "There is no such limit.");
        await ReleaseHeld.Within(tx, ["limit_" + scope], now, ct);
        await tx.Append(actor, "sending.limit_removed", $"{scope} {key}", new { windowSeconds }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    static FieldProblem? Fault(SendLimit limit) =>
        !Scopes.Contains(limit.Scope) ? new("scope", $"One of {string.Join(", ", Scopes)}.")
        : limit.Key is null or "" or { Length: > KeyLengthMax } || limit.Key.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) ? new("key", "A name such as example.com or google, or * for each by itself.")
        : limit.Scope == "account" && limit.Key != SendLimit.Each ? new("key", "An account has no names below it: give *.")
        : limit.Key != SendLimit.Each && limit.Scope == "domain_provider" && LimitPlace.Split(limit.Key) is { Provider: "" } or { Domain: "" } ? new("key", "Give the sending domain and the provider, such as example.com/google, or * for each by itself.")
        : limit.Key != SendLimit.Each && limit.Scope == "mailbox" && !MailboxId.TryParse(limit.Key, null, out _) ? new("key", "Give a mailbox's id, such as mbx_ and 26 characters, or * for each by itself.")
        : (limit.Scope is "domain_provider" or "mailbox" || limit.Reason is not null) && limit.Reason?.Trim() is not { Length: >= ReasonLengthMin and <= ReasonLengthMax } ? new("reason", $"Say why, in {ReasonLengthMin} to {ReasonLengthMax} characters: it takes the place of what the provider asks for.")
        : limit.Reason?.Contains('\0', StringComparison.Ordinal) == true ? new("reason", "A NUL character cannot be kept. Remove it.")
        : limit.WindowSeconds is < WindowMin or > WindowMax ? new("window_seconds", $"{WindowMin} to {WindowMax:N0} seconds (31 days).")
        : limit.Most is < 0 or > MostMax ? new("most", $"0 to {MostMax:N0}.")
        : null;

    static SendLimit Clean(SendLimit limit) => limit with { Key = KeyOf(limit.Scope, limit.Key), Reason = limit.Reason?.Trim() ?? "" };

    static string KeyOf(string scope, string key) => scope == "mailbox" && MailboxId.TryParse(key, null, out var id) ? id.Value.ToString("N") : key.ToLowerInvariant();

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPut("/sending/limits", async (Actor actor, SendLimit input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, input, db, clock, ct)).ToHttp());
        api.MapDelete("/sending/limits", async (Actor actor, string scope, string key, int windowSeconds, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Remove(actor, scope, key, windowSeconds, db, clock, ct)).ToHttp());
    }
}
