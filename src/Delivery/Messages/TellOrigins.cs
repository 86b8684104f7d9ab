using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Delivery.Messages;

/// <summary>The job that gives suppressions from before their origin was kept the workspace whose message brought them about, so that who is confined to it sees them.</summary>
/// <remarks>What names no message, or one that is gone, stays the account's: nothing tells for sure where it came from. Bears running twice.</remarks>
static class TellOrigins
{
    public const string Kind = "delivery.tell_origins";
    public const int EverySeconds = 24 * 3600;
    const int BatchMax = 1000;

    const string SelectTenants = "select distinct tenant_id from delivery.lane limit 1000000";

    const string Select = "select id, workspace_id from delivery.message where tenant_id = $1 and id = any($2)";

    public static async Task Run(JobRun run, CancellationToken ct)
    {
        List<TenantId> tenants;
        await using (var tx = await run.Db.BeginUnscoped(ct)) tenants = await tx.List(SelectTenants, row => new TenantId(row.GetGuid(0)), ct);
        foreach (var tenant in tenants) await Tenant(run.Db, tenant, ct);
    }

    internal static async Task Tenant(TenantDb db, TenantId tenant, CancellationToken ct)
    {
        for (var after = Guid.Empty; ;)
        {
            await using var tx = await db.Begin(tenant, ct);
            var unknown = await TellOrigin.Missing(tx, after, BatchMax, ct);
            if (unknown.Count == 0) return;
            var sent = (await tx.List(Select, row => (Id: row.GetGuid(0), Workspace: new WorkspaceId(row.GetGuid(1))), ct, tenant, unknown.Select(one => one.Message).Distinct().ToArray())).ToDictionary(one => one.Id, one => one.Workspace);
            await TellOrigin.Within(tx, [.. unknown.Where(one => sent.ContainsKey(one.Message)).Select(one => (one.Id, sent[one.Message]))], ct);
            await tx.Commit(ct);
            after = unknown[^1].Id.Value;
        }
    }
}
