using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;
using MessageId = PenguinMails.Delivery.Messages.MessageId;

namespace PenguinMails.Delivery.Conversations;

/// <summary>Tells each sender where its messages were found, ends conversations that nobody goes on with, and forgets old ones.</summary>
static class TellPlacements
{
    const int AtOnce = 5_000;

    /// <summary>A message that is in neither inbox nor Junk by then is somewhere else.</summary>
    static readonly TimeSpan FoundWithin = TimeSpan.FromDays(3);

    static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    // Only those whose last message is waited for; one that waits for its turn has a time.
    const string GiveUp = """
        with silent as (
          update delivery.conversation
          set is_over = true, changed_at = $2
          where not is_over and next_at is null and changed_at < $1
          returning id)
        update delivery.conversation_turn
        set found_in = 'other', found_at = $2
        where conversation_id in (select id from silent) and found_at is null and to_mailbox in (select mailbox_id from delivery.pool_member)
        """;

    const string SelectUntold = "select message_id, from_tenant from delivery.conversation_turn where not is_told and found_at is not null order by from_tenant, message_id limit $1";

    // What never left was not found elsewhere: it was not sent.
    const string Insert = """
        insert into delivery.placement (tenant_id, message_id, mailbox_id, provider, folder, found_at)
        select $1, m.id, m.mailbox_id, coalesce((select nullif(r.provider, '') from delivery.recipient_domain r where r.domain = split_part(m.address, '@', -1)), split_part(m.address, '@', -1)), t.found_in, t.found_at
        from delivery.conversation_turn t
        join delivery.message m on m.tenant_id = $1 and m.id = t.message_id
        where t.message_id = any($2) and (t.found_in <> 'other' or m.state = 'sent')
        on conflict (tenant_id, message_id) do nothing
        """;

    // It arrived, so it was sent.
    const string Settle = """
        update delivery.message m
        set state = 'sent', reason = 'found', sent_at = coalesce(m.sent_at, m.attempted_at), state_at = $3
        from delivery.conversation_turn t
        where t.message_id = any($2) and t.found_in <> 'other' and m.tenant_id = $1 and m.id = t.message_id and m.state = 'in_doubt'
        returning m.id, m.campaign_id, m.mailbox_id
        """;

    // One whose process died is in doubt only when its lane is taken again: until then it is asked for once more.
    const string MarkTold = """
        update delivery.conversation_turn
        set is_told = true
        where message_id = any($2) and message_id not in (select m.id from delivery.message m where m.tenant_id = $1 and m.id = any($2) and m.state = 'sending')
        """;

    const string Forget = "delete from delivery.conversation where id in (select id from delivery.conversation where is_over and changed_at < $1 limit 5000)";

    const string ForgetPlacements = "delete from delivery.placement where tenant_id = $1 and found_at < $2";

    const string ForgetMail = "delete from delivery.conversation_mail where tenant_id = $1 and came_at < $2";

    public static async Task Run(TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        List<(Guid Message, Guid Tenant)> untold;
        await using (var tx = await db.BeginUnscoped(ct))
        {
            await tx.Execute(GiveUp, ct, now - FoundWithin, now);
            await tx.Execute(Forget, ct, now - Kept);
            untold = await tx.List(SelectUntold, row => (row.GetGuid(0), row.GetGuid(1)), ct, AtOnce);
            await tx.Commit(ct);
        }

        foreach (var tenant in untold.GroupBy(one => one.Tenant, one => one.Message)) await Tell(db, new(tenant.Key), [.. tenant], now, ct);
    }

    static async Task Tell(TenantDb db, Core.TenantId tenant, Guid[] messages, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        foreach (var (message, campaign, mailbox) in await tx.List(Settle, row => (new MessageId(row.GetGuid(0)), row.GetGuid(1), row.GetGuid(2)), ct, tenant, messages, now))
            await WriteFact.Within(tx, "sent", message, campaign, mailbox, "found", now, ct);
        await tx.Execute(Insert, ct, tenant, messages);
        await tx.Execute(MarkTold, ct, tenant, messages);
        await tx.Execute(ForgetPlacements, ct, tenant, now - Kept);
        await tx.Execute(ForgetMail, ct, tenant, now - Kept);
        await tx.Commit(ct);
    }
}
