using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Queue;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Delivery.Conversations;

/// <summary>Writes the next message of each conversation that is due into the ledger of whose turn it is. From there it goes the way of every message: checklist, caps, budget, lane.</summary>
static class TakeTurns
{
    const int AtOnce = 500;

    const string SelectDue = """
        select id, language, seed, turns, turn, from_tenant, from_mailbox, to_tenant, to_mailbox
        from delivery.conversation
        where next_at <= $1
        order by next_at
        limit $2
        """;

    const string Hold = "select next_at from delivery.conversation where id = $1 and turn = $2 and next_at <= $3 and not is_over for update";

    const string End = "update delivery.conversation set is_over = true, next_at = null, changed_at = $2 where id = $1";

    const string Wait = "update delivery.conversation set next_at = $2 where id = $1";

    const string SelectEarlier = "select message_id, from_mailbox, asked_at, found_at from delivery.conversation_turn where conversation_id = $1 order by turn limit 5";

    const string SelectWritten = "select id from delivery.message where tenant_id = $1 and campaign_id = $2 and step = $3 and contact_id = $4";

    const string InsertTurn = """
        insert into delivery.conversation_turn (message_id, conversation_id, turn, from_tenant, from_mailbox, to_tenant, to_mailbox, asked_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """;

    const string Advance = "update delivery.conversation set turn = turn + 1, next_at = null, changed_at = $2 where id = $1";

    sealed record Due(Guid Id, Talk Talk, int Turn, Guid FromTenant, Guid FromMailbox, Guid ToTenant, Guid ToMailbox)
    {
        bool IsBeginners => Turn % 2 == 0;
        public TenantId Tenant => new(IsBeginners ? FromTenant : ToTenant);
        public Guid Mailbox => IsBeginners ? FromMailbox : ToMailbox;
        public TenantId PeerTenant => new(IsBeginners ? ToTenant : FromTenant);
        public Guid Peer => IsBeginners ? ToMailbox : FromMailbox;
    }

    sealed record Earlier(Guid Message, Guid Mailbox, DateTimeOffset AskedAt, DateTimeOffset? FoundAt);

    public static async Task Run(TenantDb db, Tokens tokens, DateTimeOffset now, CancellationToken ct)
    {
        List<Due> due;
        await using (var tx = await db.BeginUnscoped(ct))
            due = await tx.List(SelectDue, row => new Due(row.GetGuid(0), new(row.GetString(1), row.GetInt64(2), row.GetInt16(3)), row.GetInt16(4), row.GetGuid(5), row.GetGuid(6), row.GetGuid(7), row.GetGuid(8)), ct, now, AtOnce);
        foreach (var one in due) await Take(one, db, tokens, now, ct);
    }

    static async Task Take(Due due, TenantDb db, Tokens tokens, DateTimeOffset now, CancellationToken ct)
    {
        SendingState? peer;
        await using (var theirs = await db.Begin(due.PeerTenant, ct)) peer = (await ReadSendingState.Within(theirs, [due.Peer], ct)).FirstOrDefault();
        await using var tx = await db.Begin(due.Tenant, ct);
        var members = await PoolMembers.Hold(tx, due.Mailbox, due.Peer, ct);
        if ((await tx.List(Hold, row => row.GetFieldValue<DateTimeOffset>(0), ct, due.Id, (short)due.Turn, now)).Count == 0) return;
        var own = (await ReadSendingState.Within(tx, [due.Mailbox], ct)).FirstOrDefault();
        if (members.Count < 2 || own is null || peer is null) await tx.Execute(End, ct, due.Id, now);
        else await Write(tx, due, members.Single(member => member.Mailbox == due.Mailbox), own, peer, tokens, now, ct);
        await tx.Commit(ct);
    }

    static async Task Write(TenantTx tx, Due due, Member member, SendingState own, SendingState peer, Tokens tokens, DateTimeOffset now, CancellationToken ct)
    {
        var room = await ReadRoom.Of(tx, member, own, now, ct);
        if (room is null || room.Sent >= room.Quota)
        {
            // Tomorrow, or when it can send again: an answer may take that long.
            var tomorrow = TurnTimes.DayBegins(member.Window, now).AddHours(25);
            await tx.Execute(Wait, ct, due.Id, TurnTimes.Start(member.Window, tomorrow, due.Talk.Seed, 300 + due.Turn));
            return;
        }

        var earlier = await tx.List(SelectEarlier, row => new Earlier(row.GetGuid(0), row.GetGuid(1), row.GetFieldValue<DateTimeOffset>(2), row.Maybe<DateTimeOffset>(3)), ct, due.Id);
        var fields = Fields(due, earlier, own, peer, member, tokens);
        await ControlCampaign.Start(tx, due.Mailbox, own.Workspace, SendPlan.Plain(member.Window), now, ct);
        await EnqueueMessages.Within(tx, own.Workspace, due.Mailbox, due.Turn + 1, null, [new(due.Id, EmailAddress.Parse(peer.Address).Normal, fields.ToJson(), due.Mailbox)], now, tokens, now, ct);
        var message = await tx.One(SelectWritten, row => row.GetGuid(0), ct, tx.Tenant, due.Mailbox, (short)(due.Turn + 1), due.Id);
        await tx.Execute(InsertTurn, ct, message, due.Id, (short)(due.Turn + 1), due.Tenant, due.Mailbox, due.PeerTenant, due.Peer, now);
        await tx.Execute(Advance, ct, due.Id, now);
    }

    static TurnFields Fields(Due due, List<Earlier> earlier, SendingState own, SendingState peer, Member member, Tokens tokens)
    {
        var ids = earlier.ConvertAll(turn => $"{tokens.For(new(turn.Message), TokenPurpose.Thread)}@{EmailAddress.Parse(turn.Mailbox == due.Mailbox ? own.Address : peer.Address).Domain.Ascii}");
        var came = earlier.Count > 0 ? earlier[^1].FoundAt ?? earlier[^1].AskedAt : default;
        var text = due.Talk.Text(due.Turn + 1, peer.Address, TimeZoneInfo.ConvertTime(came, TimeZoneInfo.FindSystemTimeZoneById(member.Zone)));
        return new(due.Turn == 0 ? due.Talk.Subject : "Re: " + due.Talk.Subject, text, ids);
    }
}
