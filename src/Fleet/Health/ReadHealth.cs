using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Health;

/// <summary>A domain's health as it was seen last.</summary>
/// <param name="Worst">Of the findings; unknown before the first check, or when no check could be made.</param>
/// <param name="Verdict">The same in a sentence.</param>
/// <param name="CheckedAt">Null before the first check.</param>
/// <param name="Findings">Most urgent first, what is good last.</param>
public sealed record DomainHealth(DomainId Domain, HealthSeverity Worst, string Verdict, DateTimeOffset? CheckedAt, IReadOnlyList<HealthFinding> Findings);

/// <summary>The findings of the last check of a domain. Asks nobody.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>domain.not_found</c>.</remarks>
public static class ReadHealth
{
    const string SelectChecked = "select checked_at from fleet.domain_health where tenant_id = $1 and domain_id = $2 limit 1";

    const string Select = """
        select code, subject, severity, what, cause, fix, evidence, seen_at, first_seen_at
        from fleet.health_finding
        where tenant_id = $1 and domain_id = $2
        order by array_position(array['act', 'watch', 'unknown', 'good'], severity), code, subject
        limit 200
        """;

    public static async Task<Result<DomainHealth>> Handle(Actor actor, DomainId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsRead)) return Actor.Forbidden(Permissions.DomainsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListDomains.Within(tx, workspace, id, ct) is null) return ListDomains.NotFound;
        var at = await tx.List(SelectChecked, row => row.Maybe<DateTimeOffset>(0), ct, actor.Tenant, id);
        var findings = await Findings(tx, id, ct);
        return new DomainHealth(id, HealthFinding.Worst(findings), Verdict(findings), at.FirstOrDefault(), findings);
    }

    internal static Task<List<HealthFinding>> Findings(TenantTx tx, DomainId id, CancellationToken ct) => tx.List(Select, HealthFinding.Read, ct, tx.Tenant, id);

    internal static string Verdict(IReadOnlyList<HealthFinding> findings)
    {
        if (findings.Count == 0) return "Not checked yet.";
        int Of(HealthSeverity severity) => findings.Count(finding => finding.Severity == severity);
        var (act, watch, unknown, good) = (Of(HealthSeverity.Act), Of(HealthSeverity.Watch), Of(HealthSeverity.Unknown), Of(HealthSeverity.Good));
        var first = act > 0 ? $"{Things(act)} {(act == 1 ? "needs" : "need")} action now{(watch > 0 ? $", {watch} more should be watched" : "")}."
            : watch > 0 ? $"Nothing is urgent; {Things(watch)} should be watched."
            : good > 0 ? "Nothing is wrong." : "Nothing could be looked at.";
        return unknown == 0 ? first : $"{first} {unknown} of {findings.Count} checks could not be made.";
    }

    static string Things(int count) => count == 1 ? "1 thing" : $"{count} things";

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/domains/{id}/health",
        async (Actor actor, DomainId id, TenantDb db, CancellationToken ct) => (await Handle(actor, id, db, ct)).ToHttp());
}
