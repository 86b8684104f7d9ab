using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Collect;

/// <summary>How the looking into the workspace's mailboxes goes, those in trouble first; and looking into one now.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>mailbox.not_found</c>, <c>collection.none</c> or <c>collection.paused</c>.</remarks>
public static class ListCollections
{
    /// <param name="State">waiting (connected, hears of new mail at once), due (its turn comes), trouble or paused.</param>
    /// <param name="Trouble">Code of why it could not be looked into; empty while it can.</param>
    /// <param name="LookedAt">When all folders were last seen whole; null before the first time.</param>
    /// <param name="LagSeconds">Since then: mail that came later may not be read yet. Null before the first time, and 0 while it is connected.</param>
    /// <param name="NextAt">When it is looked into next; null while it is connected or paused.</param>
    public sealed record Line(MailboxId Id, string Address, string State, string Trouble, int Failures, DateTimeOffset? LookedAt, long? LagSeconds, DateTimeOffset? NextAt, IReadOnlyList<CollectedFolder> Folders);

    /// <param name="IsConnected">It is connected already and hears of new mail by itself.</param>
    public sealed record Asked(bool IsConnected);

    static readonly Problem Paused = new(ProblemKind.Conflict, "collection.paused", "Looking into this mailbox is stopped. Let it go on, and it is looked into at once.");

    sealed record Row(Guid Id, bool IsPaused, string Trouble, int Failures, DateTimeOffset? LookedAt, DateTimeOffset ReadyAt, bool IsHeld);

    const string Select = """
        select mailbox_id, is_paused, trouble, failures, looked_at, ready_at, coalesce(lease_until > $2, false)
        from delivery.collection
        where tenant_id = $1
        order by (trouble <> '') desc, is_paused desc, looked_at nulls first, mailbox_id
        limit 1000
        """;

    const string SelectFolders = """
        select mailbox_id, folder, looked_at, kept, at
        from delivery.collected_folder
        where tenant_id = $1 and mailbox_id = any($2)
        order by mailbox_id, folder
        limit 10000
        """;

    const string ReadNow = """
        update delivery.collection
        set ready_at = least(ready_at, $3)
        where mailbox_id = $1 and tenant_id = $2
        returning is_paused, coalesce(lease_until > $3, false)
        """;

    public static async Task<Result<Page<Line>>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        var rows = await tx.List(Select, row => new Row(row.GetGuid(0), row.GetBoolean(1), row.GetString(2), row.GetInt32(3), row.Maybe<DateTimeOffset>(4), row.GetFieldValue<DateTimeOffset>(5), row.GetBoolean(6)), ct, actor.Tenant, now);
        var own = (await ReadSendingState.Within(tx, rows.ConvertAll(row => row.Id), ct)).Where(state => actor.Workspace is null || state.Workspace == actor.Workspace).ToDictionary(state => state.Id.Value, state => state.Address);
        var folders = (await tx.List(SelectFolders, row => (Id: row.GetGuid(0), Folder: new CollectedFolder(row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetFieldValue<DateTimeOffset>(4))), ct, actor.Tenant, own.Keys.ToArray()))
            .ToLookup(one => one.Id, one => one.Folder);
        return new Page<Line>([.. rows.Where(row => own.ContainsKey(row.Id)).Select(row => Shown(row, own[row.Id], [.. folders[row.Id]], now))], null);
    }

    /// <summary>Its turn comes now, also after failures. Kept when it fails again: the next wait is as long as before.</summary>
    public static async Task<Result<Asked>> Now(Actor actor, MailboxId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (!await PauseCollection.IsTheirs(tx, actor, id, ct)) return PauseCollection.NoMailbox;
        var asked = await tx.List(ReadNow, row => (IsPaused: row.GetBoolean(0), IsHeld: row.GetBoolean(1)), ct, id, actor.Tenant, clock.GetUtcNow());
        if (asked is not [var found]) return PauseCollection.None;
        if (found.IsPaused) return Paused;
        await tx.Commit(ct);
        return new Asked(found.IsHeld);
    }

    static Line Shown(Row row, string address, IReadOnlyList<CollectedFolder> folders, DateTimeOffset now)
    {
        var state = row.IsPaused ? "paused" : row.Trouble.Length > 0 ? "trouble" : row.IsHeld ? "waiting" : "due";
        var lag = state == "waiting" && row.LookedAt is not null ? 0 : row.LookedAt is { } at ? (long?)Math.Max(0, (now - at).TotalSeconds) : null;
        return new(new(row.Id), address, state, row.Trouble, row.Failures, row.LookedAt, lag, row.IsPaused || row.IsHeld ? null : row.ReadyAt, folders);
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/mailboxes/collections", async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, clock, ct)).ToHttp());
        api.MapPost("/mailboxes/{id}/collection/read", async (Actor actor, MailboxId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Now(actor, id, db, clock, ct)).ToHttp());
    }
}
