using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>The program is killed in the middle of the send and started again: nobody is mailed twice, nobody is forgotten.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
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
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(30, 900)), TimeProvider.System, Ct);
            await penguin.Kill();
            var journal = File.Exists(penguin.Journal) ? File.ReadLines(penguin.Journal).Count() : 0;
            output.WriteLine($"kill {kill} with {journal} lines in the journal");
            await penguin.Launch(Ct);
        }

        api.Bearer = key;
        var verdict = new DemoVerdict(api, run.CampaignId, penguin.Journal);
        await api.Until<object>("Everything sent", TimeSpan.FromMinutes(3), async () => await verdict.IsSettled(wasKilled: true, Ct) ? output : null, Ct);
        var report = await verdict.Judge(page: null, wasKilled: true, Ct);
        output.WriteLine($"{report.Recipients} recipients, {report.Sent} sent, {report.InDoubt} in doubt");
        Assert.Empty(report.Faults);
    }
}
