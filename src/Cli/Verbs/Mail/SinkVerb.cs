using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>A server that takes everything and keeps nothing: what to send at when sending is tested.</summary>
static class SinkVerb
{
    const int ConnectionsMax = 5_000;

    sealed record Received(string? From, IEnumerable<string> Recipients, int Size, string Helo, bool Tls, string? User, int Code);

    sealed record Totals(long Messages, long Refused, long Octets, double Seconds);

    public static Command Command()
    {
        var port = new Option<int>("--port") { Description = "Port on 127.0.0.1; 0 takes a free one and says which.", Required = true };
        var host = new Option<string>("--host") { Description = "Address to listen on.", DefaultValueFactory = _ => "127.0.0.1" };
        var tls = new Option<bool>("--tls") { Description = "Offer STARTTLS with a certificate made for this run." };
        var latency = new Option<int>("--latency") { Description = "Milliseconds before each message is answered, 0 to 600000." };
        var refuse = new Option<double>("--refuse") { Description = "Percent of the messages that are refused with 550 5.7.1, 0 to 100." };
        var count = new Option<long>("--count") { Description = "Stop after so many messages; 0 goes on until Ctrl-C." };
        var json = new Option<bool>("--json") { Description = "One JSON object for each message, and the totals at the end." };
        var command = new Command("sink", "Take all mail on a port and throw it away; Ctrl-C prints the totals.") { port, host, tls, latency, refuse, count, json };
        command.SetAction((parsed, ct) => Run(
            new IPEndPoint(IPAddress.Parse(parsed.GetValue(host) ?? "127.0.0.1"), parsed.GetValue(port)), parsed.GetValue(tls),
            TimeSpan.FromMilliseconds(Math.Clamp(parsed.GetValue(latency), 0, 600_000)), Math.Clamp(parsed.GetValue(refuse), 0, 100), parsed.GetValue(count), parsed.GetValue(json), ct));
        return command;
    }

    static async Task<int> Run(IPEndPoint endpoint, bool tls, TimeSpan latency, double refuse, long count, bool json, CancellationToken ct)
    {
        Core.InlineSockets.Use();
        using var made = tls ? Certificate(TimeProvider.System.GetUtcNow()) : null;
        var certificate = made is null ? null : SslStreamCertificateContext.Create(made, null);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var (messages, refused, octets, started) = (0L, 0L, 0L, Stopwatch.GetTimestamp());
        async ValueTask<SmtpAnswer> Take(SmtpVisitor visitor, SmtpDelivery delivery, CancellationToken stop)
        {
            if (latency > TimeSpan.Zero) await Task.Delay(latency, TimeProvider.System, stop);
            var number = Interlocked.Increment(ref messages);
            // Spread evenly instead of by chance, so that a run can be repeated: message n is refused when n times P passes a hundred.
            var isRefused = Math.Floor(number * refuse / 100) > Math.Floor((number - 1) * refuse / 100);
            if (isRefused) Interlocked.Increment(ref refused);
            Interlocked.Add(ref octets, delivery.Message.Length);
            var answer = isRefused ? new SmtpAnswer(550, "5.7.1", "Refused as asked for") : SmtpAnswer.Ok;
            if (json)
                await Console.Out.WriteLineAsync(Core.Json.Write(new Received(
                    delivery.Sender?.Text, delivery.Recipients.Select(r => r.Text), delivery.Message.Length, visitor.Hello, visitor.IsTls, visitor.User, answer.Code)));
            if (number == count) enough.CancelAfter(TimeSpan.FromMilliseconds(200)); // The last answer goes out first.
            return answer;
        }

        await using var server = SmtpServer.Start(
            new SmtpServerOptions
            {
                Endpoint = endpoint, Name = DomainName.Parse("sink.localhost"), Certificate = () => certificate, AllowsClearAuth = true,
                ConnectionsMax = ConnectionsMax, ConnectionsPerAddressMax = ConnectionsMax,
            },
            new SmtpHandler { Auth = (_, _, _, _) => ValueTask.FromResult(new SmtpAnswer(235, "2.7.0", "Welcome")), Data = Take }, TimeProvider.System);
        await Console.Error.WriteLineAsync($"Taking mail on {server.Endpoint}. Ctrl-C stops.");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await server.Stop(CancellationToken.None);
        var totals = new Totals(messages, refused, octets, Stopwatch.GetElapsedTime(started).TotalSeconds);
        await Console.Out.WriteLineAsync(json
            ? Core.Json.Write(totals)
            : string.Create(CultureInfo.InvariantCulture, $"{totals.Messages} messages, {totals.Refused} of them refused, {totals.Octets} octets in {totals.Seconds:F1} s"));
        return 0;
    }

    static X509Certificate2 Certificate(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sink.localhost", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
