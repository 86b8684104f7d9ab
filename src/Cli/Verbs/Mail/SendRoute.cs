using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>The way to a domain's mail exchangers, as a mail server goes it: MX, MTA-STS, DANE on request, one host after the other; each step is told.</summary>
/// <param name="like">Port, EHLO name, TLS policy and waits; what a domain's policy asks for goes before.</param>
/// <param name="tell">Gets each decision in words.</param>
/// <param name="show">Gets the dialogue with each host that did not let us in, but for the last.</param>
sealed class SendRoute(IDnsLookup dns, bool obeysDane, SmtpClientOptions like, Action<string> tell, Action<SmtpDialogue?> show)
{
    public const string Connecting = "connecting to ";
    const int RecordsMax = 32;

    public async Task<SmtpOpening> Open(DomainName domain, CancellationToken ct)
    {
        var route = await MxRoute.Find(domain, dns, RandomNumberGenerator.Fill, ct);
        tell(route.Reason);
        if (route.Kind != MxKind.Hosts) return (await route.Open(_ => null, Connect, TimeProvider.System, ct)).Opening;
        foreach (var host in route.Hosts) tell(host.IsImplied ? $"{host.Name} itself" : $"MX {host.Preference} {host.Name}");
        var policy = await Policy(domain, ct);
        SmtpOpening? last = null;
        foreach (var host in route.Hosts)
        {
            if (await Chosen(domain, host, policy, ct) is not { } chosen) continue;
            show(last?.Dialogue);
            if (last?.Refusal is { } refusal) tell($"not there: {refusal.Text}");
            tell($"{Connecting}{host.Name}:{chosen.Server.Port}");
            last = await SmtpConnection.Open(chosen, Connect, TimeProvider.System, ct);
            if (last.Refusal is { Stage: SmtpStage.Tls } failed && chosen.Tls == TlsPolicy.Opportunistic)
            {
                // RFC 7435 3: where nothing asks for TLS, a server that cannot do it gets the message all the same.
                show(last.Dialogue);
                tell($"TLS failed: {failed.Text} Nothing asks for it: again in clear");
                last = await SmtpConnection.Open(chosen with { Tls = TlsPolicy.None }, Connect, TimeProvider.System, ct);
            }

            if (last.Connection is not null) return last;
        }

        return last ?? (await (route with { Hosts = [] }).Open(_ => null, Connect, TimeProvider.System, ct)).Opening;
    }

    async Task<MtaStsPolicy?> Policy(DomainName domain, CancellationToken ct)
    {
        using var fetch = new PolicyFetch(Connect);
        var policy = await new MtaSts(dns, fetch.Text, TimeProvider.System).Find(domain, ct);
        if (policy is not null) tell($"MTA-STS {policy.Mode.ToString().ToLowerInvariant()}: {string.Join(", ", policy.MxPatterns)}");
        else if (fetch.Trouble is { } trouble) tell($"MTA-STS is announced, but the policy cannot be had: {trouble}");
        else tell("no MTA-STS policy");
        return policy;
    }

    /// <summary>Null when the policy leaves the host out (RFC 8461 5).</summary>
    async Task<SmtpClientOptions?> Chosen(DomainName domain, MxHost host, MtaStsPolicy? policy, CancellationToken ct)
    {
        var chosen = like with { Server = new DnsEndPoint(host.Name, like.Server.Port) };
        // RFC 8461 2: DANE, where it is obeyed, goes before MTA-STS.
        if (obeysDane && await Records(host, ct) is { Count: > 0 } records)
        {
            tell($"{host.Name}: DANE with {records.Count} TLSA records, TLS required");
            return chosen with { Tls = TlsPolicy.Required, CertificateCheck = chain => Dane.Accepts(records, chain, [host.Name, domain.Ascii]) };
        }

        if (policy is null || policy.Allows(host.Name)) return policy is { Mode: MtaStsMode.Enforce } ? chosen with { Tls = TlsPolicy.Required } : chosen;
        tell($"{host.Name} is not named by the policy{(policy.Mode == MtaStsMode.Enforce ? ": left out" : ", which is in testing: used all the same")}");
        return policy.Mode == MtaStsMode.Enforce ? null : chosen;
    }

    async Task<List<TlsaRecord>> Records(MxHost host, CancellationToken ct)
    {
        var answer = await dns.Look($"_{like.Server.Port}._tcp.{host.Name}", DnsType.Tlsa, ct);
        return [.. answer.Records.Take(RecordsMax).Select(TlsaRecord.Read).OfType<TlsaRecord>().Where(record => record.IsUsable)];
    }

    /// <summary>By the addresses that the asked resolvers give, not those of this machine.</summary>
    async ValueTask<Socket> Connect(DnsEndPoint endpoint, CancellationToken ct)
    {
        var addresses = new List<IPAddress>();
        if (IPAddress.TryParse(endpoint.Host, out var literal)) addresses.Add(literal);
        foreach (var type in new[] { DnsType.A, DnsType.Aaaa })
            addresses.AddRange((await dns.Look(endpoint.Host, type, ct)).Records.Select(record => IPAddress.Parse(record.Value)));
        var refused = new SocketException((int)SocketError.HostNotFound);
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, endpoint.Port), ct);
                return socket;
            }
            catch (SocketException failed)
            {
                refused = failed;
                socket.Dispose();
            }
        }

        throw refused;
    }
}

/// <summary>Policies over HTTPS as RFC 8461 3.3 wants it: verified, no redirects, a minute, 64 KB.</summary>
sealed class PolicyFetch : IDisposable
{
    readonly HttpClient _http;

    public PolicyFetch(SmtpConnector connect)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectCallback = async (context, ct) => new NetworkStream(await connect(context.DnsEndPoint, ct), ownsSocket: true),
        };
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(1), MaxResponseContentBufferSize = MtaStsPolicy.LengthMax };
    }

    /// <summary>Why the last policy could not be had; null when it could, or none was asked for.</summary>
    public string? Trouble { get; private set; }

    public async ValueTask<string?> Text(Uri policy, CancellationToken ct)
    {
        try
        {
            using var response = await _http.GetAsync(policy, ct);
            Trouble = response.StatusCode == HttpStatusCode.OK ? null : $"{policy.Host} answered {(int)response.StatusCode}";
            return Trouble is null ? await response.Content.ReadAsStringAsync(ct) : null;
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException || (failed is OperationCanceledException && !ct.IsCancellationRequested))
        {
            Trouble = failed.Message;
            return null;
        }
    }

    public void Dispose() => _http.Dispose();
}
