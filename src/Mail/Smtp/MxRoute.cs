using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Smtp;

/// <summary>Whether a domain has servers for its mail, by the zone's own word.</summary>
public enum MxKind
{
    /// <summary>There are hosts to try.</summary>
    Hosts,

    /// <summary>The domain says that it takes no mail (RFC 7505): permanent, 556 5.1.10.</summary>
    NullMx,

    /// <summary>The name does not exist, or has neither MX nor address: permanent, 5.1.2.</summary>
    NoHost,

    /// <summary>DNS did not answer: try later, 4.4.3.</summary>
    TryLater,
}

/// <param name="Preference">Lower is tried first; 0 for a domain without MX that has an address itself.</param>
/// <param name="IsImplied">True when the domain has no MX and is its own host (RFC 5321 5.1).</param>
public sealed record MxHost(string Name, int Preference, bool IsImplied);

/// <summary>Where mail for a domain goes (RFC 5321 5.1).</summary>
/// <param name="Hosts">In the order to try: by preference, equals shuffled; at most 20. Empty unless <see cref="MxKind.Hosts"/>.</param>
/// <param name="Reason">In words, with the answer of DNS.</param>
public sealed record MxRoute(MxKind Kind, IReadOnlyList<MxHost> Hosts, string Reason)
{
    /// <summary>Hosts tried for one domain; what is listed beyond is left out.</summary>
    public const int HostsMax = 20;

    /// <param name="random">Shuffles hosts of equal preference (RFC 5321 5.1: the sender must spread the load).</param>
    public static async ValueTask<MxRoute> Find(DomainName domain, IDnsLookup dns, RandomFill random, CancellationToken ct)
    {
        var mx = await dns.Look(domain.Ascii, DnsType.Mx, ct).ConfigureAwait(false);
        return mx.Status switch
        {
            DnsStatus.Found => Ordered(domain, mx.Records, random),
            DnsStatus.NoRecords => await Implied(domain, dns, ct).ConfigureAwait(false),
            DnsStatus.NoName => new(MxKind.NoHost, [], $"{domain} does not exist."),
            DnsStatus.ServerFailed => new(MxKind.TryLater, [], $"The name servers of {domain} failed."),
            DnsStatus.TimedOut => new(MxKind.TryLater, [], $"The name servers of {domain} did not answer in time."),
        };
    }

    static MxRoute Ordered(DomainName domain, IReadOnlyList<DnsRecord> records, RandomFill random)
    {
        // RFC 7505 3: a null MX stands alone; beside others it means nothing.
        var named = records.Where(r => r.Value.Length > 0).ToList();
        if (named.Count == 0) return new(MxKind.NullMx, [], $"{domain} takes no mail (null MX).");
        var shuffled = named.Select(r => (Record: r, Draw: Draw(random))).OrderBy(r => r.Record.Preference).ThenBy(r => r.Draw);
        return new(MxKind.Hosts, [.. shuffled.Take(HostsMax).Select(r => new MxHost(r.Record.Value, r.Record.Preference, false))], $"{domain} has {named.Count} MX.");
    }

    static async ValueTask<MxRoute> Implied(DomainName domain, IDnsLookup dns, CancellationToken ct)
    {
        var four = await dns.Look(domain.Ascii, DnsType.A, ct).ConfigureAwait(false);
        var six = four.Status == DnsStatus.Found ? four : await dns.Look(domain.Ascii, DnsType.Aaaa, ct).ConfigureAwait(false);
        if (six.Status == DnsStatus.Found) return new(MxKind.Hosts, [new MxHost(domain.Ascii, 0, true)], $"{domain} has no MX and is its own host.");
        return four.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut || six.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut
            ? new(MxKind.TryLater, [], $"The name servers of {domain} did not say whether it has an address.")
            : new(MxKind.NoHost, [], $"{domain} has neither MX nor address.");
    }

    static uint Draw(RandomFill random)
    {
        Span<byte> octets = stackalloc byte[4];
        random(octets);
        return BitConverter.ToUInt32(octets);
    }

    /// <summary>Opens a connection to the first host that lets us in; hosts are tried in order, each once.</summary>
    /// <param name="options">For each host: its server, and what the policy of that host asks for. Null leaves the host out.</param>
    /// <returns>The opening, and the host it is with; the last refusal when every host failed.</returns>
    public async ValueTask<(SmtpOpening Opening, MxHost? Host)> Open(Func<MxHost, SmtpClientOptions?> options, SmtpConnector connector, TimeProvider clock, CancellationToken ct)
    {
        var last = new SmtpOpening(null, Kind switch
        {
            MxKind.NullMx => new SmtpOutcome(SmtpStage.Connect, SmtpKind.PermanentRefusal, 556, "5.1.10", Reason),
            MxKind.NoHost => new SmtpOutcome(SmtpStage.Connect, SmtpKind.PermanentRefusal, 550, "5.1.2", Reason),
            MxKind.TryLater => new SmtpOutcome(SmtpStage.Connect, SmtpKind.TransientRefusal, 451, "4.4.3", Reason),
            MxKind.Hosts => SmtpOutcome.Unsupported(SmtpStage.Connect, "No host of the domain fits the policy."),
        }, null);
        foreach (var host in Hosts)
        {
            if (options(host) is not { } chosen) continue;
            last = await SmtpConnection.Open(chosen, connector, clock, ct).ConfigureAwait(false);
            // A host that refuses at its greeting speaks for itself, not for the domain: the next is asked (RFC 5321 5.1).
            if (last.Connection is not null) return (last, host);
        }
        return (last, null);
    }
}
