using PenguinMails.Cli.Demo;
using PenguinMails.Sandbox;

namespace PenguinMails.Product.Tests;

/// <summary>The demo's campaign in a program of its own, for tests that kill something in the middle of the send.</summary>
sealed class KilledSend : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    readonly ITestOutputHelper _output;
    readonly Random _random;
    readonly DemoRun _run;
    (string? Bearer, string? Workspace) _key;

    KilledSend(Penguin penguin, Api api, DemoRun run, Random random, ITestOutputHelper output) => (Penguin, Api, _run, _random, _output) = (penguin, api, run, random, output);

    public Penguin Penguin { get; }

    public Api Api { get; }

    public string Campaign => _run.CampaignId;

    public static async Task<KilledSend> Launch(ITestOutputHelper output, CancellationToken ct)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var penguin = await Penguin.Start(ct);
        var api = new Api(penguin.Web, TimeProvider.System);
        var send = new KilledSend(penguin, api, new DemoRun(api, Penguin.Samples, penguin.SandboxSmtpPort, output.WriteLine), new Random(seed), output);
        try
        {
            await send._run.Prepare(ct);
            send._key = (api.Bearer, api.Workspace);
            await send._run.Launch(ct);
        }
        catch
        {
            await send.DisposeAsync();
            throw;
        }

        return send;
    }

    /// <summary>Waits until 1 to <paramref name="most"/> more lines stand in the sandbox's journal, then kills.</summary>
    public async Task Kill(int most, Func<Task> kill, CancellationToken ct)
    {
        // From where it stands: a kill leaves messages in doubt, so a line counted from the start might never come.
        var moment = Lines + _random.Next(1, most);
        while (Lines < moment) await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, ct);
        await kill();
        _output.WriteLine($"killed at {Lines} lines of the journal, wanted at {moment}");
    }

    /// <summary>Nobody was mailed twice, nobody is forgotten.</summary>
    public async Task IsWhole(CancellationToken ct)
    {
        (Api.Bearer, Api.Workspace) = _key;
        var verdict = new DemoVerdict(Api, Campaign, Penguin.Journal);
        await verdict.Settle(Patience, wasKilled: true, ct);
        var report = await verdict.Judge(page: null, wasKilled: true, ct);
        _output.WriteLine($"{report.Recipients} recipients, {report.Sent} sent, {report.InDoubt} in doubt");
        Assert.Empty(report.Faults);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Penguin.DisposeAsync();
    }

    int Lines => SandboxJournal.Read(Penguin.Journal).Count;
}
