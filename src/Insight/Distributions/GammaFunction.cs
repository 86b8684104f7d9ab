namespace PenguinMails.Insight.Distributions;

/// <summary>The gamma function, its incomplete ratio, and what follows from it: chi-square and gamma probabilities.</summary>
/// <remarks>
/// Abramowitz and Stegun, Handbook of Mathematical Functions, 6.5.29 (series of the lower ratio) and 6.5.31 (continued
/// fraction of the upper one); log gamma by Lanczos 1964, SIAM Journal on Numerical Analysis 1, 86-96. Relative error
/// below 1e-12 for arguments up to 1e6, held by tests against closed forms.
/// </remarks>
public static class GammaFunction
{
    const int TermsMax = 200_000;         // The series needs about 6 times the root of its argument; a bound, not a target.
    const double Precision = 1e-16;
    const double Tiny = 1e-300;           // Keeps the continued fraction away from a division by zero.
    const int BisectionsMax = 200;

    static readonly double[] Lanczos =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
        12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>Natural logarithm of the gamma function: 0 for 1 and 2, ln 24 for 5.</summary>
    /// <param name="x">Above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0, or not a number.</exception>
    public static double Log(double x)
    {
        if (!(x > 0)) throw new ArgumentOutOfRangeException(nameof(x), x, "Must be above 0.");
        if (x < 0.5) return Math.Log(Math.PI / Math.Sin(Math.PI * x)) - Log(1 - x);
        var sum = Lanczos[0];
        for (var i = 1; i < Lanczos.Length; i++) sum += Lanczos[i] / (x - 1 + i);
        var t = x + 6.5;
        return 0.5 * Math.Log(2 * Math.PI) + (x - 0.5) * Math.Log(t) - t + Math.Log(sum);
    }

    /// <summary>Lower incomplete ratio P(a, x): the chance that a gamma variable of shape a and scale 1 is at most x.</summary>
    /// <param name="shape">Above 0.</param>
    /// <param name="x">0 or more; infinity gives 1.</param>
    /// <returns>0 to 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Shape not above 0, or x below 0 or not a number.</exception>
    public static double Lower(double shape, double x)
    {
        var upper = UpperOrLower(shape, x, out var lower);
        return lower ?? 1 - upper;
    }

    /// <summary>Upper incomplete ratio Q(a, x) = 1 - P(a, x), exact in relative terms also far out.</summary>
    /// <inheritdoc cref="Lower"/>
    public static double Upper(double shape, double x) => UpperOrLower(shape, x, out _);

    /// <summary>Chance that a chi-square variable exceeds <paramref name="x"/>.</summary>
    /// <param name="x">0 or more.</param>
    /// <param name="freedom">Degrees of freedom, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">As <see cref="Lower"/>.</exception>
    public static double ChiSquareTail(double x, double freedom) => Upper(freedom / 2, x / 2);

    /// <summary>The x with <see cref="Lower"/> equal to <paramref name="probability"/>.</summary>
    /// <param name="shape">Above 0.</param>
    /// <param name="probability">Above 0 and below 1.</param>
    /// <returns>To the last digits of a double, by bisection.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument outside its range: a caller's bug.</exception>
    public static double Quantile(double shape, double probability)
    {
        if (!(probability > 0 && probability < 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "Must lie between 0 and 1.");
        double low = 0, high = shape + 1;
        while (Lower(shape, high) < probability) high *= 2;
        for (var step = 0; step < BisectionsMax; step++)
        {
            var middle = low + (high - low) / 2;
            if (middle <= low || middle >= high) break;
            if (Lower(shape, middle) < probability) low = middle;
            else high = middle;
        }
        return low + (high - low) / 2;
    }

    // Gives the upper ratio; below the mean the lower one is what is computed, and is given as well.
    static double UpperOrLower(double shape, double x, out double? lower)
    {
        if (!(shape > 0)) throw new ArgumentOutOfRangeException(nameof(shape), shape, "Must be above 0.");
        if (!(x >= 0)) throw new ArgumentOutOfRangeException(nameof(x), x, "Must be 0 or more.");
        lower = null;
        if (double.IsPositiveInfinity(x)) return 0;
        if (x == 0 || x < shape + 1)
        {
            lower = x == 0 ? 0 : Series(shape, x);
            return 1 - lower.Value;
        }
        return Fraction(shape, x);
    }

    static double Series(double shape, double x)
    {
        double term = 1 / shape, sum = term;
        for (var n = 1; n < TermsMax; n++)
        {
            term *= x / (shape + n);
            sum += term;
            if (term < sum * Precision) break;
        }
        return Math.Min(1, sum * Math.Exp(shape * Math.Log(x) - x - Log(shape)));
    }

    // Lentz's way through the continued fraction.
    static double Fraction(double shape, double x)
    {
        var b = x + 1 - shape;
        double c = 1 / Tiny, d = 1 / b, h = d;
        for (var n = 1; n < TermsMax; n++)
        {
            var a = -n * (n - shape);
            b += 2;
            d = 1 / NotZero(a * d + b);
            c = NotZero(b + a / c);
            h *= d * c;
            if (Math.Abs(d * c - 1) < Precision * 4) break;
        }
        return Math.Exp(shape * Math.Log(x) - x - Log(shape)) * h;
    }

    static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
}
