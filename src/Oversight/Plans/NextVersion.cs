using System.Security.Cryptography;
using System.Text;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Lint;

namespace PenguinMails.Oversight.Plans;

/// <summary>Keeps a plan as its next version, whole and in its canonical form, whether it was imported or changed here.</summary>
static class NextVersion
{
    public const string SelectNewest = """
        select id, plan, number, sha256, objects, errors, warnings, imported_by, imported_at, yaml
        from oversight.plan_version
        where tenant_id = $1 and plan = $2
        order by number desc
        limit 1
        """;

    const string PlanOf = "select plan from oversight.plan_version where tenant_id = $1 and id = $2";

    const string Insert = """
        insert into oversight.plan_version (tenant_id, id, plan, number, sha256, yaml, objects, errors, warnings, imported_by, imported_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict on constraint plan_version_once do nothing
        """;

    public static string NameOf(Plan plan) => plan.Head?.Name ?? "plan";

    public static string Sha256(string yaml) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(yaml)));

    /// <summary>The version with an id and its plan, when it is the newest: what is changed here must be what somebody looked at.</summary>
    public static async Task<Result<(PlanVersion Version, Plan Plan)>> Newest(TenantTx tx, PlanVersionId id, CancellationToken ct)
    {
        if (await tx.Maybe(PlanOf, row => row.GetString(0), ct, tx.Tenant, id) is not { } plan) return ReadPlanVersion.NotFound;
        var (newest, yaml) = await tx.One(SelectNewest, row => (ListPlanVersions.Read(row), row.GetString(9)), ct, tx.Tenant, plan);
        if (newest.Id != id) return new Problem(ProblemKind.Conflict, "plan.not_newest", $"This is an old version. The newest is {newest.Number}, {newest.Id}: look at that one and change it there.");
        var reading = PlanReader.Kept(plan, yaml);
        if (reading.Faults is [var first, ..]) return new Problem(ProblemKind.Conflict, "plan.unread", $"Part of this version is no longer read, and the next would lose it: {first} Import a corrected version, then do this again.");
        return (newest, reading.Plan);
    }

    /// <param name="before">Null for the first.</param>
    /// <param name="act">For the record of the account, with what it was about.</param>
    /// <returns>Refuses with <c>plan.raced</c>, or <c>plan.invalid</c> when it could not be read back whole.</returns>
    public static async Task<Result<PlanVersion>> Keep(TenantTx tx, Actor actor, PlanVersion? before, Plan plan, string act, Func<PlanVersion, object> about, DateTimeOffset now, CancellationToken ct)
    {
        var yaml = CanonicalYaml.Write(plan);
        if (PlanReader.ReadBack(NameOf(plan), yaml) is { Faults: { Count: > 0 } faults }) return ImportPlan.Invalid(faults);
        var findings = PlanLinter.Run(plan, DateOnly.FromDateTime(now.UtcDateTime)).Findings;
        var errors = findings.Count(finding => finding.Severity == Severity.Error);
        var version = new PlanVersion(TypedId.New<PlanVersionId>(now), NameOf(plan), (before?.Number ?? 0) + 1, Sha256(yaml), plan.Objects.Count, errors, findings.Count - errors, actor.Label, now);
        if (await tx.Execute(Insert, ct, actor.Tenant, version.Id, version.Plan, version.Number, version.Sha256, yaml, version.Objects, version.Errors, version.Warnings, version.ImportedBy, now) == 0)
            return new Problem(ProblemKind.Conflict, "plan.raced", "Another version of this plan came in between. Look at it, then do this again.");
        await tx.Append(actor, act, version.Id.ToString(), about(version), now, ct);
        return version;
    }
}
