using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Delivery;
using PenguinMails.Delivery.Direct;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery.Direct;

/// <summary>A recipient's mail exchanger: a real listener on an address of its own on loopback.</summary>
sealed class Exchange : IAsyncDisposable
{
    readonly SmtpServer _server;

    public Exchange(IPEndPoint at, string name, Func<SmtpDelivery, SmtpAnswer>? data, Func<SmtpVisitor, SmtpAnswer>? mail, X509Certificate2? certificate)
    {
        _server = SmtpServer.Start(new SmtpServerOptions { Endpoint = at, Name = DomainName.Parse(name), Certificate = () => certificate is null ? null : SslStreamCertificateContext.Create(certificate, null), ConnectionsPerAddressMax = 1000 }, new SmtpHandler
        {
            Mail = (visitor, _, _) =>
            {
                Visitors.Enqueue(visitor);
                return ValueTask.FromResult(mail?.Invoke(visitor) ?? SmtpAnswer.Ok);
            },
            Data = (_, delivery, _) =>
            {
                var reply = data?.Invoke(delivery) ?? SmtpAnswer.Ok;
                if (reply.Code == 250) Received.Enqueue(delivery);
                return ValueTask.FromResult(reply);
            },
        }, TimeProvider.System);
    }

    public IPEndPoint At => _server.Endpoint;

    /// <summary>One for each MAIL, in order.</summary>
    public ConcurrentQueue<SmtpVisitor> Visitors { get; } = [];

    public ConcurrentQueue<SmtpDelivery> Received { get; } = [];

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}

/// <summary>A tenant whose domain sends directly, and the recipients' servers with their DNS.</summary>
sealed class DirectWorld : IAsyncDisposable
{
    readonly List<Exchange> _exchanges = [];
    readonly Dictionary<string, string> _policies = [];
    int _port;

    DirectWorld(SendingWorld sending) => Sending = sending;

    public SendingWorld Sending { get; }
    public MemoryZone Zone { get; } = new();
    public DirectReach Reach => Sending.Reach ?? throw new InvalidOperationException("Not open yet.");
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<DirectWorld> Create(TestDatabase database, int cap = 1000, int connections = 1, bool obeysDane = false, string source = "", string ehlo = "", int gap = 0)
    {
        var world = new DirectWorld(await SendingWorld.Create(database, cap: cap, gap: gap, connections: connections, transport: new ChooseTransport.Input("direct", source, ehlo)));
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            world._port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        var options = database.Services.GetRequiredService<DeliveryOptions>() with { ExchangePort = world._port, ObeysDane = obeysDane, EhloName = $"out-{Guid.CreateVersion7():N}.penguin.test" }; // A name of its own, because connections are counted over all who share one.
        world.Sending.Reach = new DirectReach(world.Zone, (uri, _) => ValueTask.FromResult(world._policies.GetValueOrDefault(uri.Host)), Outbound.From("127.0.0.0/8", world.Addresses), database.Db, options, world.Sending.Clock);
        return world;
    }

    public int Port => _port;

    /// <summary>A listener at 127.0.0.<paramref name="last"/>, named in DNS.</summary>
    public Exchange Exchange(int last, string host, Func<SmtpDelivery, SmtpAnswer>? data = null, Func<SmtpVisitor, SmtpAnswer>? mail = null, X509Certificate2? certificate = null)
    {
        var made = new Exchange(new IPEndPoint(IPAddress.Parse($"127.0.0.{last}"), _port), host, data, mail, certificate);
        _exchanges.Add(made);
        Zone.Add(host, DnsType.A, $"127.0.0.{last}");
        return made;
    }

    /// <summary>MX records of a domain, best first.</summary>
    public void Takes(string domain, params string[] hosts)
    {
        for (var i = 0; i < hosts.Length; i++) Zone.Add(domain, DnsType.Mx, $"{(i + 1) * 10} {hosts[i]}");
    }

    public void Publishes(string domain, string mode, params string[] hosts)
    {
        Zone.Add("_mta-sts." + domain, DnsType.Txt, "v=STSv1; id=1;");
        _policies["mta-sts." + domain] = $"version: STSv1\nmode: {mode}\nmax_age: 604800\n{string.Join('\n', hosts.Select(host => "mx: " + host))}\n";
    }

    /// <summary>Self-signed: verifies for nobody but by DANE.</summary>
    public static X509Certificate2 Certificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    async Task<IPAddress[]> Addresses(string host, CancellationToken ct) =>
        [.. (await Zone.Look(host, DnsType.A, ct)).Records.Select(record => IPAddress.Parse(record.Value))];

    public async ValueTask DisposeAsync()
    {
        await Reach.Pool.Close();
        foreach (var exchange in _exchanges) await exchange.DisposeAsync();
        await Sending.DisposeAsync();
    }
}
