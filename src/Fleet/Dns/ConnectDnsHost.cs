using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Fleet.Dns;

/// <summary>Says who runs a domain's zone and how it is changed there. The host is asked once before anything is kept; the credential is stored sealed and never shown again.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c>, <c>dns.host_invalid</c>, <c>dns.zone_unknown</c>, or what the host says.</remarks>
public static class ConnectDnsHost
{
    /// <param name="Kind">by_hand, rfc2136, powerdns, cloudflare, route53, hetzner or digitalocean.</param>
    /// <param name="Zone">The zone at the host; null takes the one DNS names.</param>
    /// <param name="Secret">TSIG secret in base64, or API key; null keeps the one that is stored.</param>
    public sealed record Input(string Kind, string? Zone = null, string? Endpoint = null, string? KeyName = null, string? Algorithm = null, string? Secret = null)
    {
        /// <summary>Without the secret.</summary>
        public override string ToString() => $"{Kind} {Zone}";
    }

    const string Update = """
        update fleet.dns_setup
        set host_kind = $3, zone = $4, settings = $5, secret_sealed = $6
        where tenant_id = $1 and domain_id = $2
        """;

    // They were compared with what another host said.
    const string Supersede = "update fleet.dns_plan set state = 'stale', problem = 'The DNS host was changed.' where tenant_id = $1 and domain_id = $2 and state in ('ready', 'failed')";

    const string SelectSecret = "select secret_sealed from fleet.dns_setup where tenant_id = $1 and domain_id = $2 and secret_sealed is not null";

    public static async Task<Result<DnsOverview>> Handle(Actor actor, DomainId id, Input input, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsManage)) return Actor.Forbidden(Permissions.DomainsManage);
        var found = await DnsDesk.SetUp(actor, id, db, reach, clock, ct);
        if (found.Problem is { } refused) return refused;
        var zone = await Zone(input, found.Value.Domain.Name, reach, clock, ct);
        if (zone.Problem is { } unknown) return unknown;
        var settings = new DnsHostSettings(input.Endpoint?.Trim() ?? "", input.KeyName?.Trim() ?? "", input.Algorithm?.Trim() ?? "");
        var secret = "";
        if (input.Kind != DnsSetup.ByHand)
        {
            secret = input.Secret is { Length: > 0 } given ? given.Trim() : await Kept(actor.Tenant, id, db, reach, ct);
            var host = reach.Open(input.Kind, zone.Value, settings, secret, clock);
            if (host.Problem is { } invalid) return invalid;
            using var open = host.Value;
            if ((await open.Probe(ct)).Problem is { } said) return said;
        }

        var now = clock.GetUtcNow();
        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            await tx.Execute(Update, ct, actor.Tenant, id, input.Kind, input.Kind == DnsSetup.ByHand && input.Zone is null ? null : zone.Value, Jsonb.Of(settings),
                input.Kind == DnsSetup.ByHand ? null : HostCredential.Seal(reach.Box, actor.Tenant, id, secret));
            await tx.Execute(Supersede, ct, actor.Tenant, id);
            await tx.Append(actor, "dns.host_connected", id.ToString(), new { kind = input.Kind, zone = zone.Value }, now, ct);
            await tx.Commit(ct);
        }

        return await ReadDns.Handle(actor with { Kind = ActorKind.System }, id, db, reach, clock, ct);
    }

    static async Task<Result<string>> Zone(Input input, string domain, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (input.Zone is { Length: > 0 } text)
        {
            if (!DomainName.TryParse(text.Trim().TrimEnd('.'), out var name, out _)) return Problem.Invalid("dns.host_invalid", new FieldProblem("zone", "Give the name of the zone, such as example.com."));
            return domain == name.Ascii || domain.EndsWith("." + name.Ascii, StringComparison.Ordinal)
                ? name.Ascii
                : Problem.Invalid("dns.host_invalid", new FieldProblem("zone", $"{domain} does not lie in {name}: give the zone that holds it."));
        }

        return await NameServers.ZoneOf(domain, reach.Dns.Resolver(clock), ct) is { } zone ? zone
            : input.Kind == DnsSetup.ByHand ? domain
            : new Problem(ProblemKind.Conflict, "dns.zone_unknown", $"DNS knows no zone that holds {domain}. Give its name.");
    }

    static async Task<string> Kept(TenantId tenant, DomainId id, TenantDb db, DnsReach reach, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        return await tx.Maybe(SelectSecret, row => row.GetFieldValue<byte[]>(0), ct, tenant, id) is { } closed ? HostCredential.Open(reach.Box, tenant, id, closed) : "";
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPut("/domains/{id}/dns/host",
        async (Actor actor, DomainId id, Input input, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, reach, clock, ct)).ToHttp());
}
