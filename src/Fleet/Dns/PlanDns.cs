using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Auth;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>Compares what must stand in a domain's zone with what does, and keeps the difference as a plan. Changes nothing in DNS.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c>, <c>dns.zone_unknown</c>, or what the host says.</remarks>
public static class PlanDns
{
    public static async Task<Result<DnsPlan>> Handle(Actor actor, DomainId id, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsManage)) return Actor.Forbidden(Permissions.DomainsManage);
        return await Draw(actor, id, "person", db, reach, clock, ct);
    }

    /// <param name="origin">person or drift.</param>
    internal static async Task<Result<DnsPlan>> Draw(Actor actor, DomainId id, string origin, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        var desk = await DnsDesk.At(actor, id, db, reach, clock, ct);
        if (desk.Problem is { } refused) return refused;
        using var host = desk.Value.Host;
        var view = await desk.Value.Read(null, ct);
        if (view.Problem is { } silent) return silent;
        var wanted = await Wanted(desk.Value, view.Value, reach, clock, ct);
        var now = clock.GetUtcNow();
        var plan = Compare(desk.Value, view.Value, wanted, origin, reach.Dns.TtlSeconds, now);
        await using var tx = await db.Begin(actor.Tenant, ct);
        await plan.Save(tx, ct);
        await tx.Append(actor, "dns.planned", id.ToString(), new { plan = plan.Id, changes = plan.Changes.Count(), origin }, now, ct);
        await tx.Commit(ct);
        return plan;
    }

    internal static async Task<DesiredRecords.Wanted> Wanted(DnsDesk desk, ZoneView view, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        var resolver = reach.Dns.Resolver(clock);
        return await DesiredRecords.For(desk.Domain, desk.Setup, reach.Hosts, view, resolver, await Inherited(desk.Domain.Name, resolver, ct), ct);
    }

    static DnsPlan Compare(DnsDesk desk, ZoneView view, DesiredRecords.Wanted wanted, string origin, int ttlSeconds, DateTimeOffset now)
    {
        var blocked = wanted.Findings.Where(finding => finding.IsBlocking).Select(finding => finding.Name).ToHashSet();
        var items = wanted.Records.Select(record => PlanItem.Of(record, view.Find(record.Name, record.Type), blocked.Contains(record.Name), ttlSeconds)).ToList();
        var isDone = !items.Exists(item => item.IsChange);
        return new DnsPlan(TypedId.New<DnsPlanId>(now), desk.Domain.Id, isDone ? "written" : "ready", origin, null, desk.Setup.HostKind, view.Zone, items, wanted.Findings, [], "", now, null, isDone ? now : null, null);
    }

    // RFC 9989 4.10: the domain above speaks for its sub-domains, sp= before p=.
    static async Task<DmarcAbove?> Inherited(string name, DnsResolver resolver, CancellationToken ct)
    {
        for (var labels = name.Split('.').Skip(1).ToArray(); labels.Length >= 2; labels = labels[1..])
        {
            var answer = await resolver.Ask("_dmarc." + string.Join('.', labels), DnsType.Txt, ct);
            if (answer.Records.Select(record => (record.Value, Policy: DmarcRecord.Parse(record.Value))).FirstOrDefault(record => record.Policy is not null) is { Policy: { } policy } found)
                return new((policy.SubdomainPolicy ?? policy.Policy)?.ToString().ToLowerInvariant(), found.Value);
        }

        return null;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/domains/{id}/dns/plans",
        async (Actor actor, DomainId id, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, db, reach, clock, ct)).ToHttp(plan => TypedResults.Created($"/api/v1/domains/{id}/dns/plans/{plan.Id}", plan)));
}
