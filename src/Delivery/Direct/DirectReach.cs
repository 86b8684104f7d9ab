using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Direct;

/// <summary>The way to recipients' servers: looks them up, opens connections as each asks for, and remembers who did not answer. For many threads at once.</summary>
sealed class DirectReach(IDnsLookup dns, MtaStsFetch fetch, Outbound outbound, TenantDb db, DeliveryOptions options, TimeProvider clock)
{
    const int SilentMax = 10_000;
    static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(30);
    static readonly TimeSpan SilentFor = TimeSpan.FromMinutes(1);

    readonly Lock _lock = new();
    readonly Dictionary<(string Source, string Host), (SmtpOutcome Said, DateTimeOffset Until)> _silent = [];

    /// <param name="IsSaid">True when a server said it just now; false for our own words, and for what is remembered.</param>
    public sealed record Opened(DirectLink? Link, SmtpOutcome? Refusal, bool IsSaid);

    public Destinations Destinations { get; } = new(dns, fetch, options.ExchangePort, options.ObeysDane, clock);

    public DirectPool Pool { get; } = new(new ConnectionBook(db, clock), clock);

    internal static DirectReach Of(IServiceProvider needed)
    {
        var clock = needed.GetRequiredService<TimeProvider>();
        return new(needed.GetRequiredService<DnsSettings>().Resolver(clock), needed.GetRequiredService<PolicyFetch>().Text, needed.GetRequiredService<Outbound>(), needed.GetRequiredService<TenantDb>(), needed.GetRequiredService<DeliveryOptions>(), clock);
    }

    public LinkKey KeyOf(DirectRoute route, Destination to) => new(route.Key, EhloName(route), to.Provider.Id);

    /// <summary>One host after the other, until one lets us in.</summary>
    /// <param name="place">Of the pool; it stays with the link.</param>
    /// <param name="tried">Hosts that this message was refused at before it came to a recipient; those of now are added.</param>
    public async Task<Opened> Open(Guid place, DirectRoute route, Destination to, ISet<string> tried, CancellationToken ct)
    {
        Opened? refused = null;
        foreach (var host in to.Hosts)
        {
            if (!tried.Add(host.Name)) continue;
            if (Silent(route, host) is { } remembered)
            {
                refused = Milder(refused, new(null, remembered, false));
                continue;
            }

            var opening = await Enter(route, host, ct);
            if (opening.Connection is { } connection) return new(new(place, KeyOf(route, to), host, connection, to.Provider.MessagesPerConnectionMax), null, true);
            var refusal = Explained(opening.Refusal, to, host);
            if (refusal.Stage is SmtpStage.Connect or SmtpStage.Greeting or SmtpStage.Ehlo) Remember(route, host, refusal);
            refused = Milder(refused, new(null, refusal, refusal == opening.Refusal));
        }

        return refused ?? new(null, to.Refusal ?? NoHostLeft(to), false);
    }

    async Task<SmtpOpening> Enter(DirectRoute route, DirectHost host, CancellationToken ct)
    {
        ValueTask<System.Net.Sockets.Socket> Connect(DnsEndPoint end, CancellationToken stop) => outbound.ConnectFrom(route.Source, end, stop);
        var settings = Settings(route, host);
        var opening = await SmtpConnection.Open(settings, Connect, clock, ct);
        // RFC 7435 3: where nothing asks for TLS, a server that cannot do it gets the message all the same.
        return opening.Refusal is { Stage: SmtpStage.Tls } && host.Need == TlsNeed.Nothing
            ? await SmtpConnection.Open(settings with { Tls = TlsPolicy.None }, Connect, clock, ct)
            : opening;
    }

    SmtpClientOptions Settings(DirectRoute route, DirectHost host) => new()
    {
        Server = new DnsEndPoint(host.Name, options.ExchangePort),
        EhloName = EhloName(route),
        Tls = host.Need == TlsNeed.Nothing ? TlsPolicy.Opportunistic : TlsPolicy.Required,
        // RFC 7672 2.2: records of which none can be used still ask for TLS, from whomever.
        CertificateCheck = host.Need == TlsNeed.Dane ? chain => host.Records.Count == 0 || Dane.Accepts(host.Records, chain, [host.Name]) : default(Func<IReadOnlyList<X509Certificate2>, bool>),
        Timeouts = options.Timeouts with { Connect = options.SmtpSeconds > 0 ? TimeSpan.FromSeconds(Math.Min(options.SmtpSeconds, ConnectMax.TotalSeconds)) : ConnectMax },
    };

    /// <summary>What a policy asks for and a host does not give holds the message; it proves nothing about the address.</summary>
    static SmtpOutcome Explained(SmtpOutcome? refusal, Destination to, DirectHost host)
    {
        var known = refusal ?? NoHostLeft(to);
        if (known.Stage != SmtpStage.Tls || host.Need == TlsNeed.Nothing) return known;
        var by = host.Need == TlsNeed.Dane ? $"the TLSA records of {host.Name} ask" : $"the MTA-STS policy of {to.Domain} asks";
        return Destination.Held(SmtpStage.Tls, $"Held, because {by} for TLS that {host.Name} did not prove: {known.Text}");
    }

    /// <summary>One host that may take it later outweighs all that never will.</summary>
    static Opened Milder(Opened? before, Opened now) =>
        before is { Refusal.Kind: not SmtpKind.PermanentRefusal } && now.Refusal is { Kind: SmtpKind.PermanentRefusal } ? before : now;

    static SmtpOutcome NoHostLeft(Destination to) => new(SmtpStage.Connect, SmtpKind.ConnectionLostBeforeData, 0, null, $"No host of {to.Domain} is left to try.");

    SmtpOutcome? Silent(DirectRoute route, DirectHost host)
    {
        lock (_lock) return _silent.TryGetValue((route.Key, host.Name), out var kept) && clock.GetUtcNow() < kept.Until ? kept.Said : null;
    }

    void Remember(DirectRoute route, DirectHost host, SmtpOutcome said)
    {
        lock (_lock)
        {
            if (_silent.Count >= SilentMax) _silent.Clear();
            // What was said of one message's connection refuses no other for good.
            var kept = said.Kind == SmtpKind.PermanentRefusal ? said with { Kind = SmtpKind.TransientRefusal } : said;
            _silent[(route.Key, host.Name)] = (kept, clock.GetUtcNow() + SilentFor);
        }
    }

    string EhloName(DirectRoute route) => route.EhloName.Length > 0 ? route.EhloName : options.EhloName;
}
