using System.Globalization;

namespace PenguinMails.Bench.Warmup;

/// <summary>The warm-up controller beside fixed ramps, over provider models and seeds. Chance is seeded: every run prints the same.</summary>
static class WarmUpBench
{
    public const int SeedsDefault = 200;

    const string Head = "| provider | ramp (full volume) | days to full | reached it | deferrals | peak harm | in the inbox in 90 days |\n|---|---|---|---|---|---|---|";

    static readonly (ProviderModel Model, Audience Audience)[] Worlds =
        [.. ProviderModel.All.Select(model => (model, Audience.Clean)), (ProviderModel.All[1], Audience.Poor)];

    /// <summary>The names of all worlds: a provider, and whom the mail goes to where that is not a clean list.</summary>
    public static IEnumerable<string> Names => Worlds.Select(Name);

    /// <summary>Prints the table.</summary>
    public static void Run(int seeds)
    {
        Console.WriteLine(Head);
        foreach (var name in Names)
            foreach (var row in Rows(name, seeds)) Console.WriteLine(row);
    }

    /// <returns>Markdown, one row for each ramp: medians over the seeds with the 10th and 90th percentile.</returns>
    public static IEnumerable<string> Rows(string world, int seeds)
    {
        var (model, audience) = Worlds.Single(one => Name(one) == world);
        return Ramp.All.Select(ramp => Row(model, audience, ramp, seeds));
    }

    static string Name((ProviderModel Model, Audience Audience) world) => world.Audience == Audience.Clean ? world.Model.Name : $"{world.Model.Name}, {world.Audience.Name}";

    static string Row(ProviderModel model, Audience audience, Ramp ramp, int seeds)
    {
        var outcomes = Enumerable.Range(1, seeds).Select(seed => WarmUpRun.Of(ramp, model, audience, seed)).ToList();
        var reached = outcomes.Count(outcome => outcome.DaysToFull is not null);
        return string.Create(CultureInfo.InvariantCulture,
            $"| {Name((model, audience))} | {ramp.Name} ({ramp.Full}) | {Days(outcomes)} | {100.0 * reached / seeds:0} % | {Spread(outcomes, outcome => outcome.Deferred)} | {Spread(outcomes, outcome => 100 * outcome.Harm)} % | {Spread(outcomes, outcome => outcome.Inbox)} |");
    }

    // Those that never reach it count as the longest.
    static string Days(List<WarmUpOutcome> outcomes)
    {
        var days = outcomes.Select(outcome => outcome.DaysToFull ?? int.MaxValue).Order().ToList();
        string Word(int day) => day == int.MaxValue ? "never" : day.ToString(CultureInfo.InvariantCulture);
        return $"{Word(At(days, 0.5))} ({Word(At(days, 0.1))} to {Word(At(days, 0.9))})";
    }

    static string Spread(List<WarmUpOutcome> outcomes, Func<WarmUpOutcome, double> measure)
    {
        var values = outcomes.Select(measure).Order().ToList();
        string Word(double value) => Math.Round(value).ToString("0", CultureInfo.InvariantCulture);
        return $"{Word(At(values, 0.5))} ({Word(At(values, 0.1))} to {Word(At(values, 0.9))})";
    }

    static T At<T>(List<T> ordered, double share) => ordered[(int)Math.Round(share * (ordered.Count - 1))];
}
