using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.CheckIns;

/// <summary>Says how an objective or an item of the roadmap stands. Adds one row and changes none.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>plan.not_found</c> without a plan, or <c>check_in.invalid</c>.</remarks>
public static class RecordCheckIn
{
    /// <param name="Subject">Objective/name or RoadmapItem/name, as the newest version of the plan has it.</param>
    /// <param name="Status">planned, in_progress, done or dropped.</param>
    /// <param name="Done">0 to 1; null when nobody knows.</param>
    /// <param name="Confidence">0 to 1; null when nobody says.</param>
    /// <param name="Sentence">1 to 1,000 characters.</param>
    /// <param name="Day">Default: today. Not in the future.</param>
    public sealed record Input(string Subject, string Status, string Sentence, double? Done = null, double? Confidence = null, DateOnly? Day = null);

    const string Insert = """
        insert into oversight.check_in (tenant_id, id, plan, subject, status, done, confidence, sentence, said_by, day, said_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """;

    internal static readonly Problem NoPlan = new(ProblemKind.NotFound, "plan.not_found", "This account has no plan yet. Import one: POST /api/v1/plan-versions, or the page Plans.");

    public static async Task<Result<CheckIn>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var (now, today) = (clock.GetUtcNow(), clock.Today());
        var faults = Faults(input, today).ToArray();
        if (faults.Length > 0) return Problem.Invalid("check_in.invalid", faults);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await CurrentPlan.Read(tx, ct) is not { } plan) return NoPlan;
        if (plan.Plan.Find(input.Subject) is not { Kind: "Objective" or "RoadmapItem" } one || one.Ref != input.Subject)
            return Problem.Invalid("check_in.invalid", new FieldProblem("subject", "The plan has no such objective or item. Write Objective/name or RoadmapItem/name as the plan does."));
        var said = new CheckIn(Guid.CreateVersion7(now), one.Ref, input.Status, input.Done, input.Confidence, input.Sentence.Trim(), actor.Label, input.Day ?? today, now);
        await tx.Execute(Insert, ct, actor.Tenant, said.Id, plan.Version.Plan, said.Subject, said.Status, said.Done, said.Confidence, said.Sentence, said.By, said.Day, now);
        await tx.Append(actor, "check_in.recorded", said.Subject, new { status = said.Status, done = said.Done }, now, ct);
        await tx.Commit(ct);
        return said;
    }

    static IEnumerable<FieldProblem> Faults(Input input, DateOnly today)
    {
        if (!CheckIn.Statuses.Contains(input.Status)) yield return new("status", "One of planned, in_progress, done, dropped.");
        if (input.Done is { } done && !(done is >= 0 and <= 1)) yield return new("done", "A share from 0 to 1.");
        if (input.Confidence is { } sure && !(sure is >= 0 and <= 1)) yield return new("confidence", "A share from 0 to 1.");
        if (Wording.Check("sentence", input.Sentence, Wording.SentenceMax) is { } sentence) yield return sentence;
        if (Wording.Check("subject", input.Subject, Wording.NameMax) is { } subject) yield return subject;
        if (Wording.Check("day", input.Day, today) is { } day) yield return day;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/oversight/check-ins",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created("/api/v1/oversight/check-ins", made)));
}
