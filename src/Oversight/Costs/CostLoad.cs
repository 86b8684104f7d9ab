using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Costs;

/// <summary>Id of a loaded file of costs, shown as <c>col_…</c>.</summary>
public readonly record struct CostLoadId(Guid Value) : ITypedId<CostLoadId>
{
    public static string Prefix => "col";
    public static CostLoadId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out CostLoadId id) => TypedId.TryParse(text, out id);
}

/// <summary>A file of costs that was loaded.</summary>
/// <param name="WithdrawnAt">Its rows do not count since then; null while they do.</param>
public sealed record CostLoad(CostLoadId Id, string File, int Rows, string Currency, string LoadedBy, DateTimeOffset LoadedAt, string? WithdrawnBy, DateTimeOffset? WithdrawnAt)
{
    internal static CostLoad Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetInt32(2), row.GetString(3), row.GetString(4), row.GetFieldValue<DateTimeOffset>(5), row.Text(6), row.Maybe<DateTimeOffset>(7));
}

/// <summary>Files of costs, newest first. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>) or <c>cursor.invalid</c>.</summary>
public static class ListCostLoads
{
    const string Select = """
        select id, file, rows, currency, loaded_by, loaded_at, withdrawn_by, withdrawn_at
        from oversight.cost_load
        where tenant_id = $1 and ($2::uuid is null or id < $2)
        order by id desc
        limit $3
        """;

    public static async Task<Result<Page<CostLoad>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        if (!Cursor.TryDecodeId(cursor, out var before)) return Cursor.Broken;
        var count = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<CostLoad>.Of(await tx.List(Select, CostLoad.Read, ct, actor.Tenant, before, count + 1), count, one => one.Id.Value.ToString("N"));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/cost-loads",
        async (Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, cursor, limit, db, ct)).ToHttp());
}

/// <summary>Takes a file of costs back: its rows stay and count no longer. Done twice it changes nothing.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>) or <c>cost.not_found</c>.</remarks>
public static class WithdrawCosts
{
    const string Update = """
        update oversight.cost_load
        set withdrawn_by = coalesce(withdrawn_by, $3), withdrawn_at = coalesce(withdrawn_at, $4)
        where tenant_id = $1 and id = $2
        returning id, file, rows, currency, loaded_by, loaded_at, withdrawn_by, withdrawn_at
        """;

    public static async Task<Result<CostLoad>> Handle(Actor actor, CostLoadId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Update, CostLoad.Read, ct, actor.Tenant, id, actor.Label, now) is not { } load) return new Problem(ProblemKind.NotFound, "cost.not_found", "This account has no such file of costs.");
        await tx.Append(actor, "costs.withdrawn", id.ToString(), new { rows = load.Rows }, now, ct);
        await tx.Commit(ct);
        return load;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/oversight/cost-loads/{id}/withdraw",
        async (Actor actor, CostLoadId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp());
}
