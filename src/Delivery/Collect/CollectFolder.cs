using System.Security.Cryptography;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Delivery.Collect;

/// <summary>Takes over what is new in one folder: keeps what belongs to a message of ours, and of everything else only that it was looked at.</summary>
/// <remarks>The cursor moves in the transaction that keeps the message, so a crash neither loses nor doubles one. Nothing on the server is changed; mail of the conversation pool is filed away by <see cref="FileAway"/>.</remarks>
sealed class CollectFolder(Collection held, OpenCollection.Place place, TenantDb db, CollectOptions options, TimeProvider clock, PoolOptions? pool = null)
{
    const int RunMessagesMax = 5000;
    const int RunsMax = 100;

    const string SelectState = """
        select uid_validity, last_uid, highest_mod_seq, stock_end, since, is_recovering
        from delivery.collected_folder
        where tenant_id = $1 and mailbox_id = $2 and folder = $3
        """;

    const string SaveState = """
        insert into delivery.collected_folder as f (tenant_id, mailbox_id, folder, uid_validity, last_uid, highest_mod_seq, stock_end, since, is_recovering, looked_at, kept, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict (tenant_id, mailbox_id, folder) do update
        set uid_validity = excluded.uid_validity, last_uid = excluded.last_uid, highest_mod_seq = excluded.highest_mod_seq, stock_end = excluded.stock_end, since = excluded.since,
          is_recovering = excluded.is_recovering, looked_at = f.looked_at + excluded.looked_at, kept = f.kept + excluded.kept, at = excluded.at
        """;

    // Both unique indexes of the place and of the octets say no quietly.
    const string Insert = """
        insert into delivery.inbound (tenant_id, id, workspace_id, message_id, matched_by, sender, recipient, raw, received_at, mailbox_id, folder, uid_validity, uid, fingerprint, octets_hash)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        on conflict do nothing
        """;

    // Reads index inbound_fingerprint.
    const string SelectKnown = "select exists (select from delivery.inbound where tenant_id = $1 and mailbox_id = $2 and fingerprint = $3)";

    /// <returns>False when the connection or the lease was lost, or the server does not show the folder.</returns>
    public async Task<bool> Sync(ImapConnection connection, string folder, CancellationToken ct)
    {
        var state = await Read(folder, ct);
        var limits = new ImapSyncOptions { RunMessagesMax = RunMessagesMax, MessageOctetsMax = options.MessageBytesMax };
        for (var run = 0; run < RunsMax; run++)
        {
            var result = await ImapSync.Run(connection, state, limits, Knows, Take, ct);
            if (!await Keep(result.State, null, null, ct)) return false;
            if (result.Outcome.Kind != ImapKind.Works) return false;
            if (!result.IsMore) return true;
            state = result.State;
        }

        return true;
    }

    // What a server's clock may lag behind ours; whatever is looked at in vain is not kept.
    static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    async Task<ImapSyncState> Read(string folder, CancellationToken ct)
    {
        await using var tx = await db.Begin(held.Tenant, ct);
        return await tx.Maybe(SelectState, row => new ImapSyncState(folder, (uint)row.GetInt64(0), (uint)row.GetInt64(1), row.Maybe<long>(2) is { } seq ? (ulong)seq : null, (uint)row.GetInt64(3),
            row.Maybe<DateTimeOffset>(4), LeavesStock: false, row.GetBoolean(5)), ct, held.Tenant, held.Mailbox, folder) ?? ImapSyncState.From(folder, held.Since - Slack);
    }

    // Without a Message-ID size and date are not enough to know a message again: then its octets decide.
    async ValueTask<bool> Knows(ImapFingerprint fingerprint, CancellationToken ct)
    {
        if (fingerprint.MessageId is null) return false;
        await using var tx = await db.Begin(held.Tenant, ct);
        return await tx.One(SelectKnown, row => row.GetBoolean(0), ct, held.Tenant, held.Mailbox, fingerprint.Digest);
    }

    async ValueTask<bool> Take(ImapMessage message, ImapSyncState next, CancellationToken ct)
    {
        var mail = message.Octets.IsEmpty ? null : MimeMessage.Read(message.Octets, new MimeLimits());
        return await Keep(next, message, mail, ct);
    }

    /// <summary>Writes how far the folder is, with the message where one is to be kept.</summary>
    async Task<bool> Keep(ImapSyncState next, ImapMessage? message, MimeMessage? mail, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(held.Tenant, ct);
        if ((await tx.List(Collections.Hold, row => row.GetGuid(0), ct, held.Mailbox, held.Token)).Count == 0) return false;
        var isKept = message is not null && mail is not null && !await IsOfPool(tx, next, message, mail, now, ct) && await Store(tx, next, message, mail, now, ct);
        await tx.Execute(SaveState, ct, held.Tenant, held.Mailbox, next.Folder, (long)next.UidValidity, (long)next.LastUid, (long?)next.HighestModSeq, (long)next.StockEnd, next.Since, next.IsRecovering,
            message is null ? 0L : 1L, isKept ? 1L : 0L, now);
        await tx.Commit(ct);
        return true;
    }

    Task<bool> IsOfPool(TenantTx tx, ImapSyncState next, ImapMessage message, MimeMessage mail, DateTimeOffset now, CancellationToken ct) =>
        ReceiveTurn.Within(tx, held.Mailbox, next.Folder, next.UidValidity, message, mail.Root, SenderOf(mail), pool ?? new(), now, ct);

    static string SenderOf(MimeMessage mail) => mail.From.Count > 0 && EmailAddress.TryParse(mail.From[0].Address ?? "", out var from, out _) ? from.Normal : "";

    async Task<bool> Store(TenantTx tx, ImapSyncState next, ImapMessage message, MimeMessage mail, DateTimeOffset now, CancellationToken ct)
    {
        var sender = SenderOf(mail);
        var received = message.InternalDate ?? now;
        if (await MatchInbound.Find(tx, mail.Root, new(null, sender, held.Mailbox.Value, received), ct) is not { } match) return false;
        if (match.Row.IsConversation && DeliveryReport.Read(mail.Root) is null && FeedbackReport.Read(mail.Root) is null) return false; // A person's own words to another mailbox of the pool.
        var id = Guid.CreateVersion7(now);
        var added = await tx.Execute(Insert, ct, tx.Tenant, id, place.Workspace, match.Row.Id, match.By, sender, place.Address, message.Octets.ToArray(), received,
            held.Mailbox, next.Folder, (long)next.UidValidity, (long)message.Uid, message.Fingerprint.Digest, Convert.ToHexStringLower(SHA256.HashData(message.Octets.Span)));
        if (added == 1) await tx.Enqueue(new JobOrder<ProcessInbound.Order>(ProcessInbound.Kind, new(id, false)), now, ct);
        return added == 1;
    }
}
