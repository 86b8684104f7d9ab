using System.Globalization;
using PenguinMails.Oversight.Decisions;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Bench;

/// <summary>How often the verdict on a decision is wrong, and how often it sees what is there: the series of <see cref="InsightBench"/>, and rates drawn around them.</summary>
static class DecisionBench
{
    const int Trials = 1_000; // Cases of a week of a rate.
    const double Usual = 0.05, Swing = 0.01; // Its middle, and one standard deviation of the week's true rate.
    static readonly int[] Sides = [6, 13, 26];
    static readonly double[] Memories = [0, 0.3, 0.6];
    static readonly DateOnly Monday = new(2020, 1, 6);
    static readonly Kpi Level = KpiCatalog.Find("domains") ?? throw new InvalidOperationException("There is no figure domains.");
    static readonly Kpi Rate = KpiCatalog.Find("answer_rate") ?? throw new InvalidOperationException("There is no figure answer_rate.");

    /// <param name="runs">Decisions for each number.</param>
    public static IEnumerable<string> Lines(int runs) =>
    [
        "**Decisions.** n weeks before and n after, and one between that counts on neither side; the same noise. A rate has 1,000 cases a week, and its true value moves by one point of a hundred around 5 % with the memory φ, beside chance. An effect is told when the verdict is *as expected*, *less than expected* or *the other way*; what was expected is a direction, two standard deviations where *less* is counted.", "",
        "**A decision that changes nothing: how often an effect is told.**", "", Head("series"), Rule(),
        Row("**a level**", runs, (_, _) => 0, null, IsTold), Row("a level that rises by 2 standard deviations anyway", runs, (i, n) => 2.0 * i / (2 * n), null, IsTold), RateRow("**a rate**", runs, (_, _) => 0, IsTold), RateRow("a rate that rises by 2 points anyway", runs, (i, n) => 0.02 * i / (2 * n), IsTold), "",
        .. Found(1, runs), .. Found(2, runs), .. Found(3, runs),
        "**A decision after which a level rises steadily, by 4 standard deviations over the n weeks: how often it is found.**", "", Head("answer"), Rule(),
        Row("**an effect the right way**", runs, (i, n) => i > n ? 4.0 * (i - n) / n : 0, null, IsGood), "",
        "**A decision that moves a rate from 5 % to 7 %: how often it is found.**", "", Head("answer"), Rule(),
        RateRow("**an effect the right way**", runs, Step(0.02), IsGood), RateRow("the other way, which is false", runs, Step(0.02), found => found.Verdict == "other_direction"), "",
        "**The 95 % range of the effect, where there is one, holds the true one.**", "", Head("series"), Rule(),
        Row("a level that moves by 2 standard deviations", runs, Step(2), null, found => Holds(found, 2)), RateRow("a rate that moves by 2 points", runs, Step(0.02), found => Holds(found, 0.02)), "",
    ];

    static IEnumerable<string> Found(int size, int runs) =>
    [
        $"**A decision that moves a level by {size} standard deviation{(size == 1 ? "" : "s")}: how often it is found.**", "", Head("answer"), Rule(),
        Row("**an effect the right way**", runs, Step(size), null, IsGood), Row("of these: told to be less than the 2 expected", runs, Step(size), "2", found => found.Verdict == "less_than_expected"),
        Row("the other way, which is false", runs, Step(size), null, found => found.Verdict == "other_direction"), "",
    ];

    static Func<int, int, double> Step(double size) => (i, n) => i > n ? size : 0;

    static bool? IsGood(EffectVerdict found) => found.Verdict is "as_expected" or "less_than_expected";

    static bool? IsTold(EffectVerdict found) => found.Verdict is not ("no_effect_seen" or "not_enough_data");

    static bool? Holds(EffectVerdict found, double truth) => found.Range is { } range ? range.Low <= truth && truth <= range.High : null;

    /// <param name="truth">What the week at a place has beside noise; given the place and n.</param>
    /// <param name="expected">Null: a direction alone.</param>
    /// <param name="counts">Null: this one counts on neither side.</param>
    static string Row(string first, int runs, Func<int, int, double> truth, string? expected, Func<EffectVerdict, bool?> counts) => Row(first, Cells((n, phi) =>
        Share(InsightBench.Series(runs, 2 * n + 1, phi, (i, _) => truth(i, n)).AsParallel().Select(series => counts(Judge(Level, n, [.. series.Select((value, i) => new KpiValue(Monday.AddDays(7 * i), null, null, 100 + value, Level.Unit, 1))], expected))))));

    static double Share(IEnumerable<bool?> found)
    {
        var counted = found.OfType<bool>().ToList();
        return (double)counted.Count(one => one) / counted.Count;
    }

    static string RateRow(string first, int runs, Func<int, int, double> truth, Func<EffectVerdict, bool?> counts) => Row(first, Cells((n, phi) =>
    {
        var chance = new Random(7_000 * n + (int)(10 * phi));
        return Share(InsightBench.Series(runs, 2 * n + 1, phi, (_, _) => 0).Select(series => counts(Judge(Rate, n, [.. series.Select((noise, i) => Week(chance, i, Usual + Swing * noise + truth(i, n)))], null))));
    }));

    static KpiValue Week(Random chance, int i, double rate)
    {
        var hits = Enumerable.Range(0, Trials).Count(_ => chance.NextDouble() < rate);
        return new(Monday.AddDays(7 * i), hits, Trials, null, Rate.Unit, 1);
    }

    static EffectVerdict Judge(Kpi kpi, int n, IReadOnlyList<KpiValue> values, string? expected)
    {
        var wanted = expected is null ? null : Quantity.Of(new ScalarNode(default, expected, quoted: true));
        return DecisionEffect.Of(kpi, values, Monday.AddDays(7 * n + 2), Monday.AddDays(7 * (2 * n + 2)), new ExpectedChange(wanted, null));
    }

    static string[] Cells(Func<int, double, double> share) => [.. Sides.SelectMany(n => Memories.Select(phi => share(n, phi).ToString("0.000", CultureInfo.InvariantCulture)))];

    static string Head(string first) => $"| {first} | {string.Join(" | ", Sides.SelectMany(n => Memories.Select(phi => $"n={n} φ={phi.ToString(CultureInfo.InvariantCulture)}")))} |";

    static string Rule() => "|---" + string.Concat(Enumerable.Repeat("|---:", Sides.Length * Memories.Length)) + "|";

    static string Row(string first, string[] cells) => $"| {first} | {string.Join(" | ", cells)} |";
}
