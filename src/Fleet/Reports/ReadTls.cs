using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Reports;

/// <summary>How connections to one receiving domain fared.</summary>
/// <param name="Policies">sts, tlsa, no-policy-found or other: by what the senders judged.</param>
public sealed record TlsDomain(string Domain, IReadOnlyList<string> Policies, long Successes, long Failures);

/// <summary>Failures of one kind at one host.</summary>
/// <param name="Result">Word of RFC 8460 4.3.</param>
/// <param name="MxHost">Where known.</param>
/// <param name="Detail">What the sender added.</param>
public sealed record TlsFailureCount(string Result, string Domain, string MxHost, long Failures, DateOnly First, DateOnly Last, string Detail, string What, string Cause, string Fix);

/// <summary>One day of UTC.</summary>
public sealed record TlsDay(DateOnly Day, long Successes, long Failures);

/// <summary>What other mail systems report about delivering to a domain over TLS.</summary>
/// <param name="Failures">At most 200, most first.</param>
public sealed record TlsOverview(
    DomainId Domain, string Name, string Sentence, ReportSample Sample, long Successes, long Failed, IReadOnlyList<TlsDomain> Domains, IReadOnlyList<TlsFailureCount> Failures, IReadOnlyList<TlsDay> Days)
{
    /// <summary>When the first report is to be expected; empty when there was one.</summary>
    public string Awaited { get; init; } = "";
}

/// <summary>A domain's TLS reports by receiving domain and by kind of failure, each with cause and fix. Reads what was reported; asks nobody.</summary>
/// <remarks>Counts only reports whose sender is proved. Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>domain.not_found</c>.</remarks>
public static class ReadTls
{
    // Reads index tls_row_day, like those below.
    const string SelectDomains = """
        select policy_domain, array_agg(distinct policy_type order by policy_type), sum(successes)::bigint, sum(failures)::bigint
        from fleet.tls_row
        where tenant_id = $1 and domain_id = $2 and day >= $3 and result = ''
        group by policy_domain
        order by sum(successes + failures) desc, policy_domain
        limit 100
        """;

    const string SelectFailures = """
        select result, policy_domain, mx_host, sum(failures)::bigint, min(day), max(day), max(detail)
        from fleet.tls_row
        where tenant_id = $1 and domain_id = $2 and day >= $3 and result <> ''
        group by result, policy_domain, mx_host
        order by sum(failures) desc, result, mx_host
        limit 200
        """;

    const string SelectDays = """
        select day, sum(successes)::bigint, sum(failures)::bigint
        from fleet.tls_row
        where tenant_id = $1 and domain_id = $2 and day >= $3 and result = ''
        group by day
        order by day
        limit 130
        """;

    /// <param name="days">1 to 120; default 30.</param>
    public static async Task<Result<TlsOverview>> Handle(Actor actor, DomainId id, int? days, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsRead)) return Actor.Forbidden(Permissions.DomainsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListDomains.Within(tx, workspace, id, ct) is not { } detail) return ListDomains.NotFound;
        return await Within(tx, detail, days, clock.GetUtcNow(), ct);
    }

    internal static async Task<TlsOverview> Within(TenantTx tx, DomainDetail detail, int? days, DateTimeOffset now, CancellationToken ct)
    {
        var id = detail.Domain.Id;
        var seen = await ReportSample.Find(tx, id, "tls", days, now, ct);
        var domains = await tx.List(SelectDomains, row => new TlsDomain(row.GetString(0), row.GetFieldValue<string[]>(1), row.GetInt64(2), row.GetInt64(3)), ct, tx.Tenant, id, seen.Since);
        var failures = await tx.List(SelectFailures, row =>
        {
            var (what, cause, fix) = TlsFailureWords.Of(row.GetString(0));
            return new TlsFailureCount(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetFieldValue<DateOnly>(4), row.GetFieldValue<DateOnly>(5), row.GetString(6), what, cause, fix);
        }, ct, tx.Tenant, id, seen.Since);
        var perDay = await tx.List(SelectDays, row => new TlsDay(row.GetFieldValue<DateOnly>(0), row.GetInt64(1), row.GetInt64(2)), ct, tx.Tenant, id, seen.Since);
        var (good, bad) = (domains.Sum(one => one.Successes), domains.Sum(one => one.Failures));
        return new(id, detail.Domain.Name, Sentence(good, bad, seen, failures), seen, good, bad, domains, failures, perDay) { Awaited = ReportAwaited.Of(detail, seen, "tls", now) };
    }

    static string Sentence(long good, long bad, ReportSample seen, IReadOnlyList<TlsFailureCount> failures)
    {
        if (good + bad == 0) return seen.Counted == 0 ? $"No TLS report came in the last {seen.Days} days." : $"The TLS reports of the last {seen.Days} days tell of no connection.";
        var start = $"Of {RecommendStage.Count(good + bad)} connections that others reported in the last {seen.Days} days {RecommendStage.Percent(good, good + bad)} were encrypted as they should be";
        return bad == 0 ? start + "." : failures.Count == 0 ? $"{start}; {RecommendStage.Count(bad)} failed, and no report says why." : $"{start}; {RecommendStage.Count(bad)} failed, most often for this: {char.ToLowerInvariant(failures[0].What[0])}{failures[0].What[1..]}";
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/domains/{id}/reports/tls",
        async (Actor actor, DomainId id, int? days, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, days, db, clock, ct)).ToHttp());
}
