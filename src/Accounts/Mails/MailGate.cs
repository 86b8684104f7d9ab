using PenguinMails.Accounts.Limits;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Accounts.Mails;

/// <summary>Keeps strangers from flooding an address with our mails: five at once, then one each 5 min, 10 min and so on up to an hour.</summary>
static class MailGate
{
    static readonly DelayRule PerRecipient = new(5, 300, 3600);

    public static async Task<bool> IsOpen(TenantDb db, EmailAddress recipient, DateTimeOffset now, CancellationToken ct) =>
        await Throttle.Enter(db, [new Counter("mail/" + recipient.Normal, "any", PerRecipient)], now, ct) is null;
}
