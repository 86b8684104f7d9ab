using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Messages;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Delivery.Inbound;

/// <summary>Whom an incoming message is for.</summary>
/// <param name="Tenant">Null for a feedback address, whose tenant only the message tells.</param>
/// <param name="Message">Set when the address carries a token of one message.</param>
/// <param name="IsUnsubscribe">True for the address of List-Unsubscribe.</param>
/// <param name="Mailbox">Set when the address is a mailbox's own.</param>
sealed record Addressee(TenantId? Tenant, MessageId? Message, bool IsUnsubscribe, Guid? Mailbox = null);

/// <summary>Tells our addresses from all others: <c>b-TOKEN@</c> (return path), <c>u-TOKEN@</c> (unsubscribe), mailboxes, and the feedback addresses.</summary>
static class FindAddressee
{
    static readonly HashSet<string> Feedback = new(StringComparer.Ordinal) { "abuse", "postmaster", "fbl", "complaints" };

    /// <summary>Null: nobody here, so the edge refuses it and relays nothing.</summary>
    public static async Task<Addressee?> Handle(EmailAddress recipient, TenantDb db, CancellationToken ct)
    {
        var local = recipient.Local.ToLowerInvariant();
        if (local is ['b' or 'u', '-', ..] && await Tokens.Resolve(local[2..], TokenPurpose.Link, db, ct) is { } owner)
            return new Addressee(owner.Tenant, owner.Message, local[0] == 'u');
        if (await FindMailboxRoute.Handle(recipient.Normal, db, ct) is { } route) return new Addressee(route.Tenant, null, false, route.Mailbox.Value);
        return Feedback.Contains(local) ? new Addressee(null, null, false) : null;
    }
}
