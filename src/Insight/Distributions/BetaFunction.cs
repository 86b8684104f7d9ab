namespace PenguinMails.Insight.Distributions;

/// <summary>The incomplete beta ratio: probabilities of a proportion.</summary>
/// <remarks>Abramowitz and Stegun, Handbook of Mathematical Functions, 26.5.8, evaluated as a continued fraction.</remarks>
public static class BetaFunction
{
    const int TermsMax = 100_000;
    const double Precision = 4e-16;
    const double Tiny = 1e-300;
    const int BisectionsMax = 200;

    /// <summary>Natural logarithm of B(a, b) = Γ(a)Γ(b)/Γ(a+b).</summary>
    /// <param name="a">Above 0.</param>
    /// <param name="b">Above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument not above 0.</exception>
    public static double Log(double a, double b) => GammaFunction.Log(a) + GammaFunction.Log(b) - GammaFunction.Log(a + b);

    /// <summary>I(x; a, b): the chance that a beta variable is at most <paramref name="x"/>.</summary>
    /// <param name="x">0 to 1.</param>
    /// <param name="a">Above 0.</param>
    /// <param name="b">Above 0.</param>
    /// <returns>0 to 1; absolute error below 1e-12 for a and b up to 1e5.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument outside its range.</exception>
    public static double Lower(double x, double a, double b)
    {
        if (!(x >= 0 && x <= 1)) throw new ArgumentOutOfRangeException(nameof(x), x, "Must lie between 0 and 1.");
        if (!(a > 0)) throw new ArgumentOutOfRangeException(nameof(a), a, "Must be above 0.");
        if (!(b > 0)) throw new ArgumentOutOfRangeException(nameof(b), b, "Must be above 0.");
        if (x is 0 or 1) return x;
        // The fraction converges fast only on its own side of the mean.
        return x < (a + 1) / (a + b + 2) ? Ratio(x, a, b) : 1 - Ratio(1 - x, b, a);
    }

    /// <summary>The x with <see cref="Lower"/> equal to <paramref name="probability"/>.</summary>
    /// <param name="probability">Above 0 and below 1.</param>
    /// <param name="a">Above 0.</param>
    /// <param name="b">Above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument outside its range.</exception>
    public static double Quantile(double probability, double a, double b)
    {
        if (!(probability > 0 && probability < 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "Must lie between 0 and 1.");
        double low = 0, high = 1;
        for (var step = 0; step < BisectionsMax; step++)
        {
            var middle = low + (high - low) / 2;
            if (middle <= low || middle >= high) break;
            if (Lower(middle, a, b) < probability) low = middle;
            else high = middle;
        }
        return low + (high - low) / 2;
    }

    static double Ratio(double x, double a, double b) =>
        Math.Exp(a * Math.Log(x) + b * Math.Log(1 - x) - Log(a, b)) * Fraction(x, a, b) / a;

    static double Fraction(double x, double a, double b)
    {
        double c = 1, d = 1 / NotZero(1 - (a + b) * x / (a + 1)), h = d;
        for (var m = 1; m < TermsMax; m++)
        {
            Step(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
            var change = Step(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)));
            if (Math.Abs(change - 1) < Precision) break;
        }
        return h;

        double Step(double coefficient)
        {
            d = 1 / NotZero(1 + coefficient * d);
            c = NotZero(1 + coefficient / c);
            h *= d * c;
            return d * c;
        }
    }

    static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
}
