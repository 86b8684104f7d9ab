using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.CheckIns;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Gates;

/// <summary>Says whether a criterion of a gate holds, with what shows it. Adds one row and changes none.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>plan.not_found</c> or <c>gate_evidence.invalid</c>.</remarks>
public static class RecordEvidence
{
    /// <param name="Gate">Its name in the newest version of the plan.</param>
    /// <param name="Criterion">Its key, as the list of gates has it.</param>
    /// <param name="State">passed, failed or unknown.</param>
    /// <param name="Evidence">A link or a text, 1 to 1,000 characters.</param>
    /// <param name="Day">On which it was seen. Default: today.</param>
    /// <param name="ExpiresOn">Last day it holds; not before the day.</param>
    public sealed record Input(string Gate, string Criterion, string State, string Evidence, DateOnly? Day = null, DateOnly? ExpiresOn = null);

    const string Insert = """
        insert into oversight.gate_evidence (tenant_id, id, plan, gate, criterion, state, evidence, said_by, day, expires_on, said_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """;

    public static async Task<Result<GateEvidence>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var (now, today) = (clock.GetUtcNow(), clock.Today());
        var faults = Faults(input, today).ToArray();
        if (faults.Length > 0) return Problem.Invalid("gate_evidence.invalid", faults);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await CurrentPlan.Read(tx, ct) is not { } plan) return RecordCheckIn.NoPlan;
        if (plan.Plan.Find("Gate", input.Gate) is not { } gate) return Problem.Invalid("gate_evidence.invalid", new FieldProblem("gate", "The plan has no gate of this name."));
        if (Criterion.Of(plan.Plan, gate).All(one => one.Key != input.Criterion)) return Problem.Invalid("gate_evidence.invalid", new FieldProblem("criterion", "This gate has no such criterion. The list of gates names each by its key."));
        var said = new GateEvidence(Guid.CreateVersion7(now), gate.Name, input.Criterion, input.State, input.Evidence.Trim(), actor.Label, input.Day ?? today, input.ExpiresOn, now);
        await tx.Execute(Insert, ct, actor.Tenant, said.Id, plan.Version.Plan, said.Gate, said.Criterion, said.State, said.Evidence, said.By, said.Day, said.ExpiresOn, now);
        await tx.Append(actor, "gate_evidence.recorded", $"{said.Gate}: {said.Criterion}", new { state = said.State }, now, ct);
        await tx.Commit(ct);
        return said;
    }

    static IEnumerable<FieldProblem> Faults(Input input, DateOnly today)
    {
        if (!GateEvidence.States.Contains(input.State)) yield return new("state", "One of passed, failed, unknown.");
        if (Wording.Check("evidence", input.Evidence, Wording.SentenceMax) is { } evidence) yield return evidence;
        if (Wording.Check("gate", input.Gate, Wording.NameMax) is { } gate) yield return gate;
        if (Wording.Check("criterion", input.Criterion, Wording.SentenceMax) is { } criterion) yield return criterion;
        if (Wording.Check("day", input.Day, today) is { } day) yield return day;
        if (input.ExpiresOn is { } last && (last < (input.Day ?? today) || last.Year > 2200)) yield return new("expires_on", "The last day it holds: not before the day it was seen.");
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/oversight/gate-evidence",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created("/api/v1/oversight/gates", made)));
}
