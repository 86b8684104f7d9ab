using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Plans;
using PenguinMails.Oversight.Reviews;

namespace PenguinMails.Oversight.Steps;

/// <summary>Opens a step that somebody sees a reason for. Refuses with <c>permission.missing</c> (needs <c>account:manage</c>) or <c>step.invalid</c>.</summary>
public static class OpenStep
{
    /// <param name="Sentence">What deviates; 1 to 1,000 characters.</param>
    /// <param name="Subject">Kind/name of the plan, or Kpi/key; null when it is about nothing of these.</param>
    /// <param name="Owner">A member of the account. Null: no owner yet.</param>
    /// <param name="DueOn">Default: the next review, else in 14 days.</param>
    public sealed record Input(string Sentence, string? Subject = null, UserId? Owner = null, DateOnly? DueOn = null);

    const string Insert = """
        insert into oversight.process_step (tenant_id, id, kind, subject, cause, sentence, owner_name, owner_id, due_on, state, note, opened_by, opened_at)
        values ($1, $2, 'person', $3, $4, $5, '', $6, $7, 'open', '', $8, $9)
        returning id, kind, subject, sentence, owner_name, owner_id, due_on, state, note, opened_by, opened_at, closed_by, closed_at
        """;

    public static async Task<Result<ProcessStep>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var (now, today) = (clock.GetUtcNow(), clock.Today());
        var faults = new[] { Wording.Check("sentence", input.Sentence, Wording.SentenceMax), Wording.Check("subject", input.Subject ?? "", Wording.NameMax, required: false), Due(input.DueOn, today) }.OfType<FieldProblem>().ToArray();
        if (faults.Length > 0) return Problem.Invalid("step.invalid", faults);
        if (input.Owner is { } owner && !await IsMember(actor.Tenant, owner, db, ct)) return NoMember;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var plan = await CurrentPlan.Read(tx, ct);
        if (input.Subject is { Length: > 0 } subject && !IsKnown(plan, subject)) return Problem.Invalid("step.invalid", new FieldProblem("subject", "Neither the plan nor the figures have this. Write Kind/name as the plan does, or Kpi/key."));
        var due = input.DueOn ?? StepRules.DueOn(plan is null ? [] : await ListReviews.Within(tx, plan, today, ct), today);
        var id = TypedId.New<StepId>(now);
        var step = await tx.One(Insert, ProcessStep.Read, ct, actor.Tenant, id, input.Subject ?? "", $"person:{id}", input.Sentence.Trim(), input.Owner, due, actor.Label, now);
        await tx.Append(actor, "step.opened", id.ToString(), new { subject = step.Subject, due_on = step.DueOn }, now, ct);
        await tx.Commit(ct);
        return step;
    }

    internal static readonly Problem NoMember = Problem.Invalid("step.invalid", new FieldProblem("owner", "This person is no member of the account."));

    internal static FieldProblem? Due(DateOnly? due, DateOnly today) => due is { } day && (day < today || day > today.AddYears(StepRules.YearsMax)) ? new("due_on", $"From today to {StepRules.YearsMax} years ahead.") : null;

    internal static async Task<bool> IsMember(TenantId tenant, UserId user, TenantDb db, CancellationToken ct) => (await StepRules.Members(tenant, db, ct)).Any(one => one.UserId == user);

    static bool IsKnown(CurrentPlan? plan, string subject) =>
        subject.StartsWith("Kpi/", StringComparison.Ordinal) ? Kpis.KpiCatalog.Find(subject[4..]) is not null : plan?.Plan.Find(subject)?.Ref == subject;

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/oversight/steps",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created("/api/v1/oversight/steps", made)));
}
