namespace PenguinMails.Insight.Forecasts;

/// <summary>The lowest point that was found.</summary>
/// <param name="Point">Within the bounds.</param>
/// <param name="Value">Of the function there.</param>
sealed record Minimum(double[] Point, double Value);

/// <summary>Downhill simplex within bounds: needs no derivative, and always takes the same way.</summary>
/// <remarks>Nelder and Mead 1965, Computer Journal 7, 308-313; started again from its result until that stays.</remarks>
static class NelderMead
{
    const int StepsMax = 4_000;
    const int RestartsMax = 12;
    const double Flat = 1e-13;

    /// <summary>Minimises from one start.</summary>
    /// <param name="function">Lower is better; NaN counts as worst.</param>
    /// <param name="start">Within the bounds.</param>
    /// <param name="low">Lower bounds.</param>
    /// <param name="high">Upper bounds.</param>
    public static Minimum Minimise(Func<double[], double> function, double[] start, double[] low, double[] high)
    {
        double Value(double[] point) => function(point) is var value && double.IsNaN(value) ? double.PositiveInfinity : value;
        var best = new Minimum(start, Value(start));
        for (var round = 0; round < RestartsMax; round++)
        {
            var next = Run(Value, best, low, high, round % 2 == 0 ? 0.1 : -0.05);
            var gained = best.Value - next.Value;
            best = next.Value < best.Value ? next : best;
            if (round > 0 && !(gained > Flat * (1 + Math.Abs(best.Value)))) break;
        }
        return best;
    }

    static Minimum Run(Func<double[], double> value, Minimum start, double[] low, double[] high, double size)
    {
        var n = start.Point.Length;
        var corners = new List<Minimum> { start };
        for (var i = 0; i < n; i++)
        {
            var point = (double[])start.Point.Clone();
            var step = size * Math.Max(0.5, Math.Abs(point[i]));
            point[i] = point[i] + step > high[i] || point[i] + step < low[i] ? point[i] - step : point[i] + step;
            corners.Add(At(point));
        }
        for (var step = 0; step < StepsMax; step++)
        {
            corners.Sort((a, b) => a.Value.CompareTo(b.Value));
            if (corners[^1].Value - corners[0].Value <= Flat * (1 + Math.Abs(corners[0].Value)) && Width(corners) < 1e-9) break;
            Improve(corners, At);
        }
        corners.Sort((a, b) => a.Value.CompareTo(b.Value));
        return corners[0];

        Minimum At(double[] point)
        {
            for (var i = 0; i < n; i++) point[i] = Math.Clamp(point[i], low[i], high[i]);
            return new(point, value(point));
        }
    }

    static void Improve(List<Minimum> corners, Func<double[], Minimum> at)
    {
        var n = corners.Count - 1;
        var (worst, middle) = (corners[n], new double[n]);
        for (var i = 0; i < n; i++)
            for (var k = 0; k < n; k++) middle[i] += corners[k].Point[i] / n;
        Minimum Along(double factor) => at([.. middle.Select((m, i) => m + factor * (m - worst.Point[i]))]);

        var reflected = Along(1);
        if (reflected.Value < corners[0].Value)
        {
            var further = Along(2);
            corners[n] = further.Value < reflected.Value ? further : reflected;
            return;
        }
        if (reflected.Value < corners[n - 1].Value)
        {
            corners[n] = reflected;
            return;
        }
        var nearer = reflected.Value < worst.Value ? Along(0.5) : Along(-0.5);
        if (nearer.Value < Math.Min(reflected.Value, worst.Value))
        {
            corners[n] = nearer;
            return;
        }
        for (var k = 1; k <= n; k++)
            corners[k] = at([.. corners[k].Point.Select((value, i) => corners[0].Point[i] + 0.5 * (value - corners[0].Point[i]))]);
    }

    static double Width(List<Minimum> corners) => corners.Max(corner => corner.Point.Select((value, i) => Math.Abs(value - corners[0].Point[i])).Max());
}
