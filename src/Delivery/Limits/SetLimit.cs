using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Halts;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Limits;

/// <summary>Sets, removes and lists how much an account sends in any stretch of time: for itself, a domain, an outgoing server, a recipient's company or a receiving provider.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>limit.invalid</c>, <c>limit.too_many</c> or, when removing, <c>limit.not_found</c>.</remarks>
public static class SetLimit
{
    /// <summary>Limits of one account.</summary>
    public const int LimitsMax = 100;

    const int KeyLengthMax = 260, WindowMin = 60, WindowMax = 31 * 24 * 3600, MostMax = 100_000_000;

    static readonly string[] Scopes = ["account", "domain", "server", "company", "provider"];

    /// <param name="Used">Over the stretch that ends now; null for <c>*</c>, where each key has its own, and for who is confined to a workspace where other workspaces use it too.</param>
    public sealed record Line(string Scope, string Key, int WindowSeconds, int Most, long? Used);

    /// <summary>All limits of an account; to who is confined to a workspace, those that can hold its mail back, less recipients' companies.</summary>
    public sealed record Lines(IReadOnlyList<Line> Items);

    const string Upsert = """
        insert into delivery.send_limit (tenant_id, scope, key, window_seconds, most)
        select $1, $2, $3, $4, $5
        where (select count(*) from delivery.send_limit where tenant_id = $1) < $6 or exists (select 1 from delivery.send_limit where tenant_id = $1 and scope = $2 and key = $3 and window_seconds = $4)
        on conflict (tenant_id, scope, key, window_seconds) do update set most = excluded.most
        """;

    const string Delete = "delete from delivery.send_limit where tenant_id = $1 and scope = $2 and key = $3 and window_seconds = $4";

    const string Select = """
        select l.scope, l.key, l.window_seconds, l.most, case when l.key <> '*' or l.scope = 'account' then (
          select coalesce(sum(u.used), 0)
          from delivery.limit_use u
          where u.tenant_id = l.tenant_id and u.scope = l.scope and u.key = l.key and u.window_seconds = l.window_seconds
            and u.bucket > $2::timestamptz - make_interval(secs => l.window_seconds * 61 / 60.0)) end
        from delivery.send_limit l
        where l.tenant_id = $1
        order by l.scope, l.key, l.window_seconds
        limit 100
        """;

    public static async Task<Result<Done>> Handle(Actor actor, SendLimit input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        if (Fault(input) is { } fault) return Problem.Invalid("limit.invalid", fault);
        var (limit, now) = (Clean(input), clock.GetUtcNow());
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Execute(Upsert, ct, actor.Tenant, limit.Scope, limit.Key, limit.WindowSeconds, limit.Most, LimitsMax) == 0)
            return new Problem(ProblemKind.Conflict, "limit.too_many", $"An account has at most {LimitsMax} limits. Remove one first.");
        await ReleaseHeld.Within(tx, ["limit_" + limit.Scope], now, ct);
        await tx.Append(actor, "sending.limit_set", $"{limit.Scope} {limit.Key}", new { limit.WindowSeconds, limit.Most }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    public static async Task<Result<Done>> Remove(Actor actor, string scope, string key, int windowSeconds, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if ((scope + key).Contains('\0', StringComparison.Ordinal) || await tx.Execute(Delete, ct, actor.Tenant, scope, key, windowSeconds) == 0)
            return new Problem(ProblemKind.NotFound, "limit.not_found", "There is no such limit.");
        await ReleaseHeld.Within(tx, ["limit_" + scope], now, ct);
        await tx.Append(actor, "sending.limit_removed", $"{scope} {key}", new { windowSeconds }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    public static async Task<Result<Lines>> List(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MessagesRead)) return Actor.Forbidden(Permissions.MessagesRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var lines = await tx.List(Select, Read, ct, actor.Tenant, clock.GetUtcNow());
        return new Lines(await ConfinedSight.Of(actor, Permissions.MessagesRead, tx, ct) is { } sight ? [.. lines.Select(line => Seen(line, sight)).OfType<Line>()] : lines);
    }

    static Line? Seen(Line line, ConfinedSight sight) => sight.Of(line.Scope, line.Key) switch
    {
        Holding.Whole => line,
        Holding.Shared => line with { Used = null },
        Holding.None => null,
    };

    static FieldProblem? Fault(SendLimit limit) =>
        !Scopes.Contains(limit.Scope) ? new("scope", $"One of {string.Join(", ", Scopes)}.")
        : limit.Key is null or "" or { Length: > KeyLengthMax } || limit.Key.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) ? new("key", "A name such as example.com or google, or * for each by itself.")
        : limit.Scope == "account" && limit.Key != SendLimit.Each ? new("key", "An account has no names below it: give *.")
        : limit.WindowSeconds is < WindowMin or > WindowMax ? new("window_seconds", $"{WindowMin} to {WindowMax:N0} seconds (31 days).")
        : limit.Most is < 0 or > MostMax ? new("most", $"0 to {MostMax:N0}.")
        : null;

    static SendLimit Clean(SendLimit limit) => limit with { Key = limit.Key.ToLowerInvariant() };

    static Line Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.Maybe<long>(4));

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/sending/limits", async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await List(actor, db, clock, ct)).ToHttp());
        api.MapPut("/sending/limits", async (Actor actor, SendLimit input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, input, db, clock, ct)).ToHttp());
        api.MapDelete("/sending/limits", async (Actor actor, string scope, string key, int windowSeconds, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Remove(actor, scope, key, windowSeconds, db, clock, ct)).ToHttp());
    }
}
