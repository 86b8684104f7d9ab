using PenguinMails.Core.Db;
using PenguinMails.Delivery.Collect;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Delivery.Messages;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Mime;
using MessageId = PenguinMails.Delivery.Messages.MessageId;

namespace PenguinMails.Delivery.Conversations;

/// <summary>Knows a message of a conversation again when it comes in: by the token in its Message-ID, which the ledger of its sender gave out for this mailbox. Never by subject or sender.</summary>
static class ReceiveTurn
{
    const string Select = """
        select t.conversation_id, t.turn, t.found_at is null, c.turns, c.seed
        from delivery.conversation_turn t
        join delivery.conversation c on c.id = t.conversation_id
        where t.message_id = $1 and t.to_mailbox = $2
        """;

    // Where it is now; where it was found first is kept. What was missed and is there again was on its way when a connection broke; what was filed and is there again was put there by a person.
    const string Save = """
        insert into delivery.conversation_mail as m (tenant_id, message_id, mailbox_id, sender, found_in, folder, uid_validity, uid, state, came_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, 'found', $9)
        on conflict (tenant_id, message_id) do update
        set folder = excluded.folder, uid_validity = excluded.uid_validity, uid = excluded.uid, state = case when m.state = 'gone' then 'found' else m.state end
        where m.state <> 'filed'
        """;

    const string MarkFound = "update delivery.conversation_turn set found_in = $2, found_at = $3 where message_id = $1 and found_at is null";

    const string SetNext = "update delivery.conversation set next_at = $2, changed_at = $3 where id = $1 and turn = $4 and next_at is null and not is_over";

    const string End = "update delivery.conversation set is_over = true, changed_at = $2 where id = $1 and turn = turns and not is_over";

    const string MarkReplied = """
        update delivery.message m
        set replied_at = $4
        from delivery.conversation_turn t
        where t.conversation_id = $2 and t.turn = $3 and m.tenant_id = $1 and m.id = t.message_id and m.replied_at is null
        returning m.id
        """;

    sealed record Turn(Guid Conversation, int Number, bool IsNew, int Turns, long Seed);

    const string SelectIs = "select exists (select from delivery.conversation_turn where message_id = $1 and to_tenant = $2)";

    /// <summary>Whether a message is one of a conversation with a mailbox of this account, however it came.</summary>
    public static async Task<bool> IsOne(TenantTx tx, MimePart part, CancellationToken ct) =>
        await Threads.Within(tx, part.Raw("Message-ID"), ct) is { } owner && owner.Tenant != tx.Tenant && await tx.One(SelectIs, row => row.GetBoolean(0), ct, owner.Message, tx.Tenant);

    /// <returns>True: it is one, so it is nothing else. What is to be done with it is noted, if the mailbox takes part.</returns>
    public static async Task<bool> Within(TenantTx tx, MailboxId mailbox, string folder, uint uidValidity, ImapMessage message, MimePart part, string sender, PoolOptions pool, DateTimeOffset now, CancellationToken ct)
    {
        if (await Find(tx, part, mailbox.Value, ct) is not { } found) return false;
        // A mailbox that stopped is left alone: the message stays where it fell.
        if (!pool.IsOn || (await PoolMembers.Hold(tx, mailbox.Value, mailbox.Value, ct)) is not [var member]) return true;
        var foundIn = CollectedFolders.IsInbox(folder) ? "inbox" : "junk";
        await tx.Execute(Save, ct, tx.Tenant, found.Message, mailbox, sender, foundIn, folder, (long)uidValidity, (long)message.Uid, now);
        if (!found.Turn.IsNew) return true;
        await tx.Execute(MarkFound, ct, found.Message, foundIn, now);
        await Answered(tx, found.Turn, mailbox.Value, now, ct);
        if (found.Turn.Number < found.Turn.Turns)
            await tx.Execute(SetNext, ct, found.Turn.Conversation, TurnTimes.Reply(member.Window, now, found.Turn.Seed, found.Turn.Number), now, (short)found.Turn.Number);
        else await tx.Execute(End, ct, found.Turn.Conversation, now);
        return true;
    }

    static async Task<(MessageId Message, Turn Turn)?> Find(TenantTx tx, MimePart part, Guid mailbox, CancellationToken ct)
    {
        if (await Threads.Within(tx, part.Raw("Message-ID"), ct) is not { } owner) return null;
        var turn = await tx.Maybe(Select, row => new Turn(row.GetGuid(0), row.GetInt16(1), row.GetBoolean(2), row.GetInt16(3), row.GetInt64(4)), ct, owner.Message, mailbox);
        return turn is null ? null : (owner.Message, turn);
    }

    // The message before was this mailbox's own: it was answered.
    static async Task Answered(TenantTx tx, Turn turn, Guid mailbox, DateTimeOffset now, CancellationToken ct)
    {
        if (turn.Number == 1) return;
        foreach (var message in await tx.List(MarkReplied, row => new MessageId(row.GetGuid(0)), ct, tx.Tenant, turn.Conversation, (short)(turn.Number - 1), now))
            await WriteFact.Within(tx, "replied", message, mailbox, mailbox, "", now, ct);
    }
}
