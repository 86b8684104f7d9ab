using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>How fast a server takes mail over connections that are kept.</summary>
static class BenchVerb
{
    const int ConnectionsMax = 1_000;
    const int SizeMax = 50 * 1024 * 1024;

    /// <param name="Accepted">Messages the server took.</param>
    sealed record Report(string To, int Count, int Size, int Connections, long Accepted, long Refused, long Lost, double Seconds, double PerSecond, double P50Ms, double P95Ms, double P99Ms, string? FirstTrouble);

    public static Command Command()
    {
        var to = new Option<string>("--to") { Description = "HOST:PORT of the server.", Required = true };
        var count = new Option<int>("--count") { Description = "Messages in all.", DefaultValueFactory = _ => 10_000 };
        var size = new Option<int>("--size") { Description = "Octets of each message, 200 to 52428800.", DefaultValueFactory = _ => 5 * 1024 };
        var connections = new Option<int>("--connections") { Description = "Connections at once, 1 to 1000.", DefaultValueFactory = _ => 10 };
        var from = new Option<string>("--from") { Description = "Envelope sender.", DefaultValueFactory = _ => "bench@bench.example" };
        var recipient = new Option<string>("--recipient") { Description = "Envelope recipient.", DefaultValueFactory = _ => "sink@bench.example" };
        var json = new Option<bool>("--json") { Description = "Print the report as JSON." };
        var command = new Command("bench", "Send many messages to a server and say how fast it took them. Only at servers of your own.") { to, count, size, connections, from, recipient, json };
        command.SetAction((parsed, ct) => Run(
            parsed.GetValue(to) ?? "", Math.Max(1, parsed.GetValue(count)), Math.Clamp(parsed.GetValue(size), 200, SizeMax), Math.Clamp(parsed.GetValue(connections), 1, ConnectionsMax),
            new SmtpEnvelope(EmailAddress.Parse(parsed.GetValue(from) ?? ""), EmailAddress.Parse(parsed.GetValue(recipient) ?? "")), parsed.GetValue(json), ct));
        return command;
    }

    static async Task<int> Run(string to, int count, int size, int connections, SmtpEnvelope envelope, bool json, CancellationToken ct)
    {
        Core.InlineSockets.Use();
        var options = new SmtpClientOptions { Server = ServerAddress.Parse(to, 25), EhloName = "bench.localhost", Tls = TlsPolicy.None };
        var (message, next, started) = (Message(envelope, size), 0, Stopwatch.GetTimestamp());
        var lanes = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => Lane(options, envelope, message, () => Interlocked.Increment(ref next) <= count, ct), ct)));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var report = Summary(to, count, size, connections, seconds, lanes);
        await Console.Out.WriteLineAsync(json ? Core.Json.Write(report) : Text(report));
        return report.Accepted == count ? 0 : 1;
    }

    sealed class Tally
    {
        public long Accepted, Refused, Lost;
        public string? Trouble;
        public List<double> Milliseconds { get; } = [];
    }

    static async Task<Tally> Lane(SmtpClientOptions options, SmtpEnvelope envelope, ReadOnlyMemory<byte> message, Func<bool> more, CancellationToken ct)
    {
        var tally = new Tally();
        var next = new SmtpNext(envelope, message);
        SmtpConnection? connection = null;
        for (var hasOne = more(); hasOne;)
        {
            if (connection is not { IsOpen: true })
            {
                var opening = await SmtpConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, ct);
                if (opening.Connection is null)
                {
                    tally.Lost++;
                    tally.Trouble ??= opening.Refusal?.Text;
                    break;
                }

                connection = opening.Connection;
            }

            var at = Stopwatch.GetTimestamp();
            hasOne = more();
            var outcome = await connection.Send(envelope, message, hasOne ? next : null, null, ct);
            tally.Milliseconds.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            if (outcome.Kind == SmtpKind.Accepted) tally.Accepted++;
            else if (outcome.Code > 0) tally.Refused++;
            else tally.Lost++;
            if (outcome.Kind != SmtpKind.Accepted) tally.Trouble ??= $"{outcome.Code} {outcome.EnhancedCode} {outcome.Text}";
        }

        if (connection is not null) await connection.Quit(ct);
        return tally;
    }

    static Report Summary(string to, int count, int size, int connections, double seconds, Tally[] lanes)
    {
        var times = lanes.SelectMany(l => l.Milliseconds).Order().ToArray();
        double At(double share) => times.Length == 0 ? 0 : times[Math.Min(times.Length - 1, (int)(times.Length * share))];
        var accepted = lanes.Sum(l => l.Accepted);
        return new(to, count, size, connections, accepted, lanes.Sum(l => l.Refused), lanes.Sum(l => l.Lost), seconds, accepted / seconds, At(0.5), At(0.95), At(0.99),
            lanes.Select(l => l.Trouble).FirstOrDefault(t => t is not null));
    }

    static string Text(Report r) => string.Create(CultureInfo.InvariantCulture,
        $"{r.Accepted} of {r.Count} messages of {r.Size} octets accepted by {r.To} over {r.Connections} connections in {r.Seconds:F2} s: {r.PerSecond:F0}/s\n" +
        $"  each took {r.P50Ms:F2} ms (median), {r.P95Ms:F2} ms (95 %), {r.P99Ms:F2} ms (99 %)   refused {r.Refused}   lost {r.Lost}{(r.FirstTrouble is null ? "" : "\n  first trouble: " + r.FirstTrouble)}");

    static byte[] Message(SmtpEnvelope envelope, int size)
    {
        var text = new StringBuilder($"From: <{envelope.Sender?.Text}>\r\nTo: <{envelope.Recipient.Text}>\r\nSubject: bench\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <bench@bench.example>\r\n\r\n");
        while (text.Length + 80 <= size) text.Append('x', 78).Append("\r\n");
        if (size - text.Length > 2) text.Append('x', size - text.Length - 2).Append("\r\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
