using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Secrets.Keys;

/// <summary>Wraps a tenant's data keys anew under the current master key. Values are not touched, reading and writing go on, and a second run changes nothing.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, or with <c>secret.sealed</c> where a key lies under a master key that this process does not have.</remarks>
public static class RewrapKeys
{
    /// <param name="Rewrapped">Keys that lay under another master key.</param>
    /// <param name="Total">Keys that are not destroyed.</param>
    public sealed record Output(int Rewrapped, int Total);

    const string SelectKeys = """
        select generation, wrapped, master_id
        from secrets.tenant_key
        where tenant_id = $1 and state <> 'destroyed'
        order by generation
        limit 1000
        for update
        """;

    const string Save = "update secrets.tenant_key set wrapped = $3, master_id = $4 where tenant_id = $1 and generation = $2";

    public static async Task<Result<Output>> Handle(Actor actor, MasterKeys masters, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsManage)) return Actor.Forbidden(Permissions.SecretsManage);
        var ring = await masters.Ring(ct);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var keys = await tx.List(SelectKeys, DataKeys.Wrapped.Read, ct, actor.Tenant);
        var count = 0;
        foreach (var wrapped in keys.Where(key => key.MasterId != ring.Current.Id))
        {
            var opened = DataKeys.Open(actor.Tenant, wrapped, ring);
            if (opened.Problem is { } problem) return problem;
            await tx.Execute(Save, ct, actor.Tenant, wrapped.Generation, DataKeys.Wrap(actor.Tenant, wrapped.Generation, opened.Value.Key, ring), ring.Current.Id);
            count++;
        }

        if (count > 0) await tx.Append(actor, "secret.keys_rewrapped", actor.Tenant.ToString(), new { keys = count, master = ring.Current.Id }, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return new Output(count, keys.Count);
    }
}
