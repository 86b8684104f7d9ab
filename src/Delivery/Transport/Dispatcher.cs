using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Content;
using PenguinMails.Delivery.Direct;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Secrets;

namespace PenguinMails.Delivery.Transport;

/// <summary>Serves the mailboxes that have something due. Any number of processes may run one each; a lane is held by one at a time.</summary>
sealed class Dispatcher(
    TenantDb db, MailboxSecrets secrets, SealedBox box, Outbound outbound, DirectReach reach, RenderMessage render, DeliveryOptions options, JobSignal signal, TimeProvider clock, ILogger<Dispatcher> log)
    : BackgroundService
{
    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = new HashSet<Task>();
        LaneJournal.Sweep(options.JournalFolder, clock.GetUtcNow());
        while (!stoppingToken.IsCancellationRequested)
        {
            var woken = signal.Wait();
            running.RemoveWhere(task => task.IsCompleted);
            var lanes = running.Count < options.LanesMax ? await Claim(options.LanesMax - running.Count, stoppingToken) : [];
            foreach (var lane in lanes) running.Add(Serve(lane, stoppingToken));
            var idle = Task.Delay(Poll, clock, stoppingToken);
            await (running.Count < options.LanesMax ? Task.WhenAny(woken, idle) : Task.WhenAny([.. running, idle]));
            await reach.Pool.Tend();
        }

        var last = Task.WhenAll(running);
        while (await Task.WhenAny(last, Task.Delay(Poll, clock, CancellationToken.None)) != last) await reach.Pool.Tend();
        await reach.Pool.Close();
    }

    /// <summary>Serves every ready lane once, one after the other; for tests and for the command line.</summary>
    /// <returns>Number of lanes served.</returns>
    public async Task<int> RunOnce(CancellationToken ct)
    {
        var lanes = await Claim(options.LanesMax, ct);
        foreach (var lane in lanes) await Serve(lane, ct);
        return lanes.Count;
    }

    async Task<List<Lane>> Claim(int limit, CancellationToken ct)
    {
        try
        {
            return await Lanes.Claim(db, limit, TimeSpan.FromSeconds(options.LeaseSeconds), clock.GetUtcNow(), ct);
        }
        catch (Npgsql.NpgsqlException lost)
        {
            log.DatabaseLost(lost);
            return [];
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }

    async Task Serve(Lane lane, CancellationToken ct)
    {
        try
        {
            await new LaneRun(lane, db, secrets, box, outbound, reach, render, options, clock, log).Run(ct);
        }
#pragma warning disable CA1031 // The edge of the dispatcher: one mailbox's fault must not stop the others. The lease runs out and the lane is tried again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            log.LaneFailed(failure, lane.Mailbox.Value);
        }
    }
}
