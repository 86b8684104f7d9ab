using PenguinMails.Core.Db;

namespace PenguinMails.Secrets.BreakGlass;

/// <summary>Rows of requests.</summary>
static class GrantRows
{
    const string SelectOne = """
        select id, path, reason, minutes, state, requested_by, requested_at, decided_by, decided_at, expires_at, reads
        from secrets.break_glass
        where tenant_id = $1 and id = $2
        for update
        """;

    const string Update = """
        update secrets.break_glass
        set state = $3, decided_by = coalesce($4, decided_by), decided_at = coalesce($5, decided_at), expires_at = coalesce($6, expires_at)
        where tenant_id = $1 and id = $2
        """;

    /// <summary>Locks the row, so that of two decisions one wins.</summary>
    public static Task<Grant?> Lock(TenantTx tx, GrantId id, DateTimeOffset now, CancellationToken ct) => tx.Maybe(SelectOne, row => Grant.Read(row, now), ct, tx.Tenant, id);

    public static Task<int> Save(TenantTx tx, Grant grant, CancellationToken ct) =>
        tx.Execute(Update, ct, tx.Tenant, grant.Id, Grant.Word(grant.State), grant.DecidedBy, grant.DecidedAt, grant.ExpiresAt);
}
