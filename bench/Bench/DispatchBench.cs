using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Cli;
using PenguinMails.Delivery.Content;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Bench;

/// <summary>The whole way of a message through ledger, gate and SMTP to smtp-sink, against nodemailer with a pool of 10 to the same sink.</summary>
static class DispatchBench
{
    const int BodyBytes = 5 * 1024;
    const int Port = 2599;
    const int WarmUp = 5_000;
    const int Mailboxes = 2;
    const int Connections = 20; // The most a mailbox may have.

    public static async Task Run(int messages, CancellationToken ct)
    {
        using var sink = Start("/usr/sbin/smtp-sink", ["-u", "postfix", $"127.0.0.1:{Port}", "200"]);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, ct);
        try
        {
            var peer = await Peer(Port, messages, ct);
            var ours = await Ours(messages, ct);
            Stage.Row($"Dispatch of {messages:N0} messages of 5 KB to smtp-sink, ledger and gate included", $"{ours:N0}/s", $"nodemailer, pool of 10, TCP_NODELAY: {peer:N0}/s", $"{ours / peer:F2} times", "at least 2 times");
        }
        finally
        {
            sink.Kill();
        }
    }

    internal static async Task<double> Peer(int port, int messages, CancellationToken ct)
    {
        var folder = Path.Combine(AppContext.BaseDirectory[..AppContext.BaseDirectory.IndexOf("artifacts", StringComparison.Ordinal)], "bench", "peers", "nodemailer");
        using var node = Start("node", [Path.Combine(folder, "run.js"), $"{port}", $"{messages}", $"{BodyBytes}"]);
        var output = await node.StandardOutput.ReadToEndAsync(ct);
        await node.WaitForExitAsync(ct);
        return double.Parse(output, CultureInfo.InvariantCulture);
    }

    /// <returns>Messages per second after a warm-up, as the peer has one too: what is measured is a program that runs for weeks.</returns>
    static async Task<double> Ours(int messages, CancellationToken ct)
    {
        await using var stage = await Stage.Open(Roles.Web, ct);
        var clock = TimeProvider.System;
        var mailboxes = new List<Guid>();
        for (var i = 0; i < Mailboxes; i++)
            mailboxes.Add((await ConnectMailbox.Handle(stage.Actor, new ConnectMailbox.Input($"sender{i}@bench.example", "Sender",
                new ConnectMailbox.ServerInput("127.0.0.1", Port, ConnectionSecurity.None, "u", "p"), null, 1_000_000, 0, Connections), stage.Db, stage.App.Services.GetRequiredService<MailboxSecrets>(), "bench", clock, ct)).Value.Id.Value);
        await Send(stage, mailboxes, WarmUp, ct);
        return messages / await Send(stage, mailboxes, messages, ct);
    }

    static async Task<double> Send(Stage stage, List<Guid> mailboxes, int messages, CancellationToken ct)
    {
        var (clock, campaign) = (TimeProvider.System, Guid.CreateVersion7());
        await Fill(stage, campaign, mailboxes, messages, clock, ct);
        var (started, cost) = (Stopwatch.GetTimestamp(), new Cost(stage.DataFolder));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var running = Delivery.DeliveryModule.Dispatch(stage.App.Services, stop.Token);
        while (await Waiting(stage, ct) && Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(5)) await Task.Delay(TimeSpan.FromMilliseconds(50), clock, ct);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (messages > WarmUp) Stage.Row("Processor time for each message: program, database", cost.PerMessage(messages), "", "", "");
        await stop.CancelAsync();
        await running;
        var counts = (await ReadCounts.Handle(stage.Actor, campaign, stage.Db, ct)).Value;
        return counts.Sent == messages ? seconds : throw new InvalidOperationException($"Only {counts.Sent} of {messages} were sent: {counts}");
    }

    // A message leaves the queue with its outcome. Counting the ledger instead would cost more than sending.
    static async Task<bool> Waiting(Stage stage, CancellationToken ct)
    {
        await using var tx = await stage.Db.BeginUnscoped(ct);
        return (await tx.List("select 1 from delivery.queue limit 1", row => row.GetInt32(0), ct)).Count > 0;
    }

    static async Task Fill(Stage stage, Guid campaign, List<Guid> mailboxes, int messages, TimeProvider clock, CancellationToken ct)
    {
        var tokens = stage.App.Services.GetRequiredService<Tokens>();
        await using var tx = await stage.Db.Begin(stage.Tenant, ct);
        var content = await WriteContent.Within(tx, new WriteContent.Step(campaign, 1, "Hello {{first_name|there}}", null, "Hello {{first_name|there}}\n" + new string('x', 70) + "\n" +
            string.Concat(Enumerable.Repeat(new string('y', 75) + "\n", (BodyBytes - 300) / 76)) + "{{unsubscribe_url}}\n{{physical_address}}\n", "Bench Ltd", "1 Street"), clock.GetUtcNow(), ct);
        await ControlCampaign.Start(tx, campaign, stage.Workspace, SendPlan.Plain(SendWindow.Always), clock.GetUtcNow(), ct);
        for (var from = 0; from < messages; from += 2000)
            await EnqueueMessages.Within(tx, stage.Workspace, campaign, 1, content, [.. Enumerable.Range(from, Math.Min(2000, messages - from)).Select(i =>
                new EnqueueMessages.Recipient(Guid.CreateVersion7(), $"person{i}@company{i % 1000}.example", """{"first_name":"Anna"}""", mailboxes[i % mailboxes.Count]))], clock.GetUtcNow(), tokens, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
    }

    internal static Process Start(string program, string[] words)
    {
        if (program.StartsWith('/') && !File.Exists(program)) throw new InvalidOperationException($"{program} of the package postfix is missing. Run: apt-get install -y --no-install-recommends postfix");
        return Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true }) ?? throw new InvalidOperationException($"{program} did not start.");
    }
}

/// <summary>Processor time spent since it was made, by this process and by the database behind a data folder.</summary>
sealed class Cost(string dataFolder)
{
    readonly TimeSpan _program = Environment.CpuUsage.TotalTime;
    readonly double _database = Database(dataFolder);

    public string PerMessage(int messages) => string.Create(CultureInfo.InvariantCulture,
        $"{(Environment.CpuUsage.TotalTime - _program).TotalMicroseconds / messages:F0} µs, {(Database(dataFolder) - _database) * 1e6 / messages:F0} µs");

    // Fields 14 and 15 of /proc/PID/stat, in hundredths of a second; a server process stands in its data folder.
    static double Database(string dataFolder) => Directory.GetDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])).Sum(process =>
    {
        try
        {
            var fields = File.ReadAllText(process + "/stat").Split(") ");
            if (!fields[0].EndsWith("(postgres", StringComparison.Ordinal) || Directory.ResolveLinkTarget(process + "/cwd", false)?.FullName.StartsWith(dataFolder, StringComparison.Ordinal) != true) return 0;
            var times = fields[1].Split(' ');
            return (double.Parse(times[11], CultureInfo.InvariantCulture) + double.Parse(times[12], CultureInfo.InvariantCulture)) / 100;
        }
        catch (IOException)
        {
            return 0; // Ended meanwhile.
        }
    });
}
