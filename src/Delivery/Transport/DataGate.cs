using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Transport;

/// <summary>The last word before DATA: still unsuppressed, campaign still running, lane still ours. Writes the attempt.</summary>
/// <remarks>What passes is <c>sending</c> in the ledger before the server hears of it. If nothing is recorded afterwards, the message is in doubt.</remarks>
sealed class DataGate(Lane lane, TenantDb db, TimeProvider clock, CancellationToken ct)
{
    // Materialized, so that the wanted rows are found by primary key whatever the planner believes of the rest.
    const string WriteAttempts = """
        with wanted as materialized (
          select m.id, m.campaign_id, m.mailbox_id
          from delivery.message m
          where m.tenant_id = $1 and m.id = any($2) and m.state in ('queued', 'deferred')
          for update),
        allowed as materialized (
          select w.id
          from wanted w
          where exists (select 1 from delivery.campaign_control c where c.tenant_id = $1 and c.campaign_id = w.campaign_id and c.state = 'running')
            and exists (select 1 from delivery.lane l where l.mailbox_id = w.mailbox_id and l.lease_token = $3 and l.lease_until > $4))
        update delivery.message m
        set state = 'sending', reason = '', attempt = m.attempt + 1, attempt_token = $3, attempted_at = $4, state_at = $4
        from allowed a
        where m.tenant_id = $1 and m.id = any($2) and m.id = a.id
        returning m.id
        """;

    readonly Coalescer<Claimed, bool> _coalescer = new(wanted => Flush(wanted, lane, db, clock, ct));

    /// <returns>False: do not send; the message stays as it is in the ledger.</returns>
    public async ValueTask<bool> Enter(Claimed message) => await _coalescer.Add(message);

    static async Task<IReadOnlyList<bool>> Flush(IReadOnlyList<Claimed> wanted, Lane lane, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.Begin(lane.Tenant, ct);
        var clean = new List<Claimed>(wanted.Count);
        foreach (var workspace in wanted.GroupBy(m => m.Workspace))
        {
            var suppressed = await CheckSuppressions.Within(tx, workspace.Key, [.. workspace.Select(m => m.Address).Distinct()], ct);
            clean.AddRange(workspace.Where(m => !suppressed.ContainsKey(m.Address)));
        }

        var ids = clean.Select(m => m.Id.Value).ToArray();
        var passed = await tx.List(WriteAttempts, row => row.GetGuid(0), ct, lane.Tenant, ids, lane.Token, clock.GetUtcNow());
        await tx.Commit(ct);
        var allowed = passed.ToHashSet();
        return [.. wanted.Select(m => allowed.Contains(m.Id.Value))];
    }
}
