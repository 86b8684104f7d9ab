using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Entries;

/// <summary>How the account's secrets stand: the store, and what is due.</summary>
/// <remarks>Refuses with <c>permission.missing</c>.</remarks>
public static class ReadStatus
{
    /// <param name="DueSoon">Due within 30 days, not overdue.</param>
    /// <param name="Stuck">Rotations that wait for a person.</param>
    /// <param name="BreakGlassOpen">Grants in force now.</param>
    /// <param name="KeyGeneration">Of the current data key; null with Vault, and before the first secret.</param>
    /// <param name="MasterIds">Master keys under which data keys of the account lie.</param>
    /// <param name="ShreddedAt">Null: not shredded.</param>
    public sealed record Output(StoreHealth Store, long Secrets, long Overdue, long DueSoon, long Running, long Stuck, long BreakGlassOpen, int? KeyGeneration, IReadOnlyList<string> MasterIds, DateTimeOffset? ShreddedAt);

    const string Select = """
        select
          (select count(*) from secrets.secret where tenant_id = $1 and current_version > 0 and not starts_with(path, 'rotation/')),
          (select count(*) from secrets.rotation_plan where tenant_id = $1 and due_at <= $2),
          (select count(*) from secrets.rotation_plan where tenant_id = $1 and due_at > $2 and due_at <= $2 + interval '30 days'),
          (select count(*) from secrets.rotation_run where tenant_id = $1 and state not in ('done', 'rolled_back', 'stuck')),
          (select count(*) from secrets.rotation_run where tenant_id = $1 and state = 'stuck'),
          (select count(*) from secrets.break_glass where tenant_id = $1 and state = 'open' and expires_at > $2),
          (select generation from secrets.tenant_key where tenant_id = $1 and state = 'current'),
          array(select distinct master_id from secrets.tenant_key where tenant_id = $1 and master_id is not null limit 20),
          (select at from secrets.shredding where tenant_id = $1)
        """;

    public static async Task<Result<Output>> Handle(Actor actor, ISecretStore store, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsRead)) return Actor.Forbidden(Permissions.SecretsRead);
        var health = await store.Health(ct);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await tx.One(Select, row => Read(row, health), ct, actor.Tenant, clock.GetUtcNow());
    }

    static Output Read(NpgsqlDataReader row, StoreHealth health) => new(health, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5),
        row.Maybe<int>(6), row.GetFieldValue<string[]>(7), row.Maybe<DateTimeOffset>(8));

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/secrets-status",
        async (Actor actor, ISecretStore store, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, store, db, clock, ct)).ToHttp());
}
