using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Compliance.Suppressions;

/// <summary>Lifts a suppression. A person's own wish (unsubscribe, complaint) can be lifted only with a written reason.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>suppression.not_found</c>, <c>suppression.of_account</c> or <c>suppression.reason_needed</c>.</remarks>
public static class RemoveSuppression
{
    /// <param name="Reason">10 to 500 characters for an unsubscribe or a complaint: what gives the right to mail again.</param>
    public sealed record Input(SuppressionId Id, string? Reason = null);

    const int ReasonLengthMin = 10;

    const string Delete = """
        delete from compliance.suppression
        where tenant_id = $1 and id = $2 and ($3::uuid is null or workspace_id is null or workspace_id = $3) and ($4::uuid is null or $4 in (workspace_id, origin_workspace_id))
        returning id, workspace_id, kind, value, reason, source, note, created_at, workspace_id is null and origin_workspace_id is null and source <> 'api'
        """;

    public static async Task<Result<Done>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SuppressionsWrite)) return Actor.Forbidden(Permissions.SuppressionsWrite);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var confined = actor.ConfinedTo(Permissions.SuppressionsWrite);
        var removed = await tx.Maybe(Delete, Suppression.Read, ct, actor.Tenant, input.Id, actor.Workspace, confined);
        if (removed is null) return new Problem(ProblemKind.NotFound, "suppression.not_found", "There is no such suppression in this account.");
        if (confined is not null && removed.WorkspaceId is null) return AddSuppression.OfAccount;
        if (removed.Reason is SuppressionReason.Unsubscribe or SuppressionReason.Complaint && (input.Reason?.Trim().Length ?? 0) < ReasonLengthMin)
            return Problem.Invalid("suppression.reason_needed", new FieldProblem("reason", "This person asked not to be mailed. Write why they may be mailed again, in at least 10 characters."));
        await tx.Append(actor, "suppression.removed", input.Id.ToString(), new { reason = Words.Of(removed.Reason), why = input.Reason }, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapDelete("/suppressions/{id}",
        async (Actor actor, SuppressionId id, string? reason, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, new Input(id, reason), db, clock, ct)).ToHttp());
}
