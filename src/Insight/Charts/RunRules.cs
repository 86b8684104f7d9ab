namespace PenguinMails.Insight.Charts;

/// <summary>What makes a point more than noise.</summary>
public enum RunRule
{
    /// <summary>Beyond a limit.</summary>
    Outside,

    /// <summary>One of seven or more in a row on one side of the mean.</summary>
    SevenOneSide,

    /// <summary>One of seven or more in a row that all rise, or all fall.</summary>
    SevenTrending,

    /// <summary>One of two among three in a row in the outer third of the same side, within the limit.</summary>
    TwoOfThreeNearLimit,
}

/// <summary>A point that broke a rule.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Index">Position in the series, 0 for the first.</param>
public readonly record struct RuleBreak(RunRule Rule, int Index);

/// <summary>Rules for patterns inside the limits.</summary>
/// <remarks>As NHS England's Making Data Count uses them; a value on the mean is on neither side and ends a run.</remarks>
public static class RunRules
{
    const int RunLength = 7;

    /// <summary>Names every point that breaks a rule.</summary>
    /// <param name="values">In time order, no NaN.</param>
    /// <param name="mean">Centre of each point.</param>
    /// <param name="low">Lower limit of each point.</param>
    /// <param name="high">Upper limit of each point.</param>
    /// <returns>By rule, then by position.</returns>
    /// <exception cref="ArgumentException">Lists of different length.</exception>
    public static IReadOnlyList<RuleBreak> Check(IReadOnlyList<double> values, IReadOnlyList<double> mean, IReadOnlyList<double> low, IReadOnlyList<double> high)
    {
        if (mean.Count != values.Count || low.Count != values.Count || high.Count != values.Count)
            throw new ArgumentException("Each value needs its mean and limits.", nameof(mean));
        var range = Enumerable.Range(0, values.Count).ToArray();
        var sides = range.Select(i => Math.Sign(values[i] - mean[i])).ToArray();
        var moves = range.Select(i => i == 0 ? 0 : Math.Sign(values[i] - values[i - 1])).ToArray();
        bool Out(int i) => values[i] > high[i] || values[i] < low[i];
        var near = range.Select(i => Out(i) ? 0 : values[i] > mean[i] + 2 * (high[i] - mean[i]) / 3 ? 1 : values[i] < mean[i] - 2 * (mean[i] - low[i]) / 3 ? -1 : 0).ToArray();
        return
        [
            .. range.Where(Out).Select(i => new RuleBreak(RunRule.Outside, i)),
            .. Runs(sides, RunLength).Select(i => new RuleBreak(RunRule.SevenOneSide, i)),
            .. Runs(moves, RunLength - 1).SelectMany(i => new[] { i - 1, i }).Distinct().Select(i => new RuleBreak(RunRule.SevenTrending, i)),
            .. range.Where(i => InPair(near, i)).Select(i => new RuleBreak(RunRule.TwoOfThreeNearLimit, i)),
        ];
    }

    /// <summary>The same with one mean and one pair of limits for all.</summary>
    /// <inheritdoc cref="Check(IReadOnlyList{double}, IReadOnlyList{double}, IReadOnlyList{double}, IReadOnlyList{double})"/>
    public static IReadOnlyList<RuleBreak> Check(IReadOnlyList<double> values, IndividualsLimits limits) =>
        Check(values, Same(values.Count, limits.Mean), Same(values.Count, limits.Low), Same(values.Count, limits.High));

    static double[] Same(int count, double value) => [.. Enumerable.Repeat(value, count)];

    static IEnumerable<int> Runs(int[] signs, int length)
    {
        for (int start = 0, i = 1; i <= signs.Length; i++)
        {
            if (i < signs.Length && signs[i] == signs[start]) continue;
            if (signs[start] != 0 && i - start >= length)
                for (var k = start; k < i; k++) yield return k;
            start = i;
        }
    }

    static bool InPair(int[] near, int i) =>
        near[i] != 0 && Enumerable.Range(Math.Max(0, i - 2), 5).Where(k => k != i && k < near.Length && k <= i + 2).Any(k => near[k] == near[i]);
}
