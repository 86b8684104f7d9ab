using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Links;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Reports;
using MessageId = PenguinMails.Delivery.Messages.MessageId;

namespace PenguinMails.Delivery.Inbound;

/// <summary>Stores an incoming message for its tenant together with the job that reads it, in one transaction.</summary>
static class ReceiveInbound
{
    const string Insert = """
        insert into delivery.inbound (tenant_id, id, message_id, sender, recipient, raw, received_at, workspace_id)
        values ($1, $2, $3, $4, $5, $6, $7, coalesce($8, (select m.workspace_id from delivery.message m where m.tenant_id = $1 and m.id = $3)))
        """;

    /// <returns>False when no tenant could be found: a complaint about a message that is not ours.</returns>
    public static async Task<bool> Handle(EmailAddress? sender, EmailAddress recipient, ReadOnlyMemory<byte> raw, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var addressee = await FindAddressee.Handle(recipient, db, ct);
        var owner = addressee?.Tenant is { } known ? (Tenant: known, addressee.Message) : await FromFeedback(raw, db, ct);
        if (owner.Tenant is not { } tenant) return false;
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await using var tx = await db.Begin(tenant, ct);
        var workspace = addressee?.Mailbox is { } mailbox && await ReadSendingState.Within(tx, [mailbox], ct) is [var state] ? state.Workspace : (WorkspaceId?)null;
        await tx.Execute(Insert, ct, tenant, id, owner.Message, sender?.Normal ?? "", recipient.Normal, raw.ToArray(), now, workspace);
        await tx.Enqueue(new JobOrder<ProcessInbound.Order>(ProcessInbound.Kind, new(id, addressee?.IsUnsubscribe ?? false)), now, ct);
        await tx.Commit(ct);
        return true;
    }

    // A provider's complaint comes to a fixed address; whose it is, the returned message tells.
    static async Task<(TenantId? Tenant, MessageId? Message)> FromFeedback(ReadOnlyMemory<byte> raw, TenantDb db, CancellationToken ct)
    {
        var returned = FeedbackReport.Read(MimeReader.Read(raw, new MimeLimits()))?.Returned;
        return returned is not null && await Threads.Find(returned.Raw("Message-ID"), db, ct) is { } owner ? (owner.Tenant, owner.Message) : (null, null);
    }
}

/// <summary>Knows our own Message-IDs again.</summary>
static class Threads
{
    /// <param name="messageId">A Message-ID as it stands in a header, or null.</param>
    public static async Task<Tokens.Owner?> Find(string? messageId, TenantDb db, CancellationToken ct) =>
        Token(messageId) is { } token ? await Tokens.Resolve(token, TokenPurpose.Thread, db, ct) : null;

    /// <summary>The same in any tenant's transaction.</summary>
    public static async Task<Tokens.Owner?> Within(TenantTx tx, string? messageId, CancellationToken ct) =>
        Token(messageId) is { } token ? await Tokens.Within(tx, token, TokenPurpose.Thread, ct) : null;

    static string? Token(string? messageId)
    {
        var bare = messageId?.Trim().Trim('<', '>') ?? "";
        var at = bare.IndexOf('@', StringComparison.Ordinal);
        return at == Tokens.Length ? bare[..at] : null;
    }
}
