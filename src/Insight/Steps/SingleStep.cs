namespace PenguinMails.Insight.Steps;

/// <summary>Two levels with one change between them, fitted by least squares.</summary>
/// <param name="Break">Observations before the change.</param>
/// <param name="Before">Mean before.</param>
/// <param name="After">Mean after.</param>
/// <param name="SquaresLeft">Sum of squares around the two means.</param>
/// <param name="T">After less before, in standard errors inflated by the residuals' lag-1 correlation r (when above 0):
/// s·sqrt((1/n1 + 1/n2)·(1+r)/(1-r)); infinite when nothing is left over. Two fitted means take about (2+4r)/n off the
/// correlation, which is given back first: (n·r+2)/(n-4) (after Marriott and Pope 1954, Biometrika 41, 390-402).</param>
public sealed record StepFit(int Break, double Before, double After, double SquaresLeft, double T)
{
    /// <summary>Height of the step: after less before.</summary>
    public double Height => After - Before;
}

/// <summary>Three descriptions of a series weighed against each other; the lowest wins.</summary>
/// <param name="Flat">One mean.</param>
/// <param name="Linear">A straight line by least squares.</param>
/// <param name="Step">Two means; infinite when the series is too short for a step.</param>
/// <param name="BestStep">The step behind the third; null when too short.</param>
/// <param name="Remembering">The same three with noise that remembers itself (lag-1, one parameter more): a slow swing
/// looks like a step to weights that take the noise for independent. Null within itself.</param>
public sealed record ShapeWeights(double Flat, double Linear, double Step, StepFit? BestStep, ShapeWeights? Remembering)
{
    /// <summary>True when the step describes the series better than a line and than one mean, whether the noise remembers or not.</summary>
    public bool IsStep => Step < Linear && Step < Flat && Remembering?.IsStep != false;
}

/// <summary>Flat, line or step? By Schwarz's criterion.</summary>
/// <remarks>
/// Schwarz 1978, Annals of Statistics 6, 461-464: BIC = n(ln(RSS/n) + ln 2π + 1) + k ln n, with k = 2, 3 and 4 (the
/// place of the step and the variance count). Single break by least squares as in Bai and Perron 1998, Econometrica 66, 47-78.
/// </remarks>
public static class SingleStep
{
    /// <summary>Observations a level needs on each side of a step.</summary>
    public const int SegmentMin = 6;

    /// <summary>Weighs the three shapes.</summary>
    /// <param name="values">In time order; NaN marks a missing period, which keeps its place for the line. At least 3 numbers.</param>
    /// <param name="segmentMin">Observations on each side of the step, at least 1; <see cref="SegmentMin"/> by custom.</param>
    /// <exception cref="ArgumentException">Fewer than 3 numbers, or more than <see cref="MannKendall.ObservationsMax"/>.</exception>
    public static ShapeWeights Weigh(IReadOnlyList<double> values, int segmentMin)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(segmentMin, 1);
        var known = MannKendall.Known(values);
        if (known.Length < 3) throw new ArgumentException($"Needs 3 numbers, has {known.Length}.", nameof(values));
        var mean = known.Average();
        var flat = known.Select(value => value - mean).ToArray();
        var line = LineRest(TheilSen.Positions(values), known);
        var step = Best(known, segmentMin);
        var steps = step is null ? null : known.Select((value, i) => value - (i < step.Break ? step.Before : step.After)).ToArray();
        var total = Squares(flat);
        double Weight(double[]? rest, int parameters) => rest is null ? double.PositiveInfinity : Bic(Squares(rest), total, known.Length, parameters);
        double Remembered(double[]? rest, int parameters) => rest is null ? double.PositiveInfinity : Bic(Innovations(rest), total, known.Length, parameters);
        return new(Weight(flat, 2), Weight(line, 3), Weight(steps, 4), step, new(Remembered(flat, 3), Remembered(line, 4), Remembered(steps, 5), step, null));
    }

    static double Squares(double[] rest) => rest.Sum(value => value * value);

    // What is new in each value when its memory of the one before is taken out: e(t) - r·e(t-1).
    static double Innovations(double[] rest)
    {
        var memory = Math.Clamp(Autocorrelation.Of(rest, 1)[1], 0, 0.99);
        var squares = (1 - memory * memory) * rest[0] * rest[0];
        for (var i = 1; i < rest.Length; i++) squares += Math.Pow(rest[i] - memory * rest[i - 1], 2);
        return squares;
    }

    /// <summary>The break with the least squares left over; null when the series is shorter than two segments.</summary>
    static StepFit? Best(double[] known, int segmentMin)
    {
        if (known.Length < 2 * segmentMin) return null;
        var all = known.Sum();
        double first = 0, most = double.NegativeInfinity;
        var at = 0;
        for (var i = 1; i <= known.Length - segmentMin; i++)
        {
            first += known[i - 1];
            if (i < segmentMin) continue;
            var between = first * first / i + (all - first) * (all - first) / (known.Length - i);
            if (between <= most) continue;
            (most, at) = (between, i);
        }
        return At(known, at);
    }

    static StepFit At(double[] known, int at)
    {
        double before = known[..at].Average(), after = known[at..].Average();
        var rest = known.Select((value, i) => value - (i < at ? before : after)).ToArray();
        var squares = rest.Sum(value => value * value);
        double n = known.Length, memory = n > 4 ? Math.Clamp((n * Autocorrelation.Of(rest, 1)[1] + 2) / (n - 4), 0, 0.99) : 0;
        var error = Math.Sqrt(squares / Math.Max(1, known.Length - 2) * (1.0 / at + 1.0 / (known.Length - at)) * (1 + memory) / (1 - memory));
        var t = after == before ? 0 : error == 0 ? (after > before ? double.PositiveInfinity : double.NegativeInfinity) : (after - before) / error;
        return new(at, before, after, squares, t);
    }

    static double[] LineRest(double[] positions, double[] known)
    {
        double middle = positions.Average(), mean = known.Average(), xx = 0, xy = 0;
        for (var i = 0; i < known.Length; i++)
        {
            xx += (positions[i] - middle) * (positions[i] - middle);
            xy += (positions[i] - middle) * (known[i] - mean);
        }
        return [.. known.Select((value, i) => value - mean - xy / xx * (positions[i] - middle))];
    }

    // A perfect fit would weigh minus infinity; what rounding leaves of it is taken as a millionth of a millionth.
    static double Bic(double squares, double total, int n, int parameters) =>
        n * (Math.Log(Math.Max(squares, Math.Max(1e-12 * total, 1e-300)) / n) + Math.Log(2 * Math.PI) + 1) + parameters * Math.Log(n);
}
