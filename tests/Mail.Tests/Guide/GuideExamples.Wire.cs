using System.Net;
using System.Security.Cryptography;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;
using PenguinMails.Mail.Tests.Imap;

namespace PenguinMails.Mail.Tests.Guide;

/// <summary>Those that speak to a peer.</summary>
public sealed partial class GuideExamples
{
    [Fact]
    public async Task Send_and_receive()
    {
        var octets = Letter;
        var stored = new List<ReadOnlyMemory<byte>>();
        // example: receive
        await using var server = SmtpServer.Start(
            new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("mx.far.example") },
            new SmtpHandler
            {
                Rcpt = (visitor, recipient, stop) => ValueTask.FromResult(recipient.Domain.Ascii == "far.example" ? SmtpAnswer.Ok : new SmtpAnswer(550, "5.7.1", "Not here")),
                Data = (visitor, delivery, stop) =>
                {
                    stored.Add(delivery.Message); // Keep it before saying so: a 250 takes responsibility.
                    return ValueTask.FromResult(SmtpAnswer.Ok);
                },
            },
            TimeProvider.System);
        // end
        var port = server.Endpoint.Port;
        // example: send
        var options = new SmtpClientOptions { Server = new DnsEndPoint("127.0.0.1", port), EhloName = "mail.shop.example", Tls = TlsPolicy.Opportunistic, KeepDialogue = true };
        var opening = await SmtpConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, ct);
        SmtpOutcome outcome;
        if (opening.Connection is { } connection)
        {
            var envelope = new SmtpEnvelope(EmailAddress.Parse("bounces@shop.example"), EmailAddress.Parse("b@far.example")) { Dsn = new SmtpDsn(EnvelopeId: "m4711") };
            outcome = await connection.Send(envelope, octets, null, ct); // One message after another on the same connection.
            await connection.Quit(ct);
        }
        else
        {
            outcome = opening.Refusal!; // Why there is no connection: stage, kind, code, text.
        }
        Console.WriteLine($"{outcome.Kind} at {outcome.Stage}: {outcome.Code} {outcome.EnhancedCode} {outcome.Text}");
        foreach (var line in opening.Dialogue!.Lines) Console.WriteLine($"{(line.IsClient ? "->" : "<-")} {line.Text}"); // Passwords never stand in it.
        // end
        Assert.Equal((SmtpKind.Accepted, 1), (outcome.Kind, stored.Count));
        Assert.True(stored[0].Span.SequenceEqual(octets));
    }

    [Fact]
    public async Task Chain()
    {
        List<string> stored = [];
        await using var server = SmtpServer.Start(
            new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("mx.far.example") },
            new SmtpHandler { Data = (visitor, delivery, stop) => { stored.Add(delivery.Recipients[0].Text); return ValueTask.FromResult(SmtpAnswer.Ok); } }, TimeProvider.System);
        var options = new SmtpClientOptions { Server = new DnsEndPoint("127.0.0.1", server.Endpoint.Port), EhloName = "mail.shop.example", Tls = TlsPolicy.None };
        var opening = await SmtpConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, ct);
        await using var connection = opening.Connection!;
        var from = EmailAddress.Parse("bounces@shop.example");
        var queue = new[] { "b", "c", "d" }.Select(name => new SmtpNext(new SmtpEnvelope(from, EmailAddress.Parse(name + "@far.example")), Letter)).ToArray();
        // example: chain
        for (var i = 0; i < queue.Length; i++)
        {
            var next = i + 1 < queue.Length ? queue[i + 1] : null;
            var outcome = await connection.Send(queue[i].Envelope, queue[i].Message, next, null, ct);
            Console.WriteLine($"{queue[i].Envelope.Recipient.Text}: {outcome.Code} {outcome.Text}");
        }
        // end
        Assert.Equal(["b@far.example", "c@far.example", "d@far.example"], stored);
    }

    [Fact]
    public async Task Route()
    {
        var dns = new MemoryZone();
        dns.Add("far.example", DnsType.Mx, "0 .");
        // example: route
        var route = await MxRoute.Find(DomainName.Parse("far.example"), dns, RandomNumberGenerator.Fill, ct);
        var policy = await new MtaSts(dns, (uri, stop) => ValueTask.FromResult<string?>(null), TimeProvider.System).Find(DomainName.Parse("far.example"), ct);
        var (opening, host) = await route.Open(
            mx => policy?.Allows(mx.Name) == false ? null : new SmtpClientOptions { Server = new DnsEndPoint(mx.Name, 25), EhloName = "mail.shop.example", Tls = policy is null ? TlsPolicy.Opportunistic : TlsPolicy.Required },
            SmtpConnectors.Direct, TimeProvider.System, ct);
        Console.WriteLine(host is null ? $"{route.Kind}: {opening.Refusal?.Text}" : $"connected to {host.Name}");
        // end
        Assert.Equal((MxKind.NullMx, 556), (route.Kind, opening.Refusal?.Code ?? 0));
    }

    [Fact]
    public async Task Imap()
    {
        await using var peer = new ImapTestServer();
        for (var i = 1; i <= 3; i++) peer.Append(Encoding.UTF8.GetBytes($"Subject: {i}\r\nMessage-ID: <{i}@b.example>\r\n\r\n."), DateTimeOffset.UnixEpoch);
        var (options, seen) = (peer.Options, new List<uint>());
        var state = ImapSyncState.Everything("INBOX");
        // example: imap
        var opening = await ImapConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, ct);
        if (opening.Connection is not { } connection) throw new InvalidOperationException(opening.Outcome.Text);
        await using (connection)
        {
            var run = await ImapSync.Run(
                connection, state, new ImapSyncOptions(),
                (fingerprint, stop) => ValueTask.FromResult(false), // Asked only after UIDVALIDITY changed: "do you have this one?"
                (message, next, stop) =>
                {
                    seen.Add(message.Uid); // Keep the message and "next" in one transaction: then none is missed or doubled.
                    return ValueTask.FromResult(true);
                },
                ct);
            state = run.State;
            await connection.LogOut(ct);
        }
        // end
        Assert.Equal([1u, 2, 3], seen);
        Assert.Equal(3u, state.LastUid);
    }

    [Fact]
    public async Task Dns()
    {
        // example: dns
        var resolver = new DnsResolver(new DnsResolverOptions { Server = new IPEndPoint(IPAddress.Loopback, 53), Timeout = TimeSpan.FromMilliseconds(200), AttemptsMax = 1 }, TimeProvider.System, RandomNumberGenerator.Fill);
        var answer = await resolver.Look("far.example", DnsType.Mx, ct);
        Console.WriteLine(answer.Status switch
        {
            DnsStatus.Found => string.Join(", ", answer.Records.Select(record => $"{record.Preference} {record.Value}")),
            DnsStatus.NoRecords => "the name has no MX",
            DnsStatus.NoName => "no such name",
            DnsStatus.ServerFailed => "its servers failed",
            DnsStatus.TimedOut => "no answer in time",
        });
        // end
        Assert.True(Enum.IsDefined(answer.Status));
    }
}
