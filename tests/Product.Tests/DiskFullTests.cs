using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>The database's disk fills up in the middle of a send: mail stops rather than go out unwritten, and goes on when there is room, nobody mailed twice.</summary>
/// <remarks>The disk is one of memory with a fixed size, which only root may make; without, it is skipped and says so.</remarks>
public sealed class DiskFullTests(ITestOutputHelper output)
{
    const int Recipients = 3_000, Megabytes = 400;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 480_000)]
    public async Task A_full_disk_stops_mail_and_costs_none()
    {
        await using var disk = await SmallDisk.Make(Megabytes, Ct);
        await using var far = FarEnd.Start();
        await using var penguin = Penguin.Prepare();
        Directory.CreateSymbolicLink(Path.Combine(penguin.Folder, "db"), disk.Folder);
        await penguin.Launch(Ct);
        using var api = new Api(penguin.Web, TimeProvider.System);
        var chaos = await ChaosCampaigns.Make(api, penguin, far, Recipients, output.WriteLine, Ct);
        far.Begin("disk");
        await chaos.Launch(1, Ct);
        while (far.Taken.Count < Recipients / 10) await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Ct);
        disk.Fill();
        await StandsStill(far);
        var taken = far.Taken.Count;
        output.WriteLine($"full; {taken} of {Recipients} were taken, the program {(penguin.HasEnded ? "ended" : "runs on")}");
        Assert.InRange(taken, 1, Recipients - 1);
        Assert.True(disk.Free < 1 << 20, $"{disk.Free} octets are free");
        Assert.False(penguin.HasEnded, penguin.Output); // It waits for room.

        disk.Clear();
        if (!await GoesOn(api, chaos))
        {
            // The database had stopped for good, as PostgreSQL does when it cannot write its write-ahead log: whoever made room starts it again.
            output.WriteLine("started again");
            if (!penguin.HasEnded) await penguin.Kill();
            await penguin.Launch(Ct);
        }

        await api.Until<object>("Everything decided", Patience, async () => await chaos.IsDecided(Ct) ? output : null, Ct);
        var (summary, faults) = await chaos.Judge(Ct);
        output.WriteLine(summary);
        Assert.Empty(faults);
    }

    /// <summary>Until nothing has come for ten seconds.</summary>
    static async Task StandsStill(FarEnd far)
    {
        for (var (last, still) = (-1, 0); still < 100; (last, still) = far.Taken.Count == last ? (last, still + 1) : (far.Taken.Count, 0))
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ct);
    }

    static async Task<bool> GoesOn(Api api, ChaosCampaigns chaos)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            try
            {
                await chaos.IsDecided(Ct);
                return true;
            }
            catch (Exception failure) when (failure is DemoFailed or HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Ct);
            }
        }

        return false;
    }
}
