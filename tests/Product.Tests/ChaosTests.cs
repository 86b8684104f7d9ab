using System.Globalization;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>Campaign after campaign to a far end that greylists, refuses, answers late and hangs up, while the program, and sometimes its database, is killed in the middle, paused and resumed:
/// every Message-ID lies at the far end at most once, and the ledger knows of every one.</summary>
/// <remarks><c>PENGUIN_CHAOS_RUNS</c> (default 10) and <c>PENGUIN_CHAOS_RECIPIENTS</c> (of each run, default 300) make it longer: ./penguin bench chaos.</remarks>
public sealed class ChaosTests(ITestOutputHelper output)
{
    static readonly int Runs = Setting("PENGUIN_CHAOS_RUNS", 10);
    static readonly int Recipients = Setting("PENGUIN_CHAOS_RECIPIENTS", 300);
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 6 * 3_600_000)]
    public async Task Whatever_is_killed_while_it_sends_nobody_is_mailed_twice_and_nobody_is_lost()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var far = FarEnd.Start(seed);
        await using var penguin = await Penguin.Start(Ct);
        using var api = new Api(penguin.Web, TimeProvider.System);
        var chaos = await ChaosCampaigns.Make(api, penguin, far, Recipients, output.WriteLine, Ct);
        var faults = new List<string>();
        for (var run = 1; run <= Runs; run++)
        {
            far.Begin($"run {run}");
            await chaos.Launch(run, Ct);
            var told = await Disturb(penguin, chaos, far, random);
            try
            {
                await api.Until<object>($"Everything of run {run} decided", Patience, async () => await chaos.IsDecided(Ct) ? output : null, Ct);
            }
            catch (DemoFailed)
            {
                Assert.Fail($"run {run}: {told}; undecided after {Patience}: {await chaos.Undecided(Ct)}");
            }

            var (summary, found) = await chaos.Judge(Ct);
            output.WriteLine($"run {run}: {told}; {summary}");
            faults.AddRange(found.Select(fault => $"run {run}: {fault}"));
        }

        Assert.Empty(faults);
    }

    /// <summary>One to three disturbances, each at a random message of the run.</summary>
    async Task<string> Disturb(Penguin penguin, ChaosCampaigns chaos, FarEnd far, Random random)
    {
        var told = new List<string>();
        foreach (var moment in Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(1, Recipients * 9 / 10)).Order())
        {
            // A kill leaves messages in doubt that never come, so it is not waited for the count alone.
            for (var last = (Count: -1, Still: 0); far.Taken.Count < moment && last.Still < 500; last = far.Taken.Count == last.Count ? (last.Count, last.Still + 1) : (far.Taken.Count, 0))
                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Ct);
            var kind = random.Next(4);
            if (kind == 0)
            {
                var wasPaused = await chaos.Pause(Ct);
                told.Add($"{(wasPaused ? "paused" : "over, and not paused")} at {far.Taken.Count}");
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(700)), TimeProvider.System, Ct);
                if (wasPaused) await chaos.Steer("resume", Ct);
                continue;
            }

            told.Add($"killed{(kind == 1 ? " with its database" : "")} at {far.Taken.Count}");
            await (kind == 1 ? penguin.KillDatabase(andProgram: true) : penguin.Kill());
            await penguin.Launch(Ct);
        }

        return string.Join(", ", told);
    }

    static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var given) ? given : otherwise;
}
