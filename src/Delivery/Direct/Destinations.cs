using System.Globalization;
using System.Security.Cryptography;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Direct;

/// <summary>Looks up where mail for a domain goes (MX, MTA-STS, DANE), and remembers it for a while. For many threads at once.</summary>
/// <param name="port">Where the hosts listen, for their TLSA records.</param>
/// <param name="obeysDane">Whether the resolver validates DNSSEC, so that TLSA records can be believed.</param>
sealed class Destinations(IDnsLookup dns, MtaStsFetch fetch, int port, bool obeysDane, TimeProvider clock)
{
    const int DomainsMax = 10_000, RecordsMax = 32;
    static readonly TimeSpan KnownFor = TimeSpan.FromMinutes(2);

    readonly MtaSts _policies = new(dns, fetch, clock);
    readonly Lock _lock = new();
    readonly Dictionary<string, (Destination To, DateTimeOffset Until)> _known = new(StringComparer.Ordinal);

    /// <summary>Null: it must be looked up.</summary>
    public Destination? Known(DomainName domain)
    {
        lock (_lock) return _known.TryGetValue(domain.Ascii, out var kept) && clock.GetUtcNow() < kept.Until ? kept.To : null;
    }

    public async Task<Destination> Find(DomainName domain, CancellationToken ct)
    {
        if (Known(domain) is { } known) return known;
        var found = await Look(domain, ct);
        lock (_lock)
        {
            if (_known.Count >= DomainsMax) _known.Clear();
            _known[domain.Ascii] = (found, clock.GetUtcNow() + KnownFor);
        }

        return found;
    }

    async Task<Destination> Look(DomainName domain, CancellationToken ct)
    {
        var route = await MxRoute.Find(domain, dns, RandomNumberGenerator.Fill, ct);
        if (route.Kind != MxKind.Hosts) return new(domain, [], (await route.Open(_ => null, SmtpConnectors.Direct, clock, ct)).Opening.Refusal);
        var policy = await _policies.Find(domain, ct);
        var hosts = new List<DirectHost>();
        foreach (var host in route.Hosts.Take(Destination.HostsMax))
            if (await Host(host.Name, policy, ct) is { } open) hosts.Add(open);
        return new(domain, hosts, hosts.Count > 0 ? null : Destination.Held(SmtpStage.Connect, policy is { Mode: MtaStsMode.Enforce }
            ? $"The MTA-STS policy of {domain} is enforced and leaves out every host that takes its mail now."
            : $"DNS did not say how the servers of {domain} prove themselves."));
    }

    /// <summary>Null when mail must not go there.</summary>
    async Task<DirectHost?> Host(string name, MtaStsPolicy? policy, CancellationToken ct)
    {
        if (obeysDane)
        {
            // RFC 8461 2: DANE goes before MTA-STS. RFC 7672 2.1.1: without an answer nobody knows whether it binds.
            var answer = await dns.Look(string.Create(CultureInfo.InvariantCulture, $"_{port}._tcp.{name}"), DnsType.Tlsa, ct);
            if (answer.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut) return null;
            if (answer.Records.Count > 0) return new(name, TlsNeed.Dane, [.. answer.Records.Take(RecordsMax).Select(TlsaRecord.Read).OfType<TlsaRecord>().Where(record => record.IsUsable)]);
        }

        if (policy is not { Mode: MtaStsMode.Enforce }) return new(name, TlsNeed.Nothing, []); // RFC 8461 5: testing delivers all the same.
        return policy.Allows(name) ? new(name, TlsNeed.Verified, []) : null;
    }
}
