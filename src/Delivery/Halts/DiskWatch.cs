using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Halts;

/// <summary>Stops sending before the database's disk is full, while what is under way can still be written, and lets it go on when there is room.</summary>
sealed class DiskWatch(DataDisk disk, TenantDb db, TimeProvider clock, ILogger<DiskWatch> log) : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (disk.Look(clock) is not { } first) return;
        DiskLevel? known = null;
        try
        {
            for (; !stoppingToken.IsCancellationRequested; await Task.Delay(Every, clock, stoppingToken))
                if (disk.Look(clock) is { } now) known = await Step(disk.Judge(now, first, known), known, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    /// <returns>The level that is acted on; the one before where the database did not take it, so that it is tried again.</returns>
    async Task<DiskLevel?> Step(DataDisk.Verdict verdict, DiskLevel? known, CancellationToken ct)
    {
        if (verdict.Level == known && known != DiskLevel.Full) return known;
        try
        {
            // Each time: somebody may have let everybody go on meanwhile.
            if (verdict.Level == DiskLevel.Full) await HaltPlatform.ForDisk($"{verdict.Sentence} Sending goes on by itself when there is room.", db, clock, ct);
            else if (known is null or DiskLevel.Full) await HaltPlatform.LiftForDisk(db, clock, ct);
        }
        catch (Npgsql.NpgsqlException lost)
        {
            log.DatabaseLost(lost);
            return known;
        }

        if (verdict.Level == known) return known;
        if (verdict.Level == DiskLevel.Full) log.DiskFull(verdict.Sentence);
        else if (verdict.Level == DiskLevel.Low) log.DiskLow(verdict.Sentence);
        else if (known is not null) log.DiskEnough(verdict.Sentence);
        return verdict.Level;
    }
}
