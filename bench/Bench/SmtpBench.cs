using System.Diagnostics;
using System.Net;
using System.Text;
using PenguinMails.Core;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Bench;

/// <summary>Our SMTP client against smtp-source and nodemailer, all to smtp-sink; our server against smtp-sink and Haraka, all fed by smtp-source.</summary>
static class SmtpBench
{
    const int SinkPort = 2597;
    const int HarakaPort = 2596; // As in bench/peers/haraka/config.
    const int Connections = 10;
    const int MessageBytes = 5 * 1024;
    const int Rounds = 3; // The best of three each, taken in turns.

    public static async Task Run(int messages, CancellationToken ct)
    {
        InlineSockets.Use(); // As "penguin mail bench" and "penguin mail sink" do.
        using var sink = Peers.Sink(SinkPort);
        await using var server = SmtpServer.Start(
            new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("sink.bench.example") },
            new SmtpHandler { Data = (_, _, _) => ValueTask.FromResult(SmtpAnswer.Ok) }, TimeProvider.System);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, ct);
        try
        {
            var (source, ours, accepted, node) = (0.0, 0.0, 0.0, 0.0);
            await Client(messages / 4, ct); // Warm.
            for (var round = 0; round < Rounds; round++)
            {
                source = Math.Max(source, await Peers.Source(SinkPort, messages, ct));
                ours = Math.Max(ours, await Client(messages, ct));
                accepted = Math.Max(accepted, await Peers.Source(server.Endpoint.Port, messages, ct));
                node = Math.Max(node, await Peers.Nodemailer(SinkPort, messages / 8, ct));
            }

            var haraka = await Haraka(messages / 10, ct);
            Stage.Row($"SMTP client, {messages:N0} messages of 5 KB over 10 connections to smtp-sink", $"{ours:N0}/s", $"smtp-source {source:N0}/s", $"{ours / source:P0}", "at least 85 %");
            Stage.Row("SMTP client beside nodemailer", $"{ours:N0}/s", $"pool of 10, TCP_NODELAY {node:N0}/s", $"{ours / node:F1} times", "at least 8 times");
            Stage.Row("SMTP server, fed by smtp-source over 10 connections", $"{accepted:N0}/s", $"smtp-sink {source:N0}/s", $"{accepted / source:P0}", "at least 70 %");
            Stage.Row("SMTP server beside Haraka, fed the same", $"{accepted:N0}/s", $"a process for each core, queue thrown away {haraka:N0}/s", $"{accepted / haraka:F1} times", "at least 3 times");
        }
        finally
        {
            sink.Kill();
        }
    }

    /// <summary>The better of two runs after a first to get warm.</summary>
    static async Task<double> Haraka(int messages, CancellationToken ct)
    {
        var folder = Peers.Folder("haraka");
        using var haraka = Peers.Start("node", [Path.Combine(folder, "node_modules", "Haraka", "bin", "haraka"), "-c", folder]);
        var output = haraka.StandardOutput.ReadToEndAsync(ct);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System, ct);
            await Peers.Source(HarakaPort, messages / 2, ct);
            return Math.Max(await Peers.Source(HarakaPort, messages, ct), await Peers.Source(HarakaPort, messages, ct));
        }
        finally
        {
            haraka.Kill(entireProcessTree: true);
            await output;
        }
    }

    static async Task<double> Client(int messages, CancellationToken ct)
    {
        var options = new SmtpClientOptions { Server = new DnsEndPoint("127.0.0.1", SinkPort), EhloName = "bench.example", Tls = TlsPolicy.None };
        var envelope = new SmtpEnvelope(EmailAddress.Parse("sender@bench.example"), EmailAddress.Parse("person@company.example"));
        ReadOnlyMemory<byte> message = Encoding.ASCII.GetBytes("Subject: bench\r\n\r\n" + string.Concat(Enumerable.Repeat(new string('x', 76) + "\r\n", MessageBytes / 78)));
        var next = new SmtpNext(envelope, message);
        var (begun, started) = (0, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            var opening = await SmtpConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, ct);
            await using var connection = opening.Connection ?? throw new InvalidOperationException(opening.Refusal?.Text);
            for (var hasOne = Interlocked.Increment(ref begun) <= messages; hasOne;)
            {
                hasOne = Interlocked.Increment(ref begun) <= messages;
                if (await connection.Send(envelope, message, hasOne ? next : null, null, ct) is { Kind: not SmtpKind.Accepted } refused) throw new InvalidOperationException(refused.Text);
            }

            await connection.Quit(ct);
        }));
        return messages / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
