using PenguinMails.Cli.Demo;
using PenguinMails.Sandbox;

namespace PenguinMails.Product.Tests;

/// <summary>PostgreSQL alone is killed in the middle of the send, as the kernel does when memory runs out: the same program starts it again and goes on.</summary>
public sealed class DatabaseKillTests(ITestOutputHelper output)
{
    const int Kills = 2;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task The_program_outlives_its_database_and_nobody_is_mailed_twice_or_forgotten()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var penguin = await Penguin.Start(Ct);
        using var api = new Api(penguin.Web, TimeProvider.System);
        var run = new DemoRun(api, Penguin.Samples, penguin.SandboxSmtpPort, output.WriteLine);
        await run.Prepare(Ct);
        await run.Launch(Ct);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var moment = JournalLines(penguin) + random.Next(1, 150);
            while (JournalLines(penguin) < moment) await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Ct);
            await penguin.KillDatabase();
            output.WriteLine($"kill {kill} at {JournalLines(penguin)} lines of the journal");
            await api.Until<object>("The program answers again", TimeSpan.FromMinutes(1), async () => await Answers(api, run) ? this : null, Ct);
        }

        var verdict = new DemoVerdict(api, run.CampaignId, penguin.Journal);
        await verdict.Settle(TimeSpan.FromMinutes(3), wasKilled: true, Ct);
        var report = await verdict.Judge(page: null, wasKilled: true, Ct);
        output.WriteLine($"{report.Recipients} recipients, {report.Sent} sent, {report.InDoubt} in doubt");
        Assert.Empty(report.Faults);
        Assert.False(penguin.HasEnded);
        Assert.Equal(Kills, penguin.Output.Split("PostgreSQL runs again.").Length - 1);
    }

    // While the database is away a request fails as a whole, which the demo's API calls a failure.
    static async Task<bool> Answers(Api api, DemoRun run)
    {
        try
        {
            await api.Get($"/api/v1/campaigns/{run.CampaignId}", Ct);
            return true;
        }
        catch (DemoFailed)
        {
            return false;
        }
    }

    static int JournalLines(Penguin penguin) => SandboxJournal.Read(penguin.Journal).Count;
}
