using PenguinMails.Insight;
using PenguinMails.Insight.Distributions;
using PenguinMails.Insight.Intervals;
using PenguinMails.Insight.Rates;
using PenguinMails.Insight.Trends;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Oversight.Decisions;

/// <summary>What came of a decision: the change of its figure from before to after it.</summary>
/// <param name="Verdict">as_expected, less_than_expected, other_direction, no_effect_seen or not_enough_data.</param>
/// <param name="Effect">After less before, on the figure's scale; null when it cannot be computed.</param>
/// <param name="Range">Holds the true effect in 19 of 20 repetitions.</param>
/// <param name="CasesBefore">Trials of a rate; 0 for everything else.</param>
public sealed record EffectVerdict(
    string Verdict, double? Before, double? After, double? Effect, Interval? Range, int PointsBefore, int PointsAfter, long CasesBefore, long CasesAfter, bool IsBeyondTrend, string Sentence);

/// <summary>Compares a figure before and after a day. Pure: closed values in, verdict out.</summary>
/// <remarks>
/// Rates: counts pooled on each side, Newcombe's interval of the difference of two proportions, with counts divided by their over-dispersion (weeks
/// that differ by more than chance say less, and less still when a week resembles the one before). Everything else: <see cref="Shift"/>. What
/// drifted before the decision is continued and taken off (<see cref="Drift"/>), and what is not known of its slope widens the interval (method of variance
/// estimates recovery, Zou and Donner 2008, Statistics in Medicine 27, 1693-1702); so does the memory of the values (lag-1 correlation), and for rates that the
/// scatter is itself estimated (Student's quantile). Other things that happened at the same time cannot be told apart from it.
/// </remarks>
public static class DecisionEffect
{
    /// <summary>Version of these rules, stored with each verdict.</summary>
    public const string EngineVersion = "decision-3";

    /// <summary>Periods of a rate needed on each side.</summary>
    public const int RatePointsMin = 3;

    /// <summary>Periods of everything else needed on each side: of fewer, next to nothing is known at 95 %.</summary>
    public const int PointsMin = 6;

    const int PointsMax = 26;
    const double Alpha = 0.05;

    /// <param name="closed">Closed periods, oldest first.</param>
    /// <param name="decidedOn">The period this day lies in counts on neither side.</param>
    /// <param name="until">Periods that end later are left out.</param>
    public static EffectVerdict Of(Kpi kpi, IReadOnlyList<KpiValue> closed, DateOnly decidedOn, DateOnly until, ExpectedChange expected)
    {
        var before = closed.Where(value => kpi.EndOf(value.Start) < decidedOn).TakeLast(PointsMax).ToList();
        var after = closed.Where(value => value.Start > decidedOn && kpi.EndOf(value.Start) <= until).Take(PointsMax).ToList();
        return kpi.Kind == MetricKind.Rate ? OfRate(kpi, before, after, expected) : OfLevel(kpi, before, after, expected);
    }

    static EffectVerdict OfRate(Kpi kpi, List<KpiValue> before, List<KpiValue> after, ExpectedChange expected)
    {
        var (n1, n2) = (before.Sum(value => value.Denominator.GetValueOrDefault()), after.Sum(value => value.Denominator.GetValueOrDefault()));
        var (x1, x2) = (before.Sum(value => value.Numerator.GetValueOrDefault()), after.Sum(value => value.Numerator.GetValueOrDefault()));
        var open = new EffectVerdict("not_enough_data", n1 > 0 ? (double)x1 / n1 : null, n2 > 0 ? (double)x2 / n2 : null, null, null, before.Count, after.Count, n1, n2, false, "");
        var casesMin = Math.Max(1, kpi.DenominatorMin / 2);
        if (Missing(kpi, open, RatePointsMin, casesMin) is { } missing) return open with { Sentence = missing };
        var spread = Spread(before, after);
        // Scatter beyond chance may last: its memory is told from as many weeks as a level needs, and widens as it does there.
        if (spread > 1 && before.Count + after.Count >= 2 * PointsMin) spread *= Math.Pow(Memory([.. Rest(before), .. Rest(after)]), 2);
        var (low, high) = Newcombe.Of(Divided(x2, spread), Math.Max(1, Divided(n2, spread)), Divided(x1, spread), Math.Max(1, Divided(n1, spread)), Alpha).Range;
        var difference = open.After.GetValueOrDefault() - open.Before.GetValueOrDefault();
        if (Drift.Of(kpi, before, after) is not { } drift) return Judge(kpi, open with { Effect = difference, Range = new(low, high) }, expected, before[^1].Unit);
        if (drift.Known is not { } by) return open with { Sentence = Unknown(kpi, drift, before.Count) };
        var effect = difference - drift.By;
        var range = new Interval(effect - Root(difference - low, by.High - drift.By), effect + Root(high - difference, drift.By - by.Low));
        return Judge(kpi, open with { Effect = effect, Range = range, IsBeyondTrend = true }, expected, before[^1].Unit);
    }

    static EffectVerdict OfLevel(Kpi kpi, List<KpiValue> before, List<KpiValue> after, ExpectedChange expected)
    {
        double[] was = [.. before.Select(value => value.Observed.GetValueOrDefault())], now = [.. after.Select(value => value.Observed.GetValueOrDefault())];
        var open = new EffectVerdict("not_enough_data", was.Length > 0 ? Median.Of(was) : null, now.Length > 0 ? Median.Of(now) : null, null, null, was.Length, now.Length, 0, 0, false, "");
        if (Missing(kpi, open, PointsMin, 0) is { } missing) return open with { Sentence = missing };
        var drift = Drift.Of(kpi, before, after);
        if (drift is { Known: null }) return open with { Sentence = Unknown(kpi, drift, before.Count) };
        double Rest(KpiValue value) => value.Observed.GetValueOrDefault() - ((drift?.Slope ?? 0) * kpi.Grain.Between(before[0].Start, value.Start));
        (was, now) = ([.. before.Select(Rest)], [.. after.Select(Rest)]);
        if (Shift.Of(was, now, Alpha) is not (var effect, { } shift)) return open;
        double m1 = Median.Of(was), m2 = Median.Of(now);
        // How well the slope is known decides how far it may be continued.
        var (less, more) = drift?.Known is { } by ? (by.High - drift.By, drift.By - by.Low) : (0, 0);
        var wider = Memory([.. was.Select(value => value - m1), .. now.Select(value => value - m2)]);
        var range = new Interval(effect - Root(wider * (effect - shift.Low), less), effect + Root(wider * (shift.High - effect), more));
        return Judge(kpi, open with { Effect = effect, Range = range, IsBeyondTrend = drift is not null }, expected, before[^1].Unit);
    }

    static EffectVerdict Judge(Kpi kpi, EffectVerdict found, ExpectedChange expected, string unit)
    {
        if (found.Effect is not { } effect || found.Range is not { } range) return found;
        var wanted = expected.Of(kpi, found.Before.GetValueOrDefault());
        var isUp = wanted is { } hopedFor ? hopedFor > 0 : kpi.Better != Better.Down;
        var (good, bad, best) = isUp ? (range.Low > 0, range.High < 0, range.High) : (range.High < 0, range.Low > 0, -range.Low);
        var verdict = bad ? "other_direction" : !good ? "no_effect_seen" : wanted is { } size && best < Math.Abs(size) ? "less_than_expected" : "as_expected";
        var told = $"{kpi.Name} went from {KpiText.Show(kpi, found.Before.GetValueOrDefault(), unit)} to {KpiText.Show(kpi, found.After.GetValueOrDefault(), unit)} ({KpiText.Difference(kpi, effect, unit)}{(found.IsBeyondTrend ? " beyond the trend before" : "")}, 95 %: {KpiText.Number(kpi, range.Low)} to {KpiText.Number(kpi, range.High)})";
        var hoped = wanted is { } w ? $"; {KpiText.Difference(kpi, w, unit)} was expected" : "";
        var possible = verdict == "no_effect_seen" && wanted is { } hope && best >= Math.Abs(hope) ? ", which the range does not rule out" : "";
        var change = found.After.GetValueOrDefault() - found.Before.GetValueOrDefault();
        // What came is no more than what was coming anyway.
        var carried = verdict == "no_effect_seen" && found.IsBeyondTrend && change * (change - effect) > 0 ? $" What came after cannot be told apart from the {(change > 0 ? "rise" : "fall")} before." : "";
        return found with { Verdict = verdict, Sentence = $"{told}{hoped}{possible}.{carried}" };
    }

    static string Unknown(Kpi kpi, Drift drift, int points) => $"{kpi.Name} {(drift.Slope > 0 ? "rose" : "fell")} before the decision, and {points} closed periods are too few to know how fast: what came after cannot be told apart from it.";

    static string? Missing(Kpi kpi, EffectVerdict open, int pointsMin, long casesMin)
    {
        if (open.PointsBefore < pointsMin) return $"{kpi.Name} has {open.PointsBefore} closed periods before the decision; {pointsMin} are needed.";
        if (open.PointsAfter < pointsMin) return $"{kpi.Name} has {open.PointsAfter} closed periods after the decision; {pointsMin} are needed.";
        return open.CasesBefore < casesMin || open.CasesAfter < casesMin ? $"{kpi.Name} rests on {open.CasesBefore} {kpi.DenominatorNoun} before and {open.CasesAfter} after; {casesMin} are needed on each side." : null;
    }

    static IEnumerable<double> Rest(List<KpiValue> side)
    {
        double[] rates = [.. side.Select(value => value.Observed).OfType<double>()];
        var middle = rates.Average();
        return rates.Select(rate => rate - middle);
    }

    // Values that resemble the one before say less: the variance of a mean grows by (1+r)/(1-r); what two fitted levels took off r is given back first.
    static double Memory(double[] rest)
    {
        if (rest.All(value => value == rest[0])) return 1;
        var memory = Math.Clamp(((rest.Length * Autocorrelation.Of(rest, 1)[1]) + 2) / (rest.Length - 4), 0, 0.9);
        return Math.Sqrt((1 + memory) / (1 - memory));
    }

    static double Root(params double[] parts) => Math.Sqrt(parts.Sum(part => part * part));

    // Around each side's own rate, so that the effect itself does not count as scatter.
    static double Spread(params List<KpiValue>[] sides)
    {
        var tests = sides.Select(side => side.Where(value => value.Denominator > 0).ToList()).Where(side => side.Count >= 2)
            .Select(side => Overdispersion.Binomial([.. side.Select(value => value.Numerator.GetValueOrDefault())], [.. side.Select(value => value.Denominator.GetValueOrDefault())])).ToList();
        var freedom = tests.Sum(test => test.Freedom);
        var spread = freedom == 0 ? 1 : tests.Sum(test => test.Statistic) / freedom;
        return spread <= 1 ? 1 : spread * Wider(freedom);
    }

    // A scatter that is itself estimated asks for Student's quantile in place of the normal one: the squares' ratio.
    static double Wider(int freedom)
    {
        var below = BetaFunction.Quantile(Alpha, freedom / 2.0, 0.5);
        return freedom * (1 - below) / below / Math.Pow(NormalDistribution.Quantile(1 - (Alpha / 2)), 2);
    }

    static long Divided(long count, double spread) => (long)Math.Round(count / spread);
}
