using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Reports;

namespace PenguinMails.Fleet.Health;

/// <summary>The worst that is wrong with a domain is another than before.</summary>
/// <param name="Codes">Codes of the findings that are as bad as <paramref name="Now"/>.</param>
public sealed record DomainHealthChanged(WorkspaceId Workspace, DomainId Domain, string Name, HealthSeverity Was, HealthSeverity Now, IReadOnlyList<string> Codes);

/// <summary>Asks blocklists, the server's certificates and the registry about a domain, looks at what receivers reported, and writes down what was found. Publishes <see cref="DomainHealthChanged"/>. Changes nothing elsewhere.</summary>
/// <remarks>Takes a minute at the most when nobody answers; the registry is asked once a day. What could not be asked is unknown, never good, and a fault that could not be
/// looked at again stays. Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>domain.not_found</c>.</remarks>
public static class CheckHealth
{
    const int AddressesMax = 16;
    static readonly TimeSpan RegistrationFresh = TimeSpan.FromDays(1);

    const string SelectRegistration = "select registration::text from fleet.domain_health where tenant_id = $1 and domain_id = $2 and registration is not null limit 1";

    const string Lock = "select worst from fleet.domain_health where tenant_id = $1 and domain_id = $2 for update";

    const string Save = "update fleet.domain_health set worst = $3, registration = $4, checked_at = $5 where tenant_id = $1 and domain_id = $2";

    const string Clear = "delete from fleet.health_finding where tenant_id = $1 and domain_id = $2";

    const string Insert = """
        insert into fleet.health_finding (tenant_id, domain_id, code, subject, severity, what, cause, fix, evidence, seen_at, first_seen_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """;

    /// <param name="Known">What the registry said before; null when it was not asked yet.</param>
    /// <param name="Reports">What receivers reported.</param>
    sealed record Subject(DomainDetail Detail, SendingServer? Server, DirectRoute? Direct, Registration? Known, (DmarcOverview Dmarc, TlsOverview Tls) Reports);

    public static async Task<Result<DomainHealth>> Handle(Actor actor, DomainId id, TenantDb db, HealthReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsManage)) return Actor.Forbidden(Permissions.DomainsManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var now = clock.GetUtcNow();
        if (await Read(actor.Tenant, workspace, id, db, now, ct) is not { } subject) return ListDomains.NotFound;

        // Outside any transaction: others take their time to answer.
        var lists = Lists(subject, reach, clock, now, ct);
        var certificates = Certificates(subject, reach, clock, now, ct);
        var registration = await Registered(subject, reach, now, ct);
        List<HealthFinding> found =
        [
            .. await lists, .. await certificates, .. await Source(subject, reach, clock, now, ct), JudgeRegistration.Judge(subject.Detail.Domain.Name, registration, now), JudgeRecords.Judge(subject.Detail, now),
            .. JudgeReports.Judge(subject.Reports.Dmarc, subject.Reports.Tls, now),
        ];

        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            if (await ListDomains.Within(tx, workspace, id, ct) is not { } detail) return ListDomains.NotFound;
            await Keep(tx, actor, detail.Domain, found, registration, now, ct);
            await tx.Commit(ct);
        }

        return await ReadHealth.Handle(actor, id, db, ct);
    }

    static async Task<Subject?> Read(TenantId tenant, WorkspaceId workspace, DomainId id, TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        if (await ListDomains.Within(tx, workspace, id, ct) is not { } detail) return null;
        var known = await tx.List(SelectRegistration, row => Json.Read<Registration>(row.GetString(0)), ct, tenant, id);
        var reports = (await ReadDmarc.Within(tx, detail, JudgeReports.Days, now, ct), await ReadTls.Within(tx, detail, JudgeReports.Days, now, ct));
        return new Subject(detail, await SendingServer.Find(tx, id, ct), await ReadTransport.Within(tx, id, ct), known.FirstOrDefault(), reports);
    }

    static async Task<IEnumerable<HealthFinding>> Lists(Subject subject, HealthReach reach, TimeProvider clock, DateTimeOffset now, CancellationToken ct)
    {
        var resolver = reach.Dns.Resolver(clock);
        var addresses = (subject.Server?.Addresses ?? []).Select(address => IPAddress.TryParse(address.Ip, out var ip) ? ip : null).Append(subject.Direct?.Source).OfType<IPAddress>().Distinct().Take(AddressesMax).ToList();
        var asked = await Task.WhenAll(Blocklist.All.Select(list => AskBlocklist.Run(
            list, list.Kind == BlocklistKind.Domain ? [subject.Detail.Domain.Name] : [.. addresses.Where(list.Takes).Select(address => address.ToString())],
            resolver, reach.Settings.SpamhausKey, now, ct)));
        return asked.SelectMany(findings => findings);
    }

    static async Task<IReadOnlyList<HealthFinding>> Certificates(Subject subject, HealthReach reach, TimeProvider clock, DateTimeOffset now, CancellationToken ct)
    {
        if (subject.Server is not { HostName: var host }) return [];
        var (submission, imaps) = (reach.Settings.SubmissionPort, reach.Settings.ImapsPort);
        var smtp = ReadCertificate.Run(host, submission, isSmtp: true, reach, clock, ct);
        var imap = ReadCertificate.Run(host, imaps, isSmtp: false, reach, clock, ct);
        return [JudgeCertificate.Judge("smtp", host, submission, await smtp, now), JudgeCertificate.Judge("imap", host, imaps, await imap, now)];
    }

    static async Task<IReadOnlyList<HealthFinding>> Source(Subject subject, HealthReach reach, TimeProvider clock, DateTimeOffset now, CancellationToken ct) => subject.Direct is { Source: { } source } direct
        ? [await JudgeSource.Ask(source, direct.EhloName.Length > 0 ? direct.EhloName : reach.Hosts.Mail, reach.Dns.Resolver(clock), now, ct)]
        : [];

    // What could not be told is asked for again; what was told holds for a day.
    static async Task<Registration> Registered(Subject subject, HealthReach reach, DateTimeOffset now, CancellationToken ct) =>
        subject.Known is { Source.Length: > 0 } known && now - known.AskedAt < RegistrationFresh ? known : await reach.Rdap.Ask(subject.Detail.Domain.Name, ct);

    static async Task Keep(TenantTx tx, Actor actor, Domain domain, List<HealthFinding> found, Registration registration, DateTimeOffset now, CancellationToken ct)
    {
        await RecheckHealth.Begin(tx, domain.WorkspaceId, domain.Id, now, ct);
        var was = HealthFinding.ReadSeverity(await tx.One(Lock, row => row.GetString(0), ct, tx.Tenant, domain.Id));
        var findings = HealthFinding.Merge(await ReadHealth.Findings(tx, domain.Id, ct), found);
        tx.Later(Clear, tx.Tenant, domain.Id);
        KeepReport.Forget(tx, domain.Id, now);
        foreach (var finding in findings)
            tx.Later(Insert, tx.Tenant, domain.Id, finding.Code, finding.Subject, HealthFinding.Word(finding.Severity), finding.What, finding.Cause, finding.Fix, finding.Evidence, finding.SeenAt, finding.FirstSeenAt);
        var worst = HealthFinding.Worst(findings);
        await tx.Execute(Save, ct, tx.Tenant, domain.Id, HealthFinding.Word(worst), Jsonb.Of(registration), now);
        if (worst == was) return;
        string[] codes = [.. findings.Where(finding => finding.Severity == worst).Select(finding => finding.Code).Distinct()];
        await tx.Publish(new DomainHealthChanged(domain.WorkspaceId, domain.Id, domain.Name, was, worst, codes), now, ct);
        await tx.Append(actor, "domain.health_changed", domain.Id.ToString(), new { was = HealthFinding.Word(was), now = HealthFinding.Word(worst), codes }, now, ct);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/domains/{id}/health/check",
        async (Actor actor, DomainId id, TenantDb db, HealthReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, reach, clock, ct)).ToHttp());
}
