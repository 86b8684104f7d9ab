namespace PenguinMails.Insight;

/// <summary>The usable points of a series as the tests take them.</summary>
/// <param name="Points">In time order; periods with few trials joined.</param>
/// <param name="Values">On the calendar from the first point to the last, NaN where there is none; the scale that is shown.</param>
/// <param name="Judged">The same on the scale the tests run on: logarithms, or distances from the band.</param>
/// <param name="IsLog">True for logarithms.</param>
sealed record PreparedSeries(IReadOnlyList<SeriesPoint> Points, double[] Values, double[] Judged, bool IsLog)
{
    /// <summary>From the judged scale back to the shown one; distances from a band stay what they are.</summary>
    internal double Back(double judged) => IsLog ? Math.Exp(judged) : judged;

    internal static PreparedSeries Of(IReadOnlyList<SeriesPoint> usable, MetricSpec metric)
    {
        var points = metric.IsRate ? Pooled(usable, metric.PoolTrialsMin) : usable;
        var values = OnCalendar(points, metric);
        var log = metric.Kind is MetricKind.Money or MetricKind.Count && metric.Better != Better.Band && values.All(value => double.IsNaN(value) || value > 0);
        var judged = metric.Better == Better.Band ? [.. values.Select(value => Distance(value, metric.Band))] : log ? [.. values.Select(value => Math.Log(value))] : values;
        return new(points, values, judged, log);
    }

    /// <summary>How far a value lies outside its band: 0 within.</summary>
    internal static double Distance(double value, Interval? band)
    {
        if (band is not { } inside) throw new ArgumentException("A metric that is best within a band needs the band.", nameof(band));
        return double.IsNaN(value) ? value : Math.Max(0, Math.Max(inside.Low - value, value - inside.High));
    }

    /// <summary>Joins each period of few trials with those that follow, the last with the one before.</summary>
    internal static IReadOnlyList<SeriesPoint> Pooled(IReadOnlyList<SeriesPoint> points, long trialsMin)
    {
        var pooled = new List<SeriesPoint>();
        SeriesPoint? open = null;
        foreach (var point in points)
        {
            open = open is null ? point : Joined(open, point);
            if (open.Denominator < trialsMin) continue;
            pooled.Add(open);
            open = null;
        }
        if (open is not null && pooled.Count > 0) pooled[^1] = Joined(pooled[^1], open);
        else if (open is not null) pooled.Add(open);
        return pooled;
    }

    static SeriesPoint Joined(SeriesPoint first, SeriesPoint second) =>
        first with { Numerator = first.Numerator + second.Numerator, Denominator = first.Denominator + second.Denominator };

    static double[] OnCalendar(IReadOnlyList<SeriesPoint> points, MetricSpec metric)
    {
        if (points.Count == 0) return [];
        var first = points[0].Start;
        var values = new double[metric.Grain.Between(first, points[^1].Start) + 1];
        Array.Fill(values, double.NaN);
        var days = metric.IsPerWorkingDay ? points.Average(point => (double)WorkingDays(point.Start, metric.Grain)) : 1;
        foreach (var point in points)
        {
            var own = metric.IsPerWorkingDay ? WorkingDays(point.Start, metric.Grain) : 1;
            values[metric.Grain.Between(first, point.Start)] = own == 0 ? double.NaN : point.Observed.GetValueOrDefault() * days / own;
        }
        return values;
    }

    static int WorkingDays(DateOnly start, Grain grain)
    {
        var (count, end) = (0, grain.Add(start, 1));
        for (var day = start; day < end; day = day.AddDays(1))
            if (day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)) count++;
        return count;
    }
}
