using PenguinMails.Cli.Demo;
using PenguinMails.Core.Db;

namespace PenguinMails.Product.Tests;

/// <summary>Web and worker in processes of their own: the web process dies in the middle of requests, and what it was asked is done whole or not at all, while mail goes on.</summary>
public sealed class WebKillTests(ITestOutputHelper output) : IDisposable
{
    const int Recipients = 1_500, Kills = 4;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    readonly BackupPlace _place = new();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _place.Dispose();

    [Fact(Timeout = 600_000)]
    public async Task The_web_process_may_die_at_any_request_and_mail_goes_on()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var server = await PrivateCluster.Start(_place.Folder("server"), durable: true, TimeProvider.System, Ct);
        await using var far = FarEnd.Start();
        await using var all = await Penguin.Start(Ct, ("DATABASE__CONNECTION", server.Connection("postgres", "penguin")), ("DATABASE__APPCONNECTION", server.Connection("penguin_app", "penguin")));
        using var api = new Api(all.Web, TimeProvider.System);
        var chaos = await ChaosCampaigns.Make(api, all, far, Recipients, output.WriteLine, Ct);
        Assert.Equal(0, await all.Stop());

        await using var worker = all.Beside("worker,edge");
        await using var web = all.Beside("web,sandbox");
        await worker.Launch(Ct);
        await web.Launch(Ct);
        far.Takes = TimeSpan.FromMilliseconds(300);
        far.Begin("web");
        await chaos.Launch(1, Ct);
        for (var kill = 1; kill <= Kills; kill++)
        {
            while (far.Taken.Count < kill * Recipients / 8) await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Ct);
            var wasHeard = await Cut(web, chaos.Steer("pause", Ct), random);
            output.WriteLine($"killed at {far.Taken.Count}, the request {(wasHeard ? "answered" : "cut off")}");
            await web.Launch(Ct);
            await Running(api, chaos);
        }

        await api.Until<object>("Everything decided", Patience, async () => await chaos.IsDecided(Ct) ? output : null, Ct);
        var (summary, faults) = await chaos.Judge(Ct);
        output.WriteLine(summary);
        Assert.Empty(faults);
        Assert.Equal(Recipients, far.Taken.Count);
        Assert.DoesNotContain(await api.All($"/api/v1/campaigns/{chaos.CampaignId}/messages", Ct), row => row.GetProperty("state").GetString() == "in_doubt"); // Nothing was past the gate in the web process.
        Assert.Equal(0, (await Penguin.Verb(worker.Settings, Ct, "audit", "verify")).Code);
    }

    /// <summary>Kills the process while a request is under way. True when the answer came all the same.</summary>
    static async Task<bool> Cut(Penguin web, Task asked, Random random)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(30)), TimeProvider.System, Ct);
        await web.Kill();
        return await asked.ContinueWith(task => task.IsCompletedSuccessfully, Ct, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>The campaign is in one state or the other, never between; a paused one goes on.</summary>
    static async Task Running(Api api, ChaosCampaigns chaos)
    {
        var state = (await api.Get($"/api/v1/campaigns/{chaos.CampaignId}", Ct)).GetProperty("state").GetString();
        Assert.Contains(state, new[] { "running", "paused", "completed" });
        if (state == "paused") await chaos.Steer("resume", Ct);
    }
}
