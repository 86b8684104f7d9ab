using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using PenguinMails.Cli;

namespace PenguinMails.Bench.Sending;

/// <summary>The whole way of a message, from its row in the ledger to smtp-sink, unsigned and signed, beside programs that do less: smtp-source, nodemailer reading the same rows, and Postfix relaying.</summary>
static class DeliveryBench
{
    const int Port = 2595;
    const int Rounds = 3; // In turns, the best of each.

    public static async Task Run(int messages, CancellationToken ct)
    {
        using var sink = Peers.Sink(Port);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, ct);
        try
        {
            await using var stage = await Stage.Open(Roles.Web, ct);
            var plain = await Sendings.Open(stage, Port, "bench.example", signs: false, ct);
            await Unsigned(plain, messages, ct);
            await Workers(plain, messages, ct);
            await Signed(stage, messages, ct);
        }
        finally
        {
            sink.Kill();
        }
    }

    static async Task Unsigned(Sendings plain, int messages, CancellationToken ct)
    {
        var warmUp = await plain.Fill(Sendings.WarmUp, ct);
        await plain.Send(warmUp, Sendings.WarmUp, [], ct);
        await using var postfix = await PostfixRelay.Start(Port, ct);
        await postfix.Relay(1_000, ct);
        var (ours, source, node, relay) = (new Sent(0, 0, 0), 0.0, 0.0, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            source = Math.Max(source, await Peers.Source(Port, messages, ct));
            var campaign = await plain.Fill(messages, ct);
            node = Math.Max(node, await Peers.ReadingNodemailer(Port, plain.Stage, warmUp, campaign, ct));
            var sent = await plain.Send(campaign, messages, [], ct);
            if (sent.PerSecond > ours.PerSecond) ours = sent;
            relay = Math.Max(relay, await postfix.Relay(messages / 4, ct));
        }

        var what = $"{ours.PerSecond:N0}/s";
        Stage.Row($"Ledger row to smtp-sink, {messages:N0} messages of 5 KB, unsigned", what, $"smtp-source over 10 connections {source:N0}/s", $"{ours.PerSecond / source:P0}", "at least 35 %, aim 50 %");
        Stage.Row("The same beside nodemailer that reads the same rows and writes nothing", what, $"pool of 10, TCP_NODELAY {node:N0}/s", $"{ours.PerSecond / node:F1} times", "at least 4 times");
        Stage.Row("The same beside Postfix, from smtp-source through its queue to the sink", what, $"{relay:N0}/s, {relay / source:P0} of smtp-source", $"{ours.PerSecond / relay:F1} times", "at least 3 times");
        Stage.Row("Processor time for each message: program, database", string.Create(CultureInfo.InvariantCulture, $"{ours.ProgramMicroseconds:F0} µs, {ours.DatabaseMicroseconds:F0} µs"), "", "", "");
    }

    // Two programs on one database. Where the processors are busy with one already, a second can add nothing; how busy they are is said with it.
    static async Task Workers(Sendings plain, int messages, CancellationToken ct)
    {
        await using var other = plain.Stage.Another();
        await plain.Send(await plain.Fill(Sendings.WarmUp, ct), Sendings.WarmUp, [other.Services], ct);
        var (one, two, busy) = (0.0, 0.0, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            var (idle, started) = (Idle(), Stopwatch.GetTimestamp());
            one = Math.Max(one, (await plain.Send(await Filled(), messages, [], ct)).PerSecond);
            busy = Math.Max(busy, 1 - ((Idle() - idle) / Stopwatch.GetElapsedTime(started).TotalSeconds / Environment.ProcessorCount));
            two = Math.Max(two, (await plain.Send(await plain.Fill(messages, ct), messages, [other.Services], ct)).PerSecond);

            async Task<Guid> Filled()
            {
                var campaign = await plain.Fill(messages, ct);
                (idle, started) = (Idle(), Stopwatch.GetTimestamp());
                return campaign;
            }
        }

        Stage.Row("Two workers on one database", $"{two:N0}/s", $"one worker {one:N0}/s, with {busy:P0} of {Environment.ProcessorCount} cores busy", $"{two / one:F2} times", "at least 1.6 times where a core is to spare");
    }

    static async Task Signed(Stage stage, int messages, CancellationToken ct)
    {
        var signing = await Sendings.Open(stage, Port, "signed.example", signs: true, ct);
        var plain = await Sendings.Open(stage, Port, "plain.example", signs: false, ct);
        await signing.Send(await signing.Fill(Sendings.WarmUp, ct), Sendings.WarmUp, [], ct);
        var (signed, unsigned, signatures) = (0.0, 0.0, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            signatures = Math.Max(signatures, Signatures());
            signed = Math.Max(signed, (await signing.Send(await signing.Fill(messages / 4, ct), messages / 4, [], ct)).PerSecond);
            unsigned = Math.Max(unsigned, (await plain.Send(await plain.Fill(messages / 4, ct), messages / 4, [], ct)).PerSecond);
        }

        // What the processors could do if a message cost what it costs unsigned and one RSA operation, and nothing else.
        var allowed = 1 / ((1 / unsigned) + (1 / signatures));
        Stage.Row($"Signed with RSA-2048, {messages / 4:N0} messages", $"{signed:N0}/s", $"what the RSA operation leaves of {unsigned:N0}/s unsigned: {allowed:N0}/s ({signatures:N0} operations/s on all cores)", $"{signed / allowed:P0}", "at least 80 %");
    }

    /// <returns>RSA-2048 operations a second on all processors.</returns>
    static double Signatures()
    {
        const int EachThread = 1_500;
        var digest = SHA256.HashData([1]);
        var started = Stopwatch.GetTimestamp();
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            using var key = RSA.Create(2048);
            for (var i = 0; i < EachThread; i++) key.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        });
        return EachThread * Environment.ProcessorCount / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <returns>Seconds that the processors had nothing to do, all together, since the machine started.</returns>
    static double Idle() => double.Parse(File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[4], CultureInfo.InvariantCulture) / 100;
}
