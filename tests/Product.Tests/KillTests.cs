using PenguinMails.Cli.Demo;
using PenguinMails.Sandbox;

namespace PenguinMails.Product.Tests;

/// <summary>The program is killed in the middle of the send and started again: nobody is mailed twice, nobody is forgotten.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task Five_kills_at_random_moments_cost_no_message_and_double_none()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var penguin = await Penguin.Start(Ct);
        using var api = new Api(penguin.Web, TimeProvider.System);
        var run = new DemoRun(api, Penguin.Samples, penguin.SandboxSmtpPort, output.WriteLine);
        await run.Prepare(Ct);
        var key = api.Bearer;
        await run.Launch(Ct);
        for (var kill = 1; kill <= 5; kill++)
        {
            // From where it stands: a kill leaves messages in doubt, so a line counted from the start might never come.
            var moment = JournalLines(penguin) + random.Next(1, 120);
            while (JournalLines(penguin) < moment) await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Ct);
            await penguin.Kill();
            output.WriteLine($"kill {kill} wanted at {moment}, done at {JournalLines(penguin)} lines of the journal");
            await penguin.Launch(Ct);
        }

        api.Bearer = key;
        var verdict = new DemoVerdict(api, run.CampaignId, penguin.Journal);
        await verdict.Settle(TimeSpan.FromMinutes(3), wasKilled: true, Ct);
        var report = await verdict.Judge(page: null, wasKilled: true, Ct);
        output.WriteLine($"{report.Recipients} recipients, {report.Sent} sent, {report.InDoubt} in doubt");
        Assert.Empty(report.Faults);
    }

    static int JournalLines(Penguin penguin) => SandboxJournal.Read(penguin.Journal).Count;
}
