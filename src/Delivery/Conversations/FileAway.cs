using PenguinMails.Core.Db;
using PenguinMails.Delivery.Collect;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Mail.Imap;
using MessageId = PenguinMails.Delivery.Messages.MessageId;

namespace PenguinMails.Delivery.Conversations;

/// <summary>Takes messages of conversations out of Junk, marks them read and moves them into a folder of their own. Nothing else of the mailbox is touched.</summary>
/// <remarks>Each message is asked for its Message-ID once more before it is moved: an identifier may have become another message's. A crash in between leaves it where it is; the next look goes on from there.</remarks>
sealed class FileAway(Collection held, TenantDb db, PoolOptions pool, TimeProvider clock)
{
    public const string Folder = "Warm-up";

    const int AtOnce = 200;

    const string Select = """
        select message_id, uid_validity, uid
        from delivery.conversation_mail
        where tenant_id = $1 and mailbox_id = $2 and state in ('found', 'rescued') and folder = $3
        order by uid
        limit $4
        """;

    const string SetState = """
        update delivery.conversation_mail
        set state = $3, filed_at = case when $3 = 'filed' then $4::timestamptz else filed_at end
        where tenant_id = $1 and message_id = any($2) and state in ('found', 'rescued')
        """;

    sealed record Found(MessageId Message, uint UidValidity, uint Uid);

    /// <summary>Whether the last run had something to file: the server told its commands, and nobody else, of what came meanwhile.</summary>
    public bool HasFiled { get; private set; }

    /// <summary>After a folder was looked at.</summary>
    /// <param name="all">What the server listed.</param>
    /// <returns>False when the connection was lost.</returns>
    public async Task<bool> Run(ImapConnection connection, string folder, IReadOnlyList<ImapListed> all, CancellationToken ct)
    {
        HasFiled = false;
        if (!pool.IsOn) return true;
        var waiting = await Waiting(folder, ct);
        if (waiting.Count == 0) return true;
        var isInbox = CollectedFolders.IsInbox(folder);
        var target = isInbox ? await Target(connection, all, ct) : "INBOX";
        if (target is null) return await Refused("This program could not make a folder for mail of the pool in it.", connection, ct);
        if ((await connection.Select(folder, readOnly: false, null, ct)).Value is not { IsReadOnly: false } selected) return connection.IsOpen;
        waiting.RemoveAll(one => one.UidValidity != selected.UidValidity); // Numbered anew: they are found again.
        var there = await Certain(connection, waiting, ct);
        if (there is null) return connection.IsOpen;
        HasFiled = waiting.Count > 0;
        await Write([.. waiting.Except(there)], "gone", ct); // Moved or deleted by a person meanwhile.
        if (there.Count == 0) return true;
        var uids = ImapUidSet.Of(there.Select(one => one.Uid));
        await connection.Store(uids, ImapStoreKind.Add, [@"\Seen"], ct);
        if (!isInbox)
        {
            // A server that keeps no such flags says no, and that is fine (RFC 9051 2.3.2).
            await connection.Store(uids, ImapStoreKind.Add, ["$NotJunk"], ct);
            await connection.Store(uids, ImapStoreKind.Remove, ["$Junk"], ct);
        }

        if ((await connection.Move(uids, target, ct)).Kind != ImapKind.Works) return await Refused("This program could not move mail of the pool in it.", connection, ct);
        await Write(there, isInbox ? "filed" : "rescued", ct);
        return true;
    }

    async Task<List<Found>> Waiting(string folder, CancellationToken ct)
    {
        await using var tx = await db.Begin(held.Tenant, ct);
        if (!await PoolMembers.Is(tx, held.Mailbox.Value, ct)) return [];
        return await tx.List(Select, row => new Found(new(row.GetGuid(0)), (uint)row.GetInt64(1), (uint)row.GetInt64(2)), ct, held.Tenant, held.Mailbox, folder, AtOnce);
    }

    static async Task<string?> Target(ImapConnection connection, IReadOnlyList<ImapListed> all, CancellationToken ct)
    {
        if (all.FirstOrDefault(listed => listed.IsSelectable && (listed.Name == Folder || (listed.Name.Length == Folder.Length + 6 && listed.Name.StartsWith("INBOX", StringComparison.OrdinalIgnoreCase) && listed.Name.EndsWith(Folder, StringComparison.Ordinal)))) is { } known) return known.Name;
        if ((await connection.Create(Folder, ct)).Kind == ImapKind.Works) return Folder;
        // Some servers keep every folder below INBOX.
        var below = $"INBOX{all.Select(listed => listed.Delimiter).FirstOrDefault(delimiter => delimiter is not null) ?? '.'}{Folder}";
        return (await connection.Create(below, ct)).Kind == ImapKind.Works ? below : null;
    }

    /// <returns>Those that are certainly what they were when they were found; null when the server did not tell.</returns>
    async Task<List<Found>?> Certain(ImapConnection connection, List<Found> waiting, CancellationToken ct)
    {
        if (waiting.Count == 0) return [];
        var ids = new Dictionary<uint, string?>();
        var fetched = await connection.Fetch(ImapUidSet.Of(waiting.Select(one => one.Uid)), new ImapFetch { Sections = [ImapSection.Fields("Message-ID")] }, (one, _) =>
        {
            if (one.Contents.Count > 0) ids[one.Uid] = ImapFingerprint.Of(one).MessageId;
            return ValueTask.CompletedTask;
        }, ct);
        if (fetched.Kind != ImapKind.Works) return null;
        var there = new List<Found>();
        foreach (var one in waiting)
            if (ids.TryGetValue(one.Uid, out var id) && (await Threads.Find(id, db, ct))?.Message == one.Message) there.Add(one);
        return there;
    }

    // Better no part than an inbox full of it.
    async Task<bool> Refused(string reason, ImapConnection connection, CancellationToken ct)
    {
        if (!connection.IsOpen) return false;
        await SwitchPoolMailbox.Stop(Core.Actor.System(held.Tenant), held.Mailbox, reason, db, clock.GetUtcNow(), ct);
        return true;
    }

    async Task Write(IReadOnlyList<Found> messages, string state, CancellationToken ct)
    {
        if (messages.Count == 0) return;
        await using var tx = await db.Begin(held.Tenant, ct);
        await tx.Execute(SetState, ct, held.Tenant, messages.Select(one => one.Message.Value).ToArray(), state, clock.GetUtcNow());
        await tx.Commit(ct);
    }
}
