using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Mails;

/// <summary>Sends a member of the account a mail of the program's own, by the same way as invitations go. For modules above; no route leads here.</summary>
public static class MailMember
{
    const string Select = """
        select u.email
        from accounts.membership m
        join accounts.user_account u on u.id = m.user_id
        where m.tenant_id = $1 and m.user_id = $2 and u.email_verified_at is not null
        limit 1
        """;

    /// <summary>In the caller's transaction: the mail goes out when it commits.</summary>
    /// <returns>False when this person is no member any more, or never confirmed the address.</returns>
    public static async Task<bool> Within(TenantTx tx, UserId user, string subject, string text, string html, DateTimeOffset now, CancellationToken ct)
    {
        if (await tx.Maybe(Select, row => row.GetString(0), ct, tx.Tenant, user) is not { } address) return false;
        await SendMail.Within(tx, address, new Letter(subject, text, html), now, ct);
        return true;
    }
}
