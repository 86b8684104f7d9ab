namespace PenguinMails.Insight.Forecasts;

/// <summary>Downhill simplex with one start, the same first step along every axis, and a budget.</summary>
/// <remarks>
/// Nelder and Mead 1965 in the form of Nash 1990, Compact Numerical Methods for Computers, algorithm 19, with its factors 1,
/// ½ and 2. In a flat valley of many dimensions the place where it stops belongs to the result: published ETS fits stopped
/// this way. <see cref="NelderMead"/> goes on until nothing is gained and knows bounds.
/// </remarks>
sealed class NashSimplex
{
    const double Tolerance = 1.490116119384766e-8; // Square root of what a double resolves.

    readonly Func<double[], double> _function;
    readonly Minimum[] _corners;
    readonly double _flat;
    int _evaluations;
    int _lowest;
    double _size;

    NashSimplex(Func<double[], double> function, double[] start)
    {
        _function = function;
        var step = start.Max(value => 0.1 * Math.Abs(value)) is var largest and > 0 ? largest : 0.1;
        _corners = [At(start), .. start.Select((value, i) => At([.. start[..i], value + step, .. start[(i + 1)..]]))];
        _flat = Tolerance * (Math.Abs(_corners[0].Value) + Tolerance);
        _size = step * start.Length;
    }

    /// <summary>Minimises from one start.</summary>
    /// <param name="function">Lower is better; NaN and infinity are out of bounds.</param>
    /// <param name="start">Within the bounds.</param>
    /// <param name="evaluationsMax">Of the function; the step that passes it is the last.</param>
    public static Minimum Minimise(Func<double[], double> function, double[] start, int evaluationsMax)
    {
        var simplex = new NashSimplex(function, start);
        while (simplex._evaluations <= evaluationsMax && simplex.Improve()) { }
        return simplex._corners[simplex._lowest];
    }

    bool Improve()
    {
        var highest = _lowest;
        for (var i = 0; i < _corners.Length; i++)
        {
            if (_corners[i].Value < _corners[_lowest].Value) _lowest = i;
            if (_corners[i].Value > _corners[highest].Value) highest = i;
        }
        var (best, worst) = (_corners[_lowest], _corners[highest]);
        if (worst.Value <= best.Value + _flat) return false;

        double[] centre = [.. best.Point.Select((_, i) => (_corners.Sum(corner => corner.Point[i]) - worst.Point[i]) / best.Point.Length)];
        var reflected = Between(centre, worst.Point, -1);
        if (reflected.Value < best.Value)
        {
            var further = Between(centre, reflected.Point, 2);
            _corners[highest] = further.Value < reflected.Value ? further : reflected;
            return true;
        }
        if (reflected.Value < worst.Value) _corners[highest] = reflected;
        var nearer = Between(centre, _corners[highest].Point, 0.5);
        if (nearer.Value < _corners[highest].Value) _corners[highest] = nearer;
        else if (reflected.Value >= worst.Value) return Shrink();
        return true;
    }

    /// <summary>Draws all corners half way to the best; false when that no longer makes it smaller.</summary>
    bool Shrink()
    {
        var best = _corners[_lowest].Point;
        double[][] points = [.. _corners.Select(corner => (double[])[.. corner.Point.Select((value, i) => 0.5 * (value - best[i]) + best[i])])];
        var size = points.Sum(point => point.Select((value, i) => Math.Abs(value - best[i])).Sum());
        if (!(size < _size)) return false;
        _size = size;
        for (var i = 0; i < points.Length; i++)
            if (i != _lowest) _corners[i] = At(points[i]);
        return true;
    }

    Minimum Between(double[] centre, double[] point, double share) => At([.. point.Select((value, i) => share * value + (1 - share) * centre[i])]);

    Minimum At(double[] point)
    {
        _evaluations++;
        var value = _function(point);
        return new(point, double.IsFinite(value) ? value : double.PositiveInfinity);
    }
}
