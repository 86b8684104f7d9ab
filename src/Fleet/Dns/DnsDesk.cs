using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns.Hosts;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Dns;

/// <summary>A domain with its setup and its zone's host, open for work. Dispose <see cref="Host"/>.</summary>
sealed record DnsDesk(Domain Domain, DnsSetup Setup, string Zone, IDnsHost Host)
{
    public static async Task<Result<DnsDesk>> At(Actor actor, DomainId id, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        var found = await SetUp(actor, id, db, reach, clock, ct);
        if (found.Problem is { } refused) return refused;
        var (domain, setup) = found.Value;
        if ((setup.Zone ?? await NameServers.ZoneOf(domain.Name, reach.Dns.Resolver(clock), ct)) is not { } zone)
            return new Problem(ProblemKind.Conflict, "dns.zone_unknown", $"DNS knows no zone that holds {domain.Name}. Register the domain and let it be served somewhere first, or connect the DNS host that has its zone.");
        var host = await reach.Open(db, actor.Tenant, setup, zone, clock, ct);
        return host.Problem is { } wrong ? wrong : new DnsDesk(domain, setup, zone, host.Value);
    }

    /// <param name="plan">Its places are read too: settings may have changed since it was made.</param>
    public Task<Result<ZoneView>> Read(DnsPlan? plan, CancellationToken ct) =>
        Host.Read([.. DesiredRecords.Places(Domain, Setup, Zone), .. (plan?.Items ?? []).Select(item => new DesiredRecords.Place(item.Name, [item.RecordType]))], ct);

    /// <summary>The domain and its setup, which is made when there is none yet.</summary>
    public static async Task<Result<(Domain Domain, DnsSetup Setup)>> SetUp(Actor actor, DomainId id, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListDomains.Within(tx, workspace, id, ct) is not { } detail) return ListDomains.NotFound;
        var setup = await DnsSetup.Need(tx, detail.Domain, reach.Box, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return (detail.Domain, setup);
    }
}
