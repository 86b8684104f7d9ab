using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Apis;
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

    /// <summary>Authorities that are trusted for web servers of logos; the system's when empty, as everywhere but in tests.</summary>
    public X509Certificate2Collection Roots { get; init; } = [];

    const string SelectSecret = "select secret_sealed from fleet.dns_setup where tenant_id = $1 and domain_id = $2 and secret_sealed is not null";

    /// <summary>The host of a domain's zone as it is set up.</summary>
    internal async Task<Result<IDnsHost>> Open(TenantDb db, TenantId tenant, DnsSetup setup, string zone, TimeProvider clock, CancellationToken ct)
    {
        if (setup.HostKind == DnsSetup.ByHand) return new HandHost(zone, Dns.Resolver(clock));
        await using var tx = await db.Begin(tenant, ct);
        var closed = await tx.One(SelectSecret, row => row.GetFieldValue<byte[]>(0), ct, tenant, setup.Domain);
        try
        {
            return Open(setup.HostKind, zone, setup.Settings, HostCredential.Open(Box, tenant, setup.Domain, closed), clock);
        }
        catch (CryptographicException)
        {
            return new Problem(ProblemKind.Conflict, "dns.credential_lost", "The stored credential of the DNS host cannot be opened: the key outside the database is another one. Enter the credential again.");
        }
    }

    /// <summary>Refuses with <c>dns.host_invalid</c>, naming the field.</summary>
    internal Result<IDnsHost> Open(string kind, string zone, DnsHostSettings settings, string secret, TimeProvider clock)
    {
        if (kind == "rfc2136") return Updates(zone, settings, secret, clock);
        (string Root, (string, string)? Header)? known = kind switch
        {
            "powerdns" => ("", ("X-API-Key", secret)),
            "cloudflare" => (CloudflareHost.Root, ("Authorization", "Bearer " + secret)),
            "hetzner" => (HetznerHost.Root, ("Authorization", "Bearer " + secret)),
            DigitalOceanHost.Kind => (DigitalOceanHost.Root, ("Authorization", "Bearer " + secret)),
            "route53" => (Route53Host.Root, null),
            _ => null,
        };
        if (known is not var (root, header)) return Wrong("kind", "Choose by_hand, rfc2136, powerdns, cloudflare, route53, hetzner or digitalocean.");
        if (!Uri.TryCreate((settings.Endpoint.Length > 0 ? settings.Endpoint : root).TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0)
            return Wrong("endpoint", "Give the address of the API, such as https://dns.example.com:8081.");
        if (!IsHeader(secret)) return Wrong("secret", "Give the API key or token: printable characters, at most 500.");
        if (kind == "route53" && (settings.KeyName.Length is 0 or > 128 || !settings.KeyName.All(char.IsAsciiLetterOrDigit))) return Wrong("key_name", "Give the id of the access key.");
        var api = new ApiCall(address, address.Host, header, secret, ApiWords.Dns, Outbound, HostTimeout);
        return kind switch
        {
            "cloudflare" => new CloudflareHost(zone, api),
            "hetzner" => new HetznerHost(zone, api),
            DigitalOceanHost.Kind => new DigitalOceanHost(zone, api),
            "route53" => new Route53Host(zone, settings.KeyName, secret, api, clock),
            _ => new PowerDnsHost(zone, settings.KeyName.Length == 0 ? "localhost" : settings.KeyName, api),
        };
    }

    Result<IDnsHost> Updates(string zone, DnsHostSettings settings, string secret, TimeProvider clock)
    {
        if (Server(settings.Endpoint) is not { } server) return Wrong("endpoint", "Give host and port of the primary name server, such as ns1.example.com:53.");
        if (TsigKey.Parse(settings.KeyName, settings.Algorithm, secret, out var fault) is { } key) return new Rfc2136Host(zone, server, key, Outbound, clock, HostTimeout);
        return Wrong(fault.StartsWith("the name", StringComparison.Ordinal) ? "key_name" : fault.StartsWith("the alg", StringComparison.Ordinal) ? "algorithm" : "secret", $"The key cannot be used: {fault}.");
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
