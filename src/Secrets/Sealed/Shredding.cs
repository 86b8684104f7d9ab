using PenguinMails.Core.Db;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Sealed;

/// <summary>Crypto-shredding: the data keys of a tenant are taken away, so that nothing under them opens again, wherever a copy of the rows may be.</summary>
/// <remarks>The boxes are emptied too. Backups still hold the wrapped keys until they are gone or the master key is
/// (docs/guide/secrets.md says how long that is).</remarks>
static class Shredding
{
    const string Note = """
        insert into secrets.shredding (tenant_id, at, actor, reason)
        values ($1, $2, $3, $4)
        on conflict (tenant_id) do nothing
        """;

    // Waits for writers that hold their key share-locked.
    const string DestroyKeys = """
        update secrets.tenant_key
        set state = 'destroyed', wrapped = null, master_id = null, destroyed_at = $2
        where tenant_id = $1 and state <> 'destroyed'
        """;

    const string EmptyBoxes = "update secrets.secret_version set box = null, destroyed_at = $2 where tenant_id = $1 and destroyed_at is null";

    const string DropWrappings = "delete from secrets.wrapping where tenant_id = $1";

    const string EndRotations = """
        update secrets.rotation_run
        set state = 'rolled_back', stuck_at = null, failure_code = 'secret.shredded', failure_detail = 'The account was shredded.', ended_at = $2
        where tenant_id = $1 and state not in ('done', 'rolled_back')
        """;

    const string DropPlans = "delete from secrets.rotation_plan where tenant_id = $1";

    public static async Task Within(TenantTx tx, SecretAccess access, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Execute(Note, ct, tx.Tenant, now, access.Actor.Label, access.Reason.Trim());
        await tx.Execute(DestroyKeys, ct, tx.Tenant, now);
        await tx.Execute(EmptyBoxes, ct, tx.Tenant, now);
        await tx.Execute(DropWrappings, ct, tx.Tenant);
        await tx.Execute(EndRotations, ct, tx.Tenant, now);
        await tx.Execute(DropPlans, ct, tx.Tenant);
    }
}
