namespace PenguinMails.Insight.Rates;

/// <summary>Levels drawn towards their common mean.</summary>
/// <param name="Mean">Common mean.</param>
/// <param name="Kept">Share of each distance from the mean that is kept: 0 to 1.</param>
/// <param name="Values">One for each unit, in the order given.</param>
public sealed record ShrunkenLevels(double Mean, double Kept, IReadOnlyList<double> Values);

/// <summary>Shrinkage of levels with a known, equal error: the best guess for each unit uses all of them.</summary>
/// <remarks>Efron and Morris 1975, Journal of the American Statistical Association 70, 311-319: c = 1 - (k-3)·σ²/Σ(y-ȳ)²,
/// not below 0.</remarks>
public static class JamesStein
{
    /// <summary>Shrinks the levels.</summary>
    /// <param name="levels">One for each unit, at least 4, no NaN.</param>
    /// <param name="variance">Of the error of one level, 0 or more.</param>
    /// <exception cref="ArgumentException">Fewer than 4 levels, NaN among them, or a variance below 0.</exception>
    public static ShrunkenLevels Of(IReadOnlyList<double> levels, double variance)
    {
        if (levels.Count < 4 || !levels.All(double.IsFinite)) throw new ArgumentException("Needs 4 levels that are numbers.", nameof(levels));
        if (!(variance >= 0)) throw new ArgumentOutOfRangeException(nameof(variance), variance, "0 or more.");
        var mean = levels.Average();
        var squares = levels.Sum(level => (level - mean) * (level - mean));
        var kept = squares == 0 ? 0 : Math.Max(0, 1 - (levels.Count - 3) * variance / squares);
        return new(mean, kept, [.. levels.Select(level => mean + kept * (level - mean))]);
    }
}
