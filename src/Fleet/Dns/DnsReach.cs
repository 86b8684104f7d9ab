using System.Net;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns.Hosts;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Dns;

/// <summary>What the verbs of DNS need of the program to reach zones.</summary>
public sealed record DnsReach(DnsSettings Dns, Outbound Outbound, SealedBox Box, PlatformHosts Hosts)
{
    /// <summary>Wait for one answer of a host's API or of a server that takes updates. Default 15 s.</summary>
    public TimeSpan HostTimeout { get; init; } = TimeSpan.FromSeconds(15);

    const string SelectSecret = "select secret_sealed from fleet.dns_setup where tenant_id = $1 and domain_id = $2 and secret_sealed is not null";

    /// <summary>The host of a domain's zone as it is set up.</summary>
    internal async Task<Result<IDnsHost>> Open(TenantDb db, TenantId tenant, DnsSetup setup, string zone, TimeProvider clock, CancellationToken ct)
    {
        if (setup.HostKind == DnsSetup.ByHand) return new HandHost(zone, Dns.Resolver(clock));
        await using var tx = await db.Begin(tenant, ct);
        var closed = await tx.One(SelectSecret, row => row.GetFieldValue<byte[]>(0), ct, tenant, setup.Domain);
        return Open(setup.HostKind, zone, setup.Settings, HostCredential.Open(Box, tenant, setup.Domain, closed), clock);
    }

    /// <summary>Refuses with <c>dns.host_invalid</c>, naming the field.</summary>
    internal Result<IDnsHost> Open(string kind, string zone, DnsHostSettings settings, string secret, TimeProvider clock)
    {
        switch (kind)
        {
            case "rfc2136":
                if (Server(settings.Endpoint) is not { } server) return Wrong("endpoint", "Give host and port of the primary name server, such as ns1.example.com:53.");
                if (TsigKey.Parse(settings.KeyName, settings.Algorithm, secret, out var fault) is not { } key)
                    return Wrong(fault.StartsWith("the name", StringComparison.Ordinal) ? "key_name" : fault.StartsWith("the alg", StringComparison.Ordinal) ? "algorithm" : "secret", $"The key cannot be used: {fault}.");
                return new Rfc2136Host(zone, server, key, Outbound, clock, HostTimeout);
            case "powerdns":
                if (!Uri.TryCreate(settings.Endpoint.TrimEnd('/') + "/", UriKind.Absolute, out var root) || root.Scheme is not ("http" or "https") || root.UserInfo.Length > 0)
                    return Wrong("endpoint", "Give the address of the API, such as https://dns.example.com:8081.");
                if (!IsHeader(secret)) return Wrong("secret", "Give the API key: printable characters, at most 500.");
                return new PowerDnsHost(zone, settings.KeyName.Length == 0 ? "localhost" : settings.KeyName, new ApiCall(root, root.Host, ("X-API-Key", secret), secret, Outbound, HostTimeout));
            default:
                return Wrong("kind", "Choose by_hand, rfc2136 or powerdns.");
        }
    }

    static bool IsHeader(string secret) => secret.Length is > 0 and <= 500 && !secret.AsSpan().ContainsAnyExceptInRange('!', '~');

    static DnsEndPoint? Server(string text)
    {
        if (IPEndPoint.TryParse(text, out var address)) return new DnsEndPoint(address.Address.ToString(), address.Port == 0 ? 53 : address.Port);
        var colon = text.LastIndexOf(':');
        var (host, port) = colon < 0 ? (text, 53) : (text[..colon], int.TryParse(text[(colon + 1)..], out var number) ? number : 0);
        return Uri.CheckHostName(host) is UriHostNameType.Dns && port is > 0 and <= ushort.MaxValue ? new DnsEndPoint(host, port) : null;
    }

    static Problem Wrong(string field, string detail) => Problem.Invalid("dns.host_invalid", new FieldProblem(field, detail));
}
