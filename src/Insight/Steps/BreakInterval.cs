namespace PenguinMails.Insight.Steps;

/// <summary>Where a step may lie.</summary>
/// <param name="Low">Observations before it, at least.</param>
/// <param name="High">Observations before it, at most.</param>
public readonly record struct BreakRange(int Low, int High);

/// <summary>Interval of the place of a step.</summary>
/// <remarks>
/// Bai 1997, Review of Economics and Statistics 79, 551-563, appendix B: distribution of the place where a two-sided
/// Brownian motion with drift is highest, with a variance of its own on each side; noise taken for independent. Ends are
/// rounded outwards and kept within the series.
/// </remarks>
public static class BreakInterval
{
    const int BisectionsMax = 200;
    const double Far = 10_000; // In units of the noise over the squared height: no interval reaches there.

    /// <summary>Interval around the break of a fitted step.</summary>
    /// <param name="values">What the step was fitted to, no NaN.</param>
    /// <param name="step">As <see cref="SingleStep"/> found it.</param>
    /// <param name="alpha">Share of repetitions that may miss: 0.05 for 95 %.</param>
    /// <exception cref="ArgumentException">A break outside the values, or alpha outside 0 to 1.</exception>
    public static BreakRange Of(IReadOnlyList<double> values, StepFit step, double alpha)
    {
        Interval.RequireAlpha(alpha);
        if (step.Break < 1 || step.Break >= values.Count) throw new ArgumentException("The break lies outside the values.", nameof(step));
        double before = Variance(values.Take(step.Break), step.Before), after = Variance(values.Skip(step.Break), step.After);
        if (step.Height == 0) return new(1, values.Count - 1);
        if (before <= 0 || after <= 0) return new(step.Break, step.Break); // No noise on one side leaves no doubt that the formula could weigh.

        double ratio = after / before, unit = before / (step.Height * step.Height);
        var (low, high) = (Quantile(alpha / 2, ratio), Quantile(1 - alpha / 2, ratio));
        return new(Within(Math.Floor(step.Break - high * unit), values.Count), Within(Math.Ceiling(step.Break - low * unit), values.Count));
    }

    static int Within(double at, int count) => (int)Math.Clamp(at, 1, count - 1);

    static double Variance(IEnumerable<double> part, double mean) => part.Average(value => (value - mean) * (value - mean));

    static double Quantile(double probability, double ratio)
    {
        double low = -Far, high = Far;
        for (var step = 0; step < BisectionsMax && high - low > 1e-9; step++)
        {
            var middle = (low + high) / 2;
            if (Cumulative(middle, ratio) < probability) low = middle;
            else high = middle;
        }
        return (low + high) / 2;
    }

    /// <summary>Chance that the place lies at or below x; the ratio is the variance after over that before.</summary>
    static double Cumulative(double x, double ratio)
    {
        var size = Math.Abs(x);
        if (x < 0)
        {
            double inverse = 1 / ratio, c = ratio * (ratio + 2) / (ratio + 1), d = (ratio + 2) * (ratio + 2) / (ratio + 1);
            return -Math.Sqrt(size / (2 * Math.PI)) * Math.Exp(-size / 8)
                - c * Product(0.5 * inverse * (1 + inverse) * size, (0.5 + inverse) * Math.Sqrt(size)) + (d - 2 + size / 2) * NormalDistribution.Tail(Math.Sqrt(size) / 2);
        }
        double a = (ratio + 1) / 2, b = (2 * ratio + 1) / (2 * Math.Sqrt(ratio)), k = (2 * ratio + 1) / (ratio * (ratio + 1)), e = (1 + 2 * ratio) * (1 + 2 * ratio) / ((ratio + 1) * ratio);
        return 1 + Math.Sqrt(size / (2 * Math.PI * ratio)) * Math.Exp(-size / (8 * ratio))
            + k * Product(a * size, b * Math.Sqrt(size)) + (2 - e - size / (2 * ratio)) * NormalDistribution.Tail(Math.Sqrt(size / ratio) / 2);
    }

    // exp(power) times the normal tail, where the one grows as the other vanishes.
    static double Product(double power, double z) => Math.Exp(power + Math.Log(NormalDistribution.Tail(z))) is var product && double.IsFinite(product) ? product : 0;
}
