using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Messages;

namespace PenguinMails.Delivery.Tracking;

/// <summary>Judges a message's visits once all that came together is there, and writes a fact for each: opened or clicked, by a person or a machine.</summary>
/// <remarks>May run twice: what is judged stays as it is, and a fact is written in the transaction that judges.</remarks>
static class SettleVisits
{
    public const string Kind = "delivery.settle_visits";

    public sealed record Order(MessageId Message);

    sealed record Place(DateTimeOffset? SentAt, Guid Campaign, Guid Mailbox, int Links);

    sealed record Kept(Visit Visit, bool IsJudged);

    // A message in doubt may have arrived, and then people read it.
    const string SelectMessage = """
        select coalesce(m.sent_at, m.attempted_at), m.campaign_id, m.mailbox_id, (select count(*) from delivery.link l where l.tenant_id = m.tenant_id and l.content_id = m.content_id)
        from delivery.message m
        where m.tenant_id = $1 and m.id = $2
        for update of m
        """;

    const string SelectVisits = """
        select id, at, kind, number, is_head, agent, visitor <> ''
        from delivery.visit
        where tenant_id = $1 and message_id = $2
        order by id
        limit 200
        """;

    const string Save = "update delivery.visit set visitor = $4, reason = $5 where tenant_id = $1 and message_id = $2 and id = $3";

    const string MarkClick = "update delivery.message set clicked_at = $3 where tenant_id = $1 and id = $2 and clicked_at is null";

    const string MarkOpen = "update delivery.message set opened_at = $3 where tenant_id = $1 and id = $2 and opened_at is null";

    public static Task Run(Order order, JobRun run, CancellationToken ct) => Handle(order, run.Tenant, run.Db, run.Need<DeliveryOptions>(), run.Need<TimeProvider>(), ct);

    internal static async Task Handle(Order order, TenantId tenant, TenantDb db, DeliveryOptions options, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(tenant, ct);
        if (await tx.Maybe(SelectMessage, ReadPlace, ct, tx.Tenant, order.Message) is not { } place) return; // Deleted meanwhile.
        var kept = await tx.List(SelectVisits, ReadVisit, ct, tx.Tenant, order.Message);
        var all = kept.ConvertAll(k => k.Visit);
        foreach (var (visit, _) in kept.Where(k => !k.IsJudged && k.Visit.At <= now.AddSeconds(-options.VisitSettleSeconds)))
        {
            var machine = JudgeVisits.Machine(visit, place.SentAt, place.Links, all, TimeSpan.FromSeconds(options.VisitSoonSeconds));
            await tx.Execute(Save, ct, tx.Tenant, order.Message, visit.Id, machine.Length == 0 ? "person" : "machine", machine);
            if (visit.Kind == VisitKind.Trap || visit.IsHead) continue; // Neither opened nor clicked anything.
            var isClick = visit.Kind == VisitKind.Click;
            await WriteFact.Visited(tx, isClick ? "clicked" : "opened", order.Message, place.Campaign, place.Mailbox, machine.Length > 0, machine, now, ct);
            if (machine.Length == 0) await tx.Execute(isClick ? MarkClick : MarkOpen, ct, tx.Tenant, order.Message, visit.At);
        }

        await tx.Commit(ct);
    }

    static Place ReadPlace(NpgsqlDataReader row) => new(row.Maybe<DateTimeOffset>(0), row.GetGuid(1), row.GetGuid(2), (int)row.GetInt64(3));

    static Kept ReadVisit(NpgsqlDataReader row) => new(
        new(row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), RecordVisit.Kind(row.GetString(2)), row.GetInt16(3), row.GetBoolean(4), row.GetString(5)), row.GetBoolean(6));
}
