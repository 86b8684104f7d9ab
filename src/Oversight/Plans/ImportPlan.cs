using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Lint;

namespace PenguinMails.Oversight.Plans;

/// <summary>Keeps a plan as its next version. One transaction: a plan with one fault is not kept at all.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>plan.too_large</c>, <c>plan.invalid</c> with every fault and its place, or <c>plan.raced</c>.
/// A plan equal to its newest version makes no other one. Findings of the linter do not stop an import; they are counted.</remarks>
public static class ImportPlan
{
    /// <param name="Name">Names places in faults; nothing is opened by it.</param>
    public sealed record InputFile(string Name, string Text);

    public sealed record Input(IReadOnlyList<InputFile> Files);

    /// <param name="Created">False when the newest version was equal already.</param>
    public sealed record Output(PlanVersion Version, bool Created);

    const string Newest = """
        select id, plan, number, sha256, objects, errors, warnings, imported_by, imported_at
        from oversight.plan_version
        where tenant_id = $1 and plan = $2
        order by number desc
        limit 1
        """;

    const string Insert = """
        insert into oversight.plan_version (tenant_id, id, plan, number, sha256, yaml, objects, errors, warnings, imported_by, imported_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict on constraint plan_version_once do nothing
        """;

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        if (input.Files.Count is 0 or > PlanFiles.FilesMax || input.Files.Any(file => file is null || file.Text.Length > PlanFiles.OctetsMax) || input.Files.Sum(file => (long)file.Text.Length) > PlanFiles.OctetsTotalMax)
            return new Problem(ProblemKind.TooLarge, "plan.too_large", $"1 to {PlanFiles.FilesMax} files, at most {PlanFiles.OctetsMax / 1024 / 1024} MB each and {PlanFiles.OctetsTotalMax / 1024 / 1024} MB in all.");
        var reading = PlanReader.Read([.. input.Files.Select(file => (file.Name, file.Text))]);
        if (reading.Faults.Count > 0) return Invalid(reading.Faults);
        if (reading.Plan.Objects.Count == 0) return new Problem(ProblemKind.Invalid, "plan.invalid", "These files hold no object of a plan.");

        var now = clock.GetUtcNow();
        var made = Version(actor, reading.Plan, CanonicalYaml.Write(reading.Plan), now);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var newest = await tx.Maybe(Newest, ListPlanVersions.Read, ct, actor.Tenant, made.Version.Plan);
        if (newest?.Sha256 == made.Version.Sha256) return new Output(newest, Created: false);
        var version = made.Version with { Number = (newest?.Number ?? 0) + 1 };
        if (await tx.Execute(Insert, ct, actor.Tenant, version.Id, version.Plan, version.Number, version.Sha256, made.Yaml, version.Objects, version.Errors, version.Warnings, version.ImportedBy, now) == 0)
            return new Problem(ProblemKind.Conflict, "plan.raced", "Another import of this plan came in between. Look at its version, then import again.");
        await tx.Append(actor, "plan.imported", version.Id.ToString(), new { plan = version.Plan, number = version.Number, sha256 = version.Sha256, errors = version.Errors }, now, ct);
        await tx.Commit(ct);
        return new Output(version, Created: true);
    }

    static Problem Invalid(IReadOnlyList<PlanFault> faults) =>
        new(ProblemKind.Invalid, "plan.invalid", $"{faults[0]}{(faults.Count > 1 ? $" There are {faults.Count} errors." : "")}") { Fields = [.. faults.Select(fault => new FieldProblem(fault.At.ToString(), $"{fault.Message} [{fault.Code}]"))] };

    static (PlanVersion Version, string Yaml) Version(Actor actor, Plan plan, string yaml, DateTimeOffset now)
    {
        var findings = PlanLinter.Run(plan, DateOnly.FromDateTime(now.UtcDateTime)).Findings;
        var errors = findings.Count(finding => finding.Severity == Severity.Error);
        return (new PlanVersion(TypedId.New<PlanVersionId>(now), plan.Head?.Name ?? "plan", 0, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(yaml))), plan.Objects.Count, errors, findings.Count - errors, actor.Label, now), yaml);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/plan-versions",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/plan-versions/{made.Version.Id}", made)));
}
