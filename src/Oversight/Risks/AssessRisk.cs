using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.CheckIns;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Risks;

/// <summary>Judges a risk anew. Adds one row and changes none.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>plan.not_found</c> or <c>risk_assessment.invalid</c>.</remarks>
public static class AssessRisk
{
    /// <param name="Risk">Its name in the newest version of the plan.</param>
    /// <param name="Likelihood">1 (hardly) to 5 (almost sure).</param>
    /// <param name="Impact">1 (hardly felt) to 5 (the end of the plan).</param>
    /// <param name="Note">Why; 1 to 1,000 characters.</param>
    /// <param name="Day">Default: today.</param>
    public sealed record Input(string Risk, int Likelihood, int Impact, string Note, DateOnly? Day = null);

    const string Insert = """
        insert into oversight.risk_assessment (tenant_id, id, plan, risk, likelihood, impact, note, said_by, day, said_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """;

    public static async Task<Result<RiskAssessment>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var (now, today) = (clock.GetUtcNow(), clock.Today());
        var faults = Faults(input, today).ToArray();
        if (faults.Length > 0) return Problem.Invalid("risk_assessment.invalid", faults);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await CurrentPlan.Read(tx, ct) is not { } plan) return RecordCheckIn.NoPlan;
        if (plan.Plan.Find("Risk", input.Risk) is null) return Problem.Invalid("risk_assessment.invalid", new FieldProblem("risk", "The plan has no risk of this name."));
        var said = new RiskAssessment(Guid.CreateVersion7(now), input.Risk, input.Likelihood, input.Impact, input.Note.Trim(), actor.Label, input.Day ?? today, now);
        await tx.Execute(Insert, ct, actor.Tenant, said.Id, plan.Version.Plan, said.Risk, (short)said.Likelihood, (short)said.Impact, said.Note, said.By, said.Day, now);
        await tx.Append(actor, "risk.assessed", said.Risk, new { likelihood = said.Likelihood, impact = said.Impact }, now, ct);
        await tx.Commit(ct);
        return said;
    }

    static IEnumerable<FieldProblem> Faults(Input input, DateOnly today)
    {
        if (input.Likelihood is < 1 or > 5) yield return new("likelihood", "1 to 5.");
        if (input.Impact is < 1 or > 5) yield return new("impact", "1 to 5.");
        if (Wording.Check("note", input.Note, Wording.SentenceMax) is { } note) yield return note;
        if (Wording.Check("risk", input.Risk, Wording.NameMax) is { } risk) yield return risk;
        if (Wording.Check("day", input.Day, today) is { } day) yield return day;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/oversight/risk-assessments",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created("/api/v1/oversight/risks", made)));
}
