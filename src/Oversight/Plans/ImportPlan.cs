using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Plans;

/// <summary>Keeps a plan as its next version. One transaction: a plan with one fault is not kept at all.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>plan.too_large</c>, <c>plan.invalid</c> with every fault and its place, or <c>plan.raced</c>.
/// The version it becomes is the one the account goes by, also when its content was there before; only what equals the current version makes no other one. Findings of the linter do not stop an import; they are counted.</remarks>
public static class ImportPlan
{
    /// <param name="Name">Names places in faults; nothing is opened by it.</param>
    public sealed record InputFile(string Name, string Text);

    public sealed record Input(IReadOnlyList<InputFile> Files);

    /// <param name="Created">False when the account goes by an equal version already.</param>
    public sealed record Output(PlanVersion Version, bool Created);

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        if (input.Files.Count is 0 or > PlanFiles.FilesMax || input.Files.Any(file => file is null || file.Text.Length > PlanFiles.OctetsMax) || input.Files.Sum(file => (long)file.Text.Length) > PlanFiles.OctetsTotalMax)
            return new Problem(ProblemKind.TooLarge, "plan.too_large", $"1 to {PlanFiles.FilesMax} files, at most {PlanFiles.OctetsMax / 1024 / 1024} MB each and {PlanFiles.OctetsTotalMax / 1024 / 1024} MB in all.");
        var reading = PlanReader.Read([.. input.Files.Select(file => (file.Name, file.Text))]);
        if (reading.Faults.Count > 0) return Invalid(reading.Faults);

        var now = clock.GetUtcNow();
        var (plan, sha256) = (NextVersion.NameOf(reading.Plan), NextVersion.Sha256(CanonicalYaml.Write(reading.Plan)));
        await using var tx = await db.Begin(actor.Tenant, ct);
        var newest = await tx.Maybe(NextVersion.SelectNewest, ListPlanVersions.Read, ct, actor.Tenant, plan);
        // Equal to the newest of its name, and another plan came after it: importing it again makes it the current one.
        if (newest?.Sha256 == sha256 && (await CurrentPlan.Newest(tx, ct))?.Id == newest.Id) return new Output(newest, Created: false);
        var kept = await NextVersion.Keep(tx, actor, newest, reading.Plan, "plan.imported", version => new { plan, number = version.Number, sha256, errors = version.Errors }, now, ct);
        if (kept.Problem is { } problem) return problem;
        await tx.Commit(ct);
        return new Output(kept.Value, Created: true);
    }

    internal static Problem Invalid(IReadOnlyList<PlanFault> faults) =>
        new(ProblemKind.Invalid, "plan.invalid", $"{faults[0]}{(faults.Count > 1 ? $" There are {faults.Count} errors." : "")}") { Fields = [.. faults.Select(fault => new FieldProblem(fault.At.ToString(), $"{fault.Message} [{fault.Code}]"))] };

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/plan-versions",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/plan-versions/{made.Version.Id}", made)));
}
