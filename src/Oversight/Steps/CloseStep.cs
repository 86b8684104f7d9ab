using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Steps;

/// <summary>Ends a step with a sentence: done, or dropped because nothing is to be done.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>step.invalid</c>, <c>step.not_found</c> or <c>step.closed_already</c>.</remarks>
public static class CloseStep
{
    /// <param name="State">done or dropped.</param>
    /// <param name="Note">What was done, or why nothing is; 1 to 1,000 characters.</param>
    public sealed record Input(string State, string Note);

    const string Update = """
        update oversight.process_step
        set state = $3, note = $4, closed_by = $5, closed_at = $6
        where tenant_id = $1 and id = $2 and state = 'open'
        returning id, kind, subject, sentence, owner_name, owner_id, due_on, state, note, opened_by, opened_at, closed_by, closed_at
        """;

    internal const string Exists = "select exists (select 1 from oversight.process_step where tenant_id = $1 and id = $2)";

    internal static readonly Problem Closed = new(ProblemKind.Conflict, "step.closed_already", "This step is closed already. Open another one if it comes back.");

    public static async Task<Result<ProcessStep>> Handle(Actor actor, StepId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        if (input.State is not ("done" or "dropped")) return Problem.Invalid("step.invalid", new FieldProblem("state", "done or dropped."));
        if (Wording.Check("note", input.Note, Wording.SentenceMax) is { } fault) return Problem.Invalid("step.invalid", fault);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Update, ProcessStep.Read, ct, actor.Tenant, id, input.State, input.Note.Trim(), actor.Label, now) is not { } step)
            return await tx.One(Exists, row => row.GetBoolean(0), ct, actor.Tenant, id) ? Closed : ProcessStep.NotFound;
        await tx.Append(actor, $"step.{step.State}", id.ToString(), new { subject = step.Subject }, now, ct);
        await tx.Commit(ct);
        return step;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/oversight/steps/{id}/close",
        async (Actor actor, StepId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, clock, ct)).ToHttp());
}

/// <summary>Gives an open step an owner, or another day.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>step.invalid</c>, <c>step.not_found</c> or <c>step.closed_already</c>.</remarks>
public static class AssignStep
{
    /// <param name="Owner">A member of the account; null leaves it as it is.</param>
    /// <param name="DueOn">From today on; null leaves it as it is.</param>
    public sealed record Input(UserId? Owner = null, DateOnly? DueOn = null);

    const string Update = """
        update oversight.process_step
        set owner_id = coalesce($3, owner_id), due_on = coalesce($4, due_on)
        where tenant_id = $1 and id = $2 and state = 'open'
        returning id, kind, subject, sentence, owner_name, owner_id, due_on, state, note, opened_by, opened_at, closed_by, closed_at
        """;

    public static async Task<Result<ProcessStep>> Handle(Actor actor, StepId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        if (OpenStep.Due(input.DueOn, clock.Today()) is { } fault) return Problem.Invalid("step.invalid", fault);
        if (input.Owner is { } owner && !await OpenStep.IsMember(actor.Tenant, owner, db, ct)) return OpenStep.NoMember;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Update, ProcessStep.Read, ct, actor.Tenant, id, input.Owner, input.DueOn) is not { } step)
            return await tx.One(CloseStep.Exists, row => row.GetBoolean(0), ct, actor.Tenant, id) ? CloseStep.Closed : ProcessStep.NotFound;
        await tx.Append(actor, "step.assigned", id.ToString(), new { owner = step.Owner, due_on = step.DueOn }, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return step;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPatch("/oversight/steps/{id}",
        async (Actor actor, StepId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, clock, ct)).ToHttp());
}
