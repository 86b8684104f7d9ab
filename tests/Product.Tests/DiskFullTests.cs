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
        await using var penguin = Penguin.Prepare(("DATA__FLOORMEGABYTES", "0"));
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

    [Fact(Timeout = 480_000)]
    public async Task A_disk_that_is_nearly_full_stops_mail_while_all_can_still_be_written()
    {
        // More recipients than are reached before it is seen, and more room than what is sent meanwhile needs.
        const int megabytes = 1_000, floor = 256, left = 200, recipients = 12_000;
        await using var disk = await SmallDisk.Make(megabytes, Ct);
        await using var far = FarEnd.Start();
        await using var penguin = Penguin.Prepare(("DATA__FLOORMEGABYTES", $"{floor}"), ("METRICS__TOKEN", "watch"));
        Directory.CreateSymbolicLink(Path.Combine(penguin.Folder, "db"), disk.Folder);
        await penguin.Launch(Ct);
        using var api = new Api(penguin.Web, TimeProvider.System);
        var chaos = await ChaosCampaigns.Make(api, penguin, far, recipients, output.WriteLine, Ct);
        far.Begin("floor");
        await chaos.Launch(1, Ct);
        while (far.Taken.Count < recipients / 40) await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Ct);
        disk.Fill(leaving: left << 20);
        await StandsStill(far);
        var taken = far.Taken.Count;
        output.WriteLine($"{disk.Free >> 20} MB left; {taken} of {recipients} were taken");
        Assert.InRange(taken, 1, recipients - 1);
        Assert.True(disk.Free > left / 2 << 20, $"{disk.Free} octets are free");
        Assert.Contains("Sending is stopped for want of room. The database's disk has", penguin.Output, StringComparison.Ordinal);
        Assert.Contains("penguin_platform_halted 1\n", await Metrics(penguin), StringComparison.Ordinal);
        Assert.Contains($"penguin_data_disk_size_bytes {(long)megabytes << 20}\n", await Metrics(penguin), StringComparison.Ordinal);

        // A person's stop outlasts the program's own.
        Assert.Equal(0, (await Penguin.Verb(penguin.Settings, Ct, "queue", "suspend", "--all", "--reason", "A look at the disk.")).Code);
        disk.Clear();
        await api.Until<object>("Room seen", Patience, () => Task.FromResult<object?>(SeesRoom(penguin.Output) ? output : null), Ct);
        Assert.Contains("penguin_platform_halted 1\n", await Metrics(penguin), StringComparison.Ordinal);
        disk.Fill(leaving: left << 20);
        await api.Until<object>("Want of room seen", Patience, () => Task.FromResult<object?>(SeesRoom(penguin.Output) ? null : output), Ct);
        Assert.Equal(0, (await Penguin.Verb(penguin.Settings, Ct, "queue", "resume", "--all")).Code);
        await api.Until<object>("Stopped again", Patience, async () => (await Metrics(penguin)).Contains("penguin_platform_halted 1\n", StringComparison.Ordinal) ? output : null, Ct);
        disk.Clear();
        await api.Until<object>("Everything decided", Patience, async () => await chaos.IsDecided(Ct) ? output : null, Ct);
        Assert.Contains("penguin_platform_halted 0\n", await Metrics(penguin), StringComparison.Ordinal);
        var (summary, faults) = await chaos.Judge(Ct);
        output.WriteLine(summary);
        Assert.Empty(faults);
    }

    static bool SeesRoom(string log) =>
        Math.Max(log.LastIndexOf("Make room soon.", StringComparison.Ordinal), log.LastIndexOf("There is room again.", StringComparison.Ordinal)) > log.LastIndexOf("for want of room.", StringComparison.Ordinal);

    static async Task<string> Metrics(Penguin penguin)
    {
        using var http = new HttpClient { BaseAddress = penguin.Web, DefaultRequestHeaders = { Authorization = new("Bearer", "watch") } };
        return await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Ct);
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
