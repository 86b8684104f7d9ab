using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Imports;

/// <summary>Lets the planner know of imported rows: at 10,000, then whenever they became four times as many, and at the end of a large import.</summary>
/// <remarks>Without it pages of contacts took 16 s for up to a minute after an import of a million, until autovacuum had come by.</remarks>
sealed class FreshStatistics(TenantDb db, TenantId tenant)
{
    const long First = 10_000;
    const int Growth = 4;

    const string Refresh = "select campaigns.refresh_statistics()";

    long _next = First;

    /// <param name="rows">Read so far.</param>
    public async Task After(long rows, bool isEnd, CancellationToken ct)
    {
        if (rows < First || (rows < _next && !isEnd)) return;
        _next = rows * Growth;
        await using var tx = await db.Begin(tenant, ct);
        await tx.Execute(Refresh, ct);
        await tx.Commit(ct);
    }
}
