using PenguinMails.Insight.Steps;

namespace PenguinMails.Insight;

/// <summary>What the tests say of a prepared series, before anything is claimed.</summary>
/// <param name="Plain">Mann-Kendall, of like seasons when the season is corrected.</param>
/// <param name="Whitened">The same without lag-1 memory.</param>
/// <param name="LagOne">Lag-1 correlation of the series without its season.</param>
/// <param name="Line">Theil-Sen, a period.</param>
/// <param name="Weights">Flat, line or step.</param>
/// <param name="Pettitt">Rank test for a step.</param>
/// <param name="Rest">The judged series without its season.</param>
/// <param name="Season">What is known of it.</param>
sealed record TrendEvidence(
    MannKendallResult Plain, MannKendallResult Whitened, double LagOne, TheilSenLine Line, ShapeWeights Weights, PettittResult Pettitt, double[] Rest, SeasonState Season)
{
    internal const double TrendAlpha = 0.05;
    internal const double WhitenedAlpha = 0.10;
    const double SeasonAlpha = 0.05;

    internal static TrendEvidence Of(double[] judged, int? period)
    {
        var state = StateOf(judged, period);
        var cycle = period.GetValueOrDefault();
        var seasonal = state == SeasonState.Corrected;
        var rest = seasonal ? SeasonTest.WithoutSeason(judged, cycle) : judged;
        var known = MannKendall.Known(rest);
        return new(
            seasonal ? SeasonalMannKendall.TestCorrelated(judged, cycle, TrendAlpha) : MannKendall.Test(rest, TrendAlpha),
            PreWhitening.Test(rest, WhitenedAlpha), PreWhitening.LagOne(rest),
            seasonal ? APeriod(SeasonalSlope.Fit(judged, cycle, DirectionVerdict.ShownAlpha), cycle) : TheilSen.FitRemembering(rest, DirectionVerdict.ShownAlpha),
            SingleStep.Weigh(rest, SingleStep.SegmentMin), Steps.Pettitt.Test(known), rest, state);
    }

    static SeasonState StateOf(double[] judged, int? period)
    {
        if (period is not { } cycle) return SeasonState.NotSought;
        if (judged.Length <= cycle) return SeasonState.NotKnown;
        if (judged.Length < 2 * cycle) return SeasonState.OneYear;
        var whole = Enumerable.Range(0, judged.Length / cycle).Count(row => !judged[(row * cycle)..((row + 1) * cycle)].Any(double.IsNaN));
        return whole >= 2 && SeasonTest.P(judged, cycle) < SeasonAlpha ? SeasonState.Corrected : SeasonState.None;
    }

    static TheilSenLine APeriod(TheilSenLine line, int cycle) => new(line.Slope / cycle, line.Intercept, line.SlopeInterval?.Times(1.0 / cycle));
}
