using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PenguinMails.Core.Db;

namespace PenguinMails.Core.Jobs;

/// <summary>Runs jobs: claims in batches, renews leases, retries with back-off, buries after the last attempt.</summary>
/// <remarks>At most <see cref="ConcurrencyMax"/> at once. A process that dies loses nothing: its leases run out after 60 s.</remarks>
public sealed class JobWorker(TenantDb db, JobKinds kinds, JobSignal signal, IServiceProvider services, TimeProvider clock, ILogger<JobWorker> log) : BackgroundService
{
    const int ConcurrencyMax = 8;
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);
    static readonly TimeSpan Renewal = TimeSpan.FromSeconds(20);
    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Plant(stoppingToken).ConfigureAwait(false);
        var slots = new SemaphoreSlim(ConcurrencyMax);
        while (!stoppingToken.IsCancellationRequested)
        {
            var woken = signal.Wait();
            await slots.WaitAsync(stoppingToken).ConfigureAwait(false);
            slots.Release();
            var claimed = await ClaimSome(slots.CurrentCount, stoppingToken).ConfigureAwait(false);
            foreach (var job in claimed)
            {
                await slots.WaitAsync(stoppingToken).ConfigureAwait(false);
                _ = RunThenRelease(job, slots, stoppingToken); // Owned by the slot: the loop waits for all slots before it ends.
            }

            if (claimed.Count == 0) await Task.WhenAny(woken, Task.Delay(Poll, clock, stoppingToken)).ConfigureAwait(false);
        }

        for (var i = 0; i < ConcurrencyMax; i++) await slots.WaitAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Runs what is due until nothing is left; for tests and for the command line.</summary>
    /// <returns>Number of jobs run.</returns>
    public async Task<int> RunDue(CancellationToken ct)
    {
        var count = 0;
        while (await ClaimSome(ConcurrencyMax, ct).ConfigureAwait(false) is { Count: > 0 } claimed)
        {
            foreach (var job in claimed) await Run(job, ct).ConfigureAwait(false);
            count += claimed.Count;
        }

        return count;
    }

    async Task<List<ClaimedJob>> ClaimSome(int limit, CancellationToken ct)
    {
        try
        {
            return await JobStore.Claim(db, kinds.Names, limit, Lease, clock.GetUtcNow(), ct).ConfigureAwait(false);
        }
        catch (Npgsql.NpgsqlException lost) when (!ct.IsCancellationRequested)
        {
            log.DatabaseLost(lost);
            await Task.Delay(Poll, clock, ct).ConfigureAwait(false);
            return [];
        }
    }

    async Task Plant(CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct).ConfigureAwait(false);
        foreach (var (kind, every) in kinds.Recurring)
            await tx.Enqueue(new JobOrder<NoPayload>(kind, new NoPayload()) { UniqueKey = "recurring", EverySeconds = every }, clock.GetUtcNow(), ct).ConfigureAwait(false);
        await tx.Commit(ct).ConfigureAwait(false);
    }

    async Task RunThenRelease(ClaimedJob job, SemaphoreSlim slots, CancellationToken ct)
    {
        try
        {
            await Run(job, ct).ConfigureAwait(false);
        }
        finally
        {
            slots.Release();
        }
    }

    async Task Run(ClaimedJob job, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var renewal = KeepLease(job, stop);
        string? error = null;
        TimeSpan? again = null;
        var state = "done";
        try
        {
            var isLost = job.Attempt > job.AttemptsMax && job.EverySeconds is null;
            var handle = isLost ? kinds.Burial(job.Kind) : kinds.Find(job.Kind) ?? throw new InvalidOperationException($"No handler for {job.Kind}.");
            var payload = await JobStore.Start(db, job, clock.GetUtcNow(), ct).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"Job {job.Id} has no payload.");
            var run = new JobRun(job, db, services);
            await handle(payload, run, stop.Token).ConfigureAwait(false);
            again = run.LooksAgainAfter;
            if (isLost) (state, error) = ("dead", "Its worker died at every attempt.");
        }
        catch (JobCancelled)
        {
            state = "cancelled";
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            state = "ready"; // The program stops, or the lease is lost; the next holder starts over.
        }
#pragma warning disable CA1031 // The edge of jobs: whatever a handler throws becomes a retry, logged once here.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            log.JobFailed(failure, job.Id.Value, job.Kind, job.Attempt);
            error = failure.GetType().Name + ": " + failure.Message;
            state = job.Attempt >= job.AttemptsMax && job.EverySeconds is null ? "dead" : "ready";
        }

        await stop.CancelAsync().ConfigureAwait(false);
        await renewal.ConfigureAwait(false);
        await End(job, state, again, error).ConfigureAwait(false);
    }

    async Task End(ClaimedJob job, string state, TimeSpan? again, string? error)
    {
        var now = clock.GetUtcNow();
        var (next, dueAt, attempts) = (state, error) switch
        {
            ("done", _) when (again ?? Every(job)) is { } pause => ("ready", now + pause, 0),
            ("ready", null) => ("ready", now, job.Attempt - 1),
            ("ready", _) => ("ready", now + Backoff.After(job.Attempt, job.Id.Value.GetHashCode()), job.EverySeconds is null ? job.Attempt : 0),
            _ => (state, (DateTimeOffset?)null, job.Attempt),
        };
        try
        {
            await JobStore.Finish(db, job, next, dueAt, attempts, error, now, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Npgsql.NpgsqlException lost)
        {
            log.DatabaseLost(lost); // The lease runs out and the job runs again.
        }
    }

    static TimeSpan? Every(ClaimedJob job) => job.EverySeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    async Task KeepLease(ClaimedJob job, CancellationTokenSource stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Renewal, clock, stop.Token).ConfigureAwait(false);
                if (await JobStore.Renew(db, job, Lease, clock.GetUtcNow(), stop.Token).ConfigureAwait(false)) continue;
                await stop.CancelAsync().ConfigureAwait(false);
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // The job ended.
        }
        catch (Npgsql.NpgsqlException lost)
        {
            log.DatabaseLost(lost);
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>Delay between attempts of a job.</summary>
public static class Backoff
{
    /// <summary>2 s, 4 s, 8 s and so on up to 1 h, times a jitter of 0.8 to 1.2 drawn from <paramref name="seed"/>.</summary>
    /// <param name="attempt">1 for the first failure.</param>
    public static TimeSpan After(int attempt, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        var seconds = Math.Min(3600, Math.Pow(2, Math.Min(attempt, 20)));
        var jitter = 0.8 + 0.4 * new Random(HashCode.Combine(seed, attempt)).NextDouble();
        return TimeSpan.FromSeconds(seconds * jitter);
    }
}
