using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Kpis;

/// <summary>Writes what <see cref="ApiTimes"/> counted, every ten seconds and at the end.</summary>
sealed class ApiTimesWriter(ApiTimes times, TenantDb db, TimeProvider clock, ILogger<ApiTimesWriter> log) : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Write();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Every, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
            await Write();
        }
    }

    async Task Write()
    {
        try
        {
            await times.Write(db, CancellationToken.None);
        }
        catch (Npgsql.NpgsqlException lost)
        {
            log.ApiTimesNotWritten(lost); // They are kept, and written the next time.
        }
    }
}
