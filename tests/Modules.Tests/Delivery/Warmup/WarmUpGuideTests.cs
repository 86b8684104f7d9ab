using System.Globalization;
using PenguinMails.Bench.Warmup;
using PenguinMails.Delivery.Warmup;
using PenguinMails.House.Tests;

namespace PenguinMails.Modules.Tests.Delivery.Warmup;

/// <summary>docs/guide/warm-up.md publishes what the simulation gives, and the models it runs.</summary>
public sealed class WarmUpGuideTests
{
    static readonly string Guide = Tree.TextOf("docs/guide/warm-up.md")!;

    // Two of the nine worlds, so that it takes seconds; the others come from the same run.
    [Theory]
    [InlineData("allowance")]
    [InlineData("forgiving")]
    public void Table_is_what_the_simulation_gives(string world)
    {
        var rows = WarmUpBench.Rows(world, WarmUpBench.SeedsDefault).Take(5).ToList();
        Assert.All(rows, row => Assert.True(Guide.Contains(row, StringComparison.Ordinal), $"The guide lacks this row; write the table of ./penguin bench warmup into it:\n{row}"));
    }

    [Fact]
    public void Every_world_is_in_the_table_with_five_ramps() =>
        Assert.All(WarmUpBench.Names, world => Assert.Equal(5, Guide.Split('\n').Count(line => line.StartsWith($"| {world} |", StringComparison.Ordinal) && line.Contains(" % |", StringComparison.Ordinal))));

    [Fact]
    public void Models_are_the_ones_described() => Assert.All(ProviderModel.All, model => Assert.Contains(string.Create(CultureInfo.InvariantCulture,
        $"| {model.Name} | {model.Free} | {model.Growth} | {model.Ceiling} | {model.CeilingStep} | {model.Noise} | {model.ExcessCost} | {model.ComplaintCost} | {model.BounceCost} | {model.Gain} | "), Guide));

    [Fact]
    public void The_same_seed_gives_the_same_run_and_another_seed_another()
    {
        WarmUpOutcome Run(int seed) => WarmUpRun.Of(Ramp.All[0], ProviderModel.All[1], Audience.Clean, seed);
        Assert.Equal(Run(1), Run(1));
        Assert.True(Enumerable.Range(1, 20).Select(Run).Distinct().Count() > 15);
    }

    [Fact]
    public void Provider_takes_what_it_allows_and_minds_what_is_too_much()
    {
        var calm = new ProviderModel("calm", 10, 0, 1000, 0, 0, 0.5, 0, 0, 0.01, (0, 0));
        var silent = new Audience("silent", 0, 0, 0);
        var within = new SimulatedProvider(calm, silent, new Random(1));
        Assert.Equal(new WarmUpSignals(10, 0, 0, 0, 0, 0, 0, 0), within.Take(10).Signals with { Seen = 0, InSpam = 0 });
        Assert.True(within.Reputation > SimulatedProvider.ReputationAtStart);
        var beyond = new SimulatedProvider(calm, silent, new Random(1));
        Assert.InRange(beyond.Take(110).Signals.Deferred, 80, 100);
        Assert.True(beyond.Reputation < SimulatedProvider.ReputationAtStart);
    }
}
