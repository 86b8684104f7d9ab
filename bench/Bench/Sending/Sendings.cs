using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Delivery;
using PenguinMails.Delivery.Content;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Secrets;

namespace PenguinMails.Bench.Sending;

/// <summary>How fast a queue was sent, and what one message cost the processors.</summary>
sealed record Sent(double PerSecond, double ProgramMicroseconds, double DatabaseMicroseconds);

/// <summary>Mailboxes of the stage's account that lead to a sink, and messages in the ledger that wait to be sent from them.</summary>
sealed class Sendings(Stage stage, IReadOnlyList<Guid> mailboxes)
{
    /// <summary>Messages that are sent before anything is measured: what counts is a program that runs for weeks, not its first seconds.</summary>
    public const int WarmUp = 5_000;

    public const int BodyBytes = 5 * 1024;

    const int Mailboxes = 2;
    const int Connections = 20; // The most a mailbox may have.

    public Stage Stage => stage;

    public IReadOnlyList<Guid> Senders => mailboxes;

    /// <param name="domain">Of the mailboxes' addresses.</param>
    /// <param name="signs">True: the domain is the account's, so its mail is signed with RSA-2048.</param>
    public static async Task<Sendings> Open(Stage stage, int port, string domain, bool signs, CancellationToken ct)
    {
        var (services, clock) = (stage.App.Services, TimeProvider.System);
        if (signs) await AddDomain.Handle(stage.Actor, new(domain), stage.Db, services.GetRequiredService<SealedBox>(), services.GetRequiredService<PlatformHosts>(), clock, ct);
        var made = new List<Guid>();
        for (var i = 0; i < Mailboxes; i++)
            made.Add((await ConnectMailbox.Handle(stage.Actor, new ConnectMailbox.Input($"sender{i}@{domain}", "Sender",
                new ConnectMailbox.ServerInput("127.0.0.1", port, ConnectionSecurity.None, "u", "p"), null, 1_000_000, 0, Connections), stage.Db, services.GetRequiredService<MailboxSecrets>(), "bench", clock, ct)).Value.Id.Value);
        return new(stage, made);
    }

    /// <summary>Writes a campaign of messages into ledger and queue; they wait until somebody dispatches.</summary>
    public async Task<Guid> Fill(int messages, CancellationToken ct)
    {
        var (clock, campaign) = (TimeProvider.System, Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        var tokens = stage.App.Services.GetRequiredService<Tokens>();
        await using var tx = await stage.Db.Begin(stage.Tenant, ct);
        var content = await WriteContent.Within(tx, new WriteContent.Step(campaign, 1, "Hello {{first_name|there}}", null, "Hello {{first_name|there}}\n" + new string('x', 70) + "\n" +
            string.Concat(Enumerable.Repeat(new string('y', 75) + "\n", (BodyBytes - 300) / 76)) + "{{unsubscribe_url}}\n{{physical_address}}\n", "Bench Ltd", "1 Street"), clock.GetUtcNow(), ct);
        await ControlCampaign.Start(tx, campaign, stage.Workspace, SendPlan.Plain(SendWindow.Always), clock.GetUtcNow(), ct);
        for (var from = 0; from < messages; from += 2000)
            await EnqueueMessages.Within(tx, stage.Workspace, campaign, 1, content, [.. Enumerable.Range(from, Math.Min(2000, messages - from)).Select(i =>
                new EnqueueMessages.Recipient(Guid.CreateVersion7(clock.GetUtcNow()), $"person{i}@company{i % 1000}.example", """{"first_name":"Anna"}""", mailboxes[i % mailboxes.Count]))], clock.GetUtcNow(), tokens, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return campaign;
    }

    /// <summary>Dispatches until the queue is empty; then the ledger must say that all of the campaign is sent.</summary>
    /// <param name="also">Other workers beside the stage's own.</param>
    public async Task<Sent> Send(Guid campaign, int messages, IReadOnlyList<IServiceProvider> also, CancellationToken ct)
    {
        var (clock, started, cost) = (TimeProvider.System, Stopwatch.GetTimestamp(), new Cost(stage.DataFolder));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var running = new[] { stage.App.Services }.Concat(also).Select(services => DeliveryModule.Dispatch(services, stop.Token)).ToList();
        while (await Waiting(ct) && Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(5)) await Task.Delay(TimeSpan.FromMilliseconds(50), clock, ct);
        var sent = new Sent(messages / Stopwatch.GetElapsedTime(started).TotalSeconds, cost.Program / messages, cost.Database / messages);
        await stop.CancelAsync();
        await Task.WhenAll(running);
        var counts = (await ReadCounts.Handle(stage.Actor, campaign, stage.Db, ct)).Value;
        return counts.Sent == messages ? sent : throw new InvalidOperationException($"Only {counts.Sent} of {messages} were sent: {counts}");
    }

    // A message leaves the queue with its outcome. Counting the ledger, or reading the queue past all that left it, would cost more than sending.
    async Task<bool> Waiting(CancellationToken ct)
    {
        const string one = "select 1 from delivery.queue where mailbox_id = $1 order by due_at, message_id limit 1";
        await using var tx = await stage.Db.BeginUnscoped(ct);
        foreach (var mailbox in mailboxes)
            if ((await tx.List(one, row => row.GetInt32(0), ct, mailbox)).Count > 0) return true;
        return false;
    }
}
