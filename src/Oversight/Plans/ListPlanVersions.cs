using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Plans;

/// <summary>The account's versions of plans, newest first; at most 500. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
public static class ListPlanVersions
{
    const string Select = """
        select id, plan, number, sha256, objects, errors, warnings, imported_by, imported_at
        from oversight.plan_version
        where tenant_id = $1 and ($2::text is null or plan = $2)
        order by imported_at desc, number desc
        limit 500
        """;

    public static async Task<Result<Page<PlanVersion>>> Handle(Actor actor, string? plan, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        // What is no name of a plan names none; the database would refuse a text with a zero octet.
        if (plan is not null && plan.Any(char.IsControl)) return new Page<PlanVersion>([], null);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return new Page<PlanVersion>(await tx.List(Select, Read, ct, actor.Tenant, plan), null);
    }

    internal static PlanVersion Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), row.GetString(1), row.GetInt32(2), row.GetString(3), row.GetInt32(4), row.GetInt32(5), row.GetInt32(6), row.GetString(7), row.GetFieldValue<DateTimeOffset>(8));

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/plan-versions",
        async (Actor actor, string? plan, TenantDb db, CancellationToken ct) => (await Handle(actor, plan, db, ct)).ToHttp());
}
