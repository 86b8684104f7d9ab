using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Steps;

/// <summary>One process step. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>) or <c>step.not_found</c>.</summary>
public static class ReadStep
{
    const string Select = """
        select id, kind, subject, sentence, owner_name, owner_id, due_on, state, note, opened_by, opened_at, closed_by, closed_at
        from oversight.process_step
        where tenant_id = $1 and id = $2
        """;

    public static async Task<Result<ProcessStep>> Handle(Actor actor, StepId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await tx.Maybe(Select, ProcessStep.Read, ct, actor.Tenant, id) is { } step ? step : ProcessStep.NotFound;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/steps/{id}",
        async (Actor actor, StepId id, TenantDb db, CancellationToken ct) => (await Handle(actor, id, db, ct)).ToHttp());
}
