using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Collect;

/// <summary>Looks into mailboxes over IMAP. Any number of processes may run one each; a mailbox is held by one at a time.</summary>
/// <remarks>A service and not a job: a connection that waits for news lives for hours, and jobs are few at a time. What a job would give, the lease, the turn and
/// the back-off, is in <c>delivery.collection</c>.</remarks>
sealed class Collector(TenantDb db, MailboxSecrets secrets, Outbound outbound, CollectOptions options, DeliveryOptions delivery, TimeProvider clock, ILogger<Collector> log) : BackgroundService
{
    static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    readonly SemaphoreSlim _waiting = new(options.WaitingMax);

    public override void Dispose()
    {
        _waiting.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = new HashSet<Task>();
        while (!stoppingToken.IsCancellationRequested)
        {
            running.RemoveWhere(task => task.IsCompleted);
            var room = options.ConnectionsMax - running.Count;
            foreach (var held in room > 0 ? await Claim(room, stoppingToken) : []) running.Add(Look(held, stoppingToken));
            var idle = Task.Delay(Poll, clock, stoppingToken);
            await (running.Count < options.ConnectionsMax ? idle : Task.WhenAny(running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(running);
    }

    async Task<List<Collection>> Claim(int limit, CancellationToken ct)
    {
        try
        {
            return await Collections.Claim(db, limit, TimeSpan.FromSeconds(options.LeaseSeconds), clock.GetUtcNow(), ct);
        }
        catch (Npgsql.NpgsqlException lost)
        {
            log.CollectorDatabaseLost(lost);
            return [];
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }

    async Task Look(Collection held, CancellationToken ct)
    {
        try
        {
            await new CollectRun(held, db, secrets, outbound, options, _waiting, clock, log, delivery.Pool).Run(ct);
        }
#pragma warning disable CA1031 // The edge of the collector: one mailbox's fault must not stop the others. The lease runs out and the mailbox is tried again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            log.CollectionFailed(failure, held.Mailbox.Value);
        }
    }
}
