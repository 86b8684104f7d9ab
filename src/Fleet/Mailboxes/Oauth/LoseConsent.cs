using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes.Oauth;

/// <summary>Notes that the provider takes a mailbox's refresh token no more: the mailbox needs attention, nothing is sent from it, and what is queued waits.</summary>
static class LoseConsent
{
    // The row is held while the version is looked at, and a new consent holds it while it stores its token: one of the two sees the other.
    const string Lock = "select auth from fleet.mailbox where tenant_id = $1 and id = $2 and auth <> 'password' for update";

    const string Save = "update fleet.mailbox set consent_lost_at = $3, consent_lost_cause = $4 where tenant_id = $1 and id = $2 and consent_lost_at is null";

    /// <param name="version">Of the token that was refused.</param>
    /// <param name="cause">The provider's word.</param>
    /// <returns>False when another token has come meanwhile, so that nothing is lost.</returns>
    public static async Task<bool> Handle(SecretAccess access, MailboxId id, int version, string cause, ISecretStore store, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.Begin(access.Tenant, ct);
        if (await tx.Maybe(Lock, row => row.GetString(0), ct, access.Tenant, id) is not { } auth) return true;
        var described = await store.Describe(access, AccessTokens.PathOf(id), ct);
        if (described.Match(secret => secret.CurrentVersion != version, _ => false)) return false;
        var now = clock.GetUtcNow();
        if (await tx.Execute(Save, ct, access.Tenant, id, now, cause) > 0)
            await tx.Append(Actor.System(access.Tenant), "mailbox.consent_lost", id.ToString(), new { auth, cause }, now, ct);
        await tx.Commit(ct);
        return true;
    }
}
