using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Collect;

/// <summary>How the looking into the workspace's mailboxes goes, those in trouble first; and looking into one now.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>cursor.invalid</c>, <c>mailbox.not_found</c>, <c>collection.none</c> or <c>collection.paused</c>.</remarks>
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

    /// <summary>How many are looked into in all, how many of them are in trouble, and how many a person stopped.</summary>
    public sealed record Tally(long All, long Trouble, long Paused);

    sealed record Row(Guid Id, int Rank, bool IsPaused, string Trouble, int Failures, DateTimeOffset? LookedAt, DateTimeOffset ReadyAt, bool IsHeld);

    // Reads index collection_shown. By what stays while one reads on: when it was looked into last changes all the time.
    const string Select = """
        select mailbox_id, case when is_paused then 1 when trouble <> '' then 0 else 2 end, is_paused, trouble, failures, looked_at, ready_at, coalesce(lease_until > $5, false)
        from delivery.collection
        where tenant_id = $1 and ($2::uuid is null or workspace_id = $2)
          and ($3::integer is null or (case when is_paused then 1 when trouble <> '' then 0 else 2 end, mailbox_id) > ($3, $4::uuid))
        order by case when is_paused then 1 when trouble <> '' then 0 else 2 end, mailbox_id
        limit $6
        """;

    const string SelectTally = """
        select count(*), count(*) filter (where trouble <> '' and not is_paused), count(*) filter (where is_paused)
        from delivery.collection
        where tenant_id = $1 and ($2::uuid is null or workspace_id = $2)
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

    public static async Task<Result<Page<Line>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        if (!Cursor.TryDecode(cursor, out var key) || !IsPlace(key, out var rank, out var after)) return Cursor.Broken;
        var (count, now) = (Cursor.Limit(limit), clock.GetUtcNow());
        await using var tx = await db.Begin(actor.Tenant, ct);
        var rows = Page<Row>.Of(await tx.List(Select, ReadRow, ct, actor.Tenant, actor.Workspace, rank, after, now, count + 1), count, row => string.Create(CultureInfo.InvariantCulture, $"{row.Rank} {row.Id:N}"));
        var ids = rows.Items.Select(row => row.Id).ToArray();
        var addresses = (await ReadSendingState.Within(tx, ids, ct)).ToDictionary(state => state.Id.Value, state => state.Address);
        var folders = (await tx.List(SelectFolders, row => (Id: row.GetGuid(0), Folder: new CollectedFolder(row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetFieldValue<DateTimeOffset>(4))), ct, actor.Tenant, ids))
            .ToLookup(one => one.Id, one => one.Folder);
        // One that was removed less than a minute ago has no address any more.
        return new Page<Line>([.. rows.Items.Where(row => addresses.ContainsKey(row.Id)).Select(row => Shown(row, addresses[row.Id], [.. folders[row.Id]], now))], rows.NextCursor);
    }

    /// <summary>Of all the list's pages together.</summary>
    public static async Task<Result<Tally>> Count(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await tx.One(SelectTally, row => new Tally(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), ct, actor.Tenant, actor.Workspace);
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

    static bool IsPlace(string? key, out int? rank, out Guid? after)
    {
        (rank, after) = (null, null);
        if (key is null) return true;
        if (key.Split(' ') is not [("0" or "1" or "2") and var first, var second] || !Guid.TryParseExact(second, "N", out var id)) return false;
        (rank, after) = (first[0] - '0', id);
        return true;
    }

    static Row ReadRow(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetInt32(1), row.GetBoolean(2), row.GetString(3), row.GetInt32(4), row.Maybe<DateTimeOffset>(5), row.GetFieldValue<DateTimeOffset>(6), row.GetBoolean(7));

    static Line Shown(Row row, string address, IReadOnlyList<CollectedFolder> folders, DateTimeOffset now)
    {
        var state = row.IsPaused ? "paused" : row.Trouble.Length > 0 ? "trouble" : row.IsHeld ? "waiting" : "due";
        var lag = state == "waiting" && row.LookedAt is not null ? 0 : row.LookedAt is { } at ? (long?)Math.Max(0, (now - at).TotalSeconds) : null;
        return new(new(row.Id), address, state, row.Trouble, row.Failures, row.LookedAt, lag, row.IsPaused || row.IsHeld ? null : row.ReadyAt, folders);
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/mailboxes/collections", async (Actor actor, string? cursor, int? limit, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, cursor, limit, db, clock, ct)).ToHttp());
        api.MapPost("/mailboxes/{id}/collection/read", async (Actor actor, MailboxId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Now(actor, id, db, clock, ct)).ToHttp());
    }
}
