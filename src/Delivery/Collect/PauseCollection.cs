using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Collect;

/// <summary>How the looking into one mailbox goes.</summary>
/// <param name="Trouble">Code of why it cannot be looked into; empty while it can.</param>
/// <param name="LookedAt">When all folders were last seen whole; null before the first time.</param>
/// <param name="Since">Mail that came before is never looked at.</param>
public sealed record CollectionState(bool IsPaused, string Trouble, int Failures, DateTimeOffset? LookedAt, DateTimeOffset Since, IReadOnlyList<CollectedFolder> Folders);

/// <param name="LookedAt">Messages looked at so far; all but <paramref name="Kept"/> left no trace but this number.</param>
/// <param name="Kept">Messages that belong to one we sent.</param>
public sealed record CollectedFolder(string Folder, long LookedAt, long Kept, DateTimeOffset At);

/// <summary>Shows how the looking into a mailbox goes, stops it and lets it go on. Stopping takes hold within a minute; what comes meanwhile is taken up afterwards.</summary>
/// <remarks>Sending has its own pause. Refuses with <c>permission.missing</c>, <c>mailbox.not_found</c> or <c>collection.none</c>.</remarks>
public static class PauseCollection
{
    internal static readonly Problem None = new(ProblemKind.NotFound, "collection.none", "This mailbox is not looked into: it has no IMAP server, or was connected less than a minute ago. Add the IMAP server to its settings.");

    internal static readonly Problem NoMailbox = new(ProblemKind.NotFound, "mailbox.not_found", "There is no such mailbox in this workspace.");

    const string Select = "select is_paused, trouble, failures, looked_at, since from delivery.collection where mailbox_id = $1 and tenant_id = $2";

    const string SelectFolders = """
        select folder, looked_at, kept, at
        from delivery.collected_folder
        where tenant_id = $1 and mailbox_id = $2
        order by folder
        limit 10
        """;

    const string Save = "update delivery.collection set is_paused = $3, ready_at = $4, failures = 0, trouble = '' where mailbox_id = $1 and tenant_id = $2";

    public static async Task<Result<CollectionState>> Read(Actor actor, MailboxId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (!await IsTheirs(tx, actor, id, ct)) return NoMailbox;
        var folders = await tx.List(SelectFolders, row => new CollectedFolder(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<DateTimeOffset>(3)), ct, actor.Tenant, id);
        var state = await tx.Maybe(Select, row => Read(row, folders), ct, id, actor.Tenant);
        return state is null ? None : state;
    }

    public static async Task<Result<Done>> Handle(Actor actor, MailboxId id, bool isPaused, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (!await IsTheirs(tx, actor, id, ct)) return NoMailbox;
        var now = clock.GetUtcNow();
        if (await tx.Execute(Save, ct, id, actor.Tenant, isPaused, now) == 0) return None;
        await tx.Append(actor, isPaused ? "mailbox.collection_paused" : "mailbox.collection_resumed", id.ToString(), new { }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static async Task<bool> IsTheirs(TenantTx tx, Actor actor, MailboxId id, CancellationToken ct) =>
        await ReadSendingState.Within(tx, [id.Value], ct) is [var mailbox] && (actor.Workspace is not { } workspace || mailbox.Workspace == workspace);

    static CollectionState Read(NpgsqlDataReader row, IReadOnlyList<CollectedFolder> folders) =>
        new(row.GetBoolean(0), row.GetString(1), row.GetInt32(2), row.Maybe<DateTimeOffset>(3), row.GetFieldValue<DateTimeOffset>(4), folders);

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/mailboxes/{id}/collection", async (Actor actor, MailboxId id, TenantDb db, CancellationToken ct) => (await Read(actor, id, db, ct)).ToHttp());
        api.MapPost("/mailboxes/{id}/collection/pause", async (Actor actor, MailboxId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, true, db, clock, ct)).ToHttp());
        api.MapPost("/mailboxes/{id}/collection/resume", async (Actor actor, MailboxId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, false, db, clock, ct)).ToHttp());
    }
}
