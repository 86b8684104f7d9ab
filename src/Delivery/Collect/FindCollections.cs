using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Collect;

/// <summary>The job that keeps the list of mailboxes to look into: those with an IMAP server come in, those that are gone leave, within a minute.</summary>
static class FindCollections
{
    public const string Kind = "delivery.find_collections";
    public const int EverySeconds = 30;
    const int TenantsMax = 500;
    const int MailboxesMax = 1000; // As many as one look brings.

    // What came before this instant is not looked at: the mailbox belongs to a person who had it before.
    const string Add = """
        insert into delivery.collection as c (mailbox_id, tenant_id, workspace_id, since, ready_at)
        select m.id, $1, m.workspace_id, $4, $4
        from unnest($2::uuid[], $3::uuid[]) as m (id, workspace_id)
        order by m.id
        on conflict (mailbox_id) do update
        set workspace_id = excluded.workspace_id
        where c.workspace_id is distinct from excluded.workspace_id
        """;

    const string Remove = "delete from delivery.collection where tenant_id = $1 and not mailbox_id = any($2)";

    const string Forget = "delete from delivery.collected_folder where tenant_id = $1 and not mailbox_id = any($2)";

    const string SelectKnown = "select distinct tenant_id from delivery.collection where tenant_id > $1 order by tenant_id limit $2";

    public static async Task Run(JobRun run, CancellationToken ct)
    {
        await Each(after => OpenCollection.Tenants(run.Db, after, TenantsMax, ct));
        await Each(Known); // An account whose last mailbox is gone is in this list only.

        async Task<List<TenantId>> Known(Guid after)
        {
            await using var tx = await run.Db.BeginUnscoped(ct);
            return await tx.List(SelectKnown, row => new TenantId(row.GetGuid(0)), ct, after, TenantsMax);
        }

        async Task Each(Func<Guid, Task<List<TenantId>>> next)
        {
            for (var after = Guid.Empty; await next(after) is { Count: > 0 } tenants; after = tenants[^1].Value)
                foreach (var tenant in tenants) await Tenant(tenant, run.Db, run.Need<TimeProvider>().GetUtcNow(), ct);
        }
    }

    internal static async Task Tenant(TenantId tenant, TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        var all = new List<(MailboxId Id, WorkspaceId Workspace)>();
        for (var after = Guid.Empty; ; after = all[^1].Id.Value)
        {
            var some = await OpenCollection.Mailboxes(tx, after, ct);
            all.AddRange(some);
            if (some.Count < MailboxesMax) break;
        }

        var ids = all.ConvertAll(one => one.Id.Value).ToArray();
        await tx.Execute(Add, ct, tenant, ids, all.ConvertAll(one => one.Workspace.Value).ToArray(), now);
        await tx.Execute(Remove, ct, tenant, ids);
        await tx.Execute(Forget, ct, tenant, ids);
        await tx.Commit(ct);
    }
}
