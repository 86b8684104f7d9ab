using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Queue;

/// <summary>What waits in an account, mailbox by mailbox, and for what.</summary>
/// <remarks>Refuses with <c>permission.missing</c>.</remarks>
public static class ReadQueue
{
    /// <summary>Messages of one mailbox are counted up to here.</summary>
    public const int WaitingMax = 10_000;

    /// <summary>Messages that are looked at for <see cref="Output.Held"/>.</summary>
    public const int LookedAtMax = 100_000;

    /// <param name="Waiting">At most <see cref="WaitingMax"/>.</param>
    /// <param name="NextAt">When the first of them is asked about; null when somebody must act first, or nothing waits.</param>
    /// <param name="Held">Code of the decision the whole mailbox waits for; empty when it only waits for its next message.</param>
    /// <param name="Trouble">Code of what is wrong at its server; empty when nothing is.</param>
    /// <param name="ReadyAt">When the mailbox is served next; null when nobody knows.</param>
    /// <param name="UnderWay">Messages that the worker who serves it may have on the wire.</param>
    public sealed record Mailbox(MailboxId Id, string Address, long Waiting, DateTimeOffset? NextAt, string Held, string Trouble, DateTimeOffset? ReadyAt, long UnderWay);

    /// <param name="Code">Of the decision about the message, else about its whole mailbox, or what is wrong at its server; empty: they only wait for their turn.</param>
    /// <param name="NextAt">When the first of them is asked about again; null when somebody must act first.</param>
    public sealed record Group(string Code, long Messages, DateTimeOffset? NextAt);

    /// <summary>Who is confined to a workspace reads of its messages alone.</summary>
    /// <param name="Mailboxes">The fullest first, at most 500.</param>
    /// <param name="Held">Of the first <see cref="LookedAtMax"/> messages of the account, why they wait.</param>
    public sealed record Output(IReadOnlyList<Mailbox> Mailboxes, IReadOnlyList<Group> Held, DateTimeOffset AskedAt);

    const string SelectLanes = """
        select l.mailbox_id, l.held, l.trouble, nullif(l.ready_at, 'infinity'), case when l.lease_until > $2 then cardinality(l.under_way) else 0 end, w.waiting, nullif(w.next_at, 'infinity')
        from delivery.lane l
        cross join lateral (
          select count(*) as waiting, min(q.due_at) as next_at
          from (
            select q.due_at
            from delivery.queue q
            where q.mailbox_id = l.mailbox_id and ($3::uuid is null or exists (select 1 from delivery.message m where m.tenant_id = $1 and m.id = q.message_id and m.workspace_id = $3))
            order by q.due_at
            limit 10000) q) w
        where l.tenant_id = $1 and ($3::uuid is null or l.mailbox_id = any($4)) and (w.waiting > 0 or l.trouble <> '' or l.lease_until > $2)
        order by w.waiting desc, l.mailbox_id
        limit 500
        """;

    const string SelectHeld = """
        select code, count(*), nullif(min(at), 'infinity')
        from (
          select
            case
              when q.held <> '' then q.held
              when l.ready_at <= $3 or l.lease_until > $3 then ''
              when l.trouble <> '' then l.trouble
              when l.held <> 'gap' then l.held
              else '' end as code,
            case when q.held = '' then greatest(q.due_at, l.ready_at) else q.due_at end as at
          from delivery.queue q
          join delivery.lane l on l.mailbox_id = q.mailbox_id
          where q.tenant_id = $1 and ($2::uuid is null or exists (select 1 from delivery.message m where m.tenant_id = $1 and m.id = q.message_id and m.workspace_id = $2))
          limit 100000) q
        group by code
        order by count(*) desc
        limit 100
        """;

    public static async Task<Result<Output>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MessagesRead)) return Actor.Forbidden(Permissions.MessagesRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var confined = actor.ConfinedTo(Permissions.MessagesRead);
        var theirs = confined is { } workspace ? (await WorkspaceSenders.Read(tx, workspace, ct)).Mailboxes : [];
        var lanes = await tx.List(SelectLanes, Read, ct, actor.Tenant, clock.GetUtcNow(), confined, theirs);
        var names = (await ReadSendingState.Within(tx, lanes.ConvertAll(lane => lane.Id.Value), ct)).ToDictionary(state => state.Id);
        var held = await tx.List(SelectHeld, row => new Group(row.GetString(0), row.GetInt64(1), row.Maybe<DateTimeOffset>(2)), ct, actor.Tenant, confined, clock.GetUtcNow());
        return new Output([.. lanes.Where(lane => names.ContainsKey(lane.Id) && (actor.Workspace is null || names[lane.Id].Workspace == actor.Workspace)).Select(lane => lane with { Address = names[lane.Id].Address })], held, clock.GetUtcNow());
    }

    static Mailbox Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), "", row.GetInt64(5), row.Maybe<DateTimeOffset>(6), row.GetString(1), row.GetString(2), row.Maybe<DateTimeOffset>(3) is { Year: < 9000 } ready ? ready : null, row.GetInt32(4));

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/sending/queue",
        async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, clock, ct)).ToHttp());
}
