using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Halts;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Routes;

/// <summary>Routes that do not flow freely, and letting one go on.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>route.not_found</c> or <c>route.flowing</c>.</remarks>
public static class ListRoutes
{
    /// <param name="Scope">mailbox or domain.</param>
    /// <param name="Key">The mailbox's id (<c>mbx_…</c>), or the domain's name.</param>
    /// <param name="Name">Address of the mailbox, or the domain.</param>
    /// <param name="Provider">Key of who receives; <c>*</c>: everybody.</param>
    /// <param name="State">slowed, suspended, recovering or stopped, at this moment.</param>
    /// <param name="Until">When it changes by itself; null when a person must act.</param>
    public sealed record Line(string Scope, string Key, string Name, string Provider, string State, DateTimeOffset? Until, int Connections, string Rule, string Reason, DateTimeOffset ChangedAt);

    /// <summary>The worst first; to who is confined to a workspace, those of what it sends from.</summary>
    public sealed record Output(IReadOnlyList<Line> Items);

    /// <summary>Which route is meant.</summary>
    public sealed record Target(string Scope, string Key, string Provider);

    const string Select = """
        select scope, key, provider, state, until, connections, gap_seconds, trips, in_a_row, has_accepted, rule, reason, last_at, changed_at
        from delivery.route
        where tenant_id = $1 and state <> 'flowing'
        order by array_position(array['stopped', 'suspended', 'recovering', 'slowed'], state), changed_at desc
        limit 1000
        """;

    const string SelectOne = """
        select scope, key, provider, state, until, connections, gap_seconds, trips, in_a_row, has_accepted, rule, reason, last_at, changed_at
        from delivery.route
        where tenant_id = $1 and scope = $2 and key = $3 and provider = $4
        for update
        """;

    const string Save = """
        update delivery.route
        set state = $5, until = $6, connections = $7, gap_seconds = $8, trips = $9, in_a_row = 0, has_accepted = false, reason = $10, changed_at = $11
        where tenant_id = $1 and scope = $2 and key = $3 and provider = $4
        """;

    public static async Task<Result<Output>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MessagesRead)) return Actor.Forbidden(Permissions.MessagesRead);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        var rows = await tx.List(Select, row => (Row: RouteRow.Read(row), At: row.GetFieldValue<DateTimeOffset>(13)), ct, actor.Tenant);
        if (await ConfinedSight.Of(actor, Permissions.MessagesRead, tx, ct) is { } sight) rows.RemoveAll(r => sight.Of(r.Row.Key.Scope, r.Row.Key.Key, r.Row.Key.Provider) == Holding.None);
        var ids = rows.Where(r => r.Row.Key.Scope == "mailbox").Select(r => Guid.Parse(r.Row.Key.Key)).Distinct().ToList();
        var names = (await ReadSendingState.Within(tx, ids, ct)).ToDictionary(state => state.Id.Value, state => state.Address);
        return new Output([.. rows.Select(r => Shown(r.Row, r.Row.Route.At(now, r.Row.Profile), names, r.At)).Where(line => line.State != "flowing")]);
    }

    /// <summary>A person lets it flow again: on one connection, because nobody but the provider knows whether the cause is gone.</summary>
    public static async Task<Result<Done>> Resume(Actor actor, Target target, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var (now, key) = (clock.GetUtcNow(), target.Scope == "mailbox" && MailboxId.TryParse(target.Key, null, out var id) ? RouteBook.MailboxKey(id) : target.Key);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if ((target.Scope + key + target.Provider).Contains('\0', StringComparison.Ordinal) || await tx.Maybe(SelectOne, RouteRow.Read, ct, actor.Tenant, target.Scope, key, target.Provider) is not { } row)
            return new Problem(ProblemKind.NotFound, "route.not_found", "There is no such route, or it was never anything but free.");
        if (row.Route.At(now, row.Profile).State == RouteState.Flowing) return new Problem(ProblemKind.Conflict, "route.flowing", "This route flows freely already.");
        var resumed = row.Route.Resumed(now, row.Profile);
        await tx.Execute(Save, ct, actor.Tenant, target.Scope, key, target.Provider, RouteRow.Word(resumed.State), resumed.Until, (short)resumed.Connections, resumed.GapSeconds, (short)resumed.Trips, resumed.Reason, now);
        await ReleaseHeld.Within(tx, ["provider_back_off", "route_stopped"], now, ct);
        await tx.Append(actor, "route.resumed", $"{target.Scope} {key} {target.Provider}", new { row.Route.Rule }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    static Line Shown(RouteRow row, Pacing.Route route, Dictionary<Guid, string> names, DateTimeOffset at)
    {
        var isMailbox = row.Key.Scope == "mailbox";
        return new(row.Key.Scope, isMailbox ? new MailboxId(Guid.Parse(row.Key.Key)).ToString() : row.Key.Key,
            isMailbox ? names.GetValueOrDefault(Guid.Parse(row.Key.Key), "a mailbox that was removed") : row.Key.Key,
            row.Key.Provider, RouteRow.Word(route.State), route.Until, route.Connections, route.Rule, route.Reason, at);
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/sending/routes", async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, clock, ct)).ToHttp());
        api.MapPost("/sending/routes/resume", async (Actor actor, Target target, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Resume(actor, target, db, clock, ct)).ToHttp());
    }
}
