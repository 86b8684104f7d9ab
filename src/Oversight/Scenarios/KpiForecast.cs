using PenguinMails.Insight;
using PenguinMails.Insight.Distributions;
using PenguinMails.Insight.Forecasts;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Oversight.Scenarios;

/// <summary>One coming period of a figure.</summary>
/// <param name="Start">First day.</param>
/// <param name="Middle">What is expected, in the figure's own unit: half lies above.</param>
/// <param name="Low">Lower end of the 80 % interval.</param>
/// <param name="High">Upper end.</param>
public sealed record ForecastPeriod(DateOnly Start, double Middle, double Low, double High);

/// <summary>The coming periods of a figure, if what drove it goes on.</summary>
/// <param name="IsLog">Computed on logarithms, as money and counts above 0 are.</param>
/// <param name="Errors">Past forecasts the intervals were tried on; 0 when there were too few, and then they are the method's own and too narrow.</param>
public sealed record KpiForecast(IReadOnlyList<ForecastPeriod> Periods, bool IsLog, int Errors)
{
    /// <summary>Closed periods without a gap needed for a forecast.</summary>
    public const int PointsMin = 8;

    const double Alpha = 0.20;
    const int TrainMin = 6;

    static readonly double Reach = NormalDistribution.Quantile(1 - Alpha / 2);

    /// <summary>The Theta method, its 80 % intervals widened by rolling origin until they would have held in the past.</summary>
    /// <param name="values">Closed periods, oldest first.</param>
    /// <param name="horizon">1 to 120 periods.</param>
    /// <returns>Null with fewer than <see cref="PointsMin"/> periods since the last gap or change of definition.</returns>
    public static KpiForecast? Of(Kpi kpi, IReadOnlyList<KpiValue> values, int horizon)
    {
        var whole = Whole(kpi, values);
        if (whole.Count < PointsMin) return null;
        double[] series = [.. whole.Select(value => value.Observed.GetValueOrDefault())];
        var isLog = kpi.Kind is MetricKind.Money or MetricKind.Count && series.All(value => value > 0);
        double[] judged = isLog ? [.. series.Select(value => Math.Log(value))] : series;
        var found = RollingOrigin.Calibrate((train, ahead) => Theta.Fit(train, 1).Ahead(ahead), judged, horizon, TrainMin, Alpha);
        var last = whole[^1].Start;
        return new([.. found.Points.Zip(found.Ranges).Select(one => Period(kpi, kpi.Grain.Add(last, one.First.Ahead), one.First.Mean, one.Second, isLog))], isLog, found.Errors);
    }

    /// <summary>Chance that a period reaches a value, with the forecast's errors taken as normal.</summary>
    /// <param name="mustBeAbove">Whether the value is to be reached from below.</param>
    public double ChanceOf(ForecastPeriod period, double value, bool mustBeAbove)
    {
        if (IsLog && value <= 0) return mustBeAbove ? 1 : 0;
        double Scale(double number) => IsLog ? Math.Log(number) : number;
        var deviation = (Scale(period.High) - Scale(period.Low)) / (2 * Reach);
        if (!(deviation > 0)) return period.Middle >= value == mustBeAbove || period.Middle == value ? 1 : 0;
        var above = 1 - NormalDistribution.Cumulative((Scale(value) - Scale(period.Middle)) / deviation);
        return mustBeAbove ? above : 1 - above;
    }

    static ForecastPeriod Period(Kpi kpi, DateOnly start, double mean, Interval range, bool isLog)
    {
        if (isLog) return new(start, Math.Exp(mean), Math.Exp(range.Low), Math.Exp(range.High));
        return kpi.Kind == MetricKind.Rate ? new(start, Math.Clamp(mean, 0, 1), Math.Clamp(range.Low, 0, 1), Math.Clamp(range.High, 0, 1)) : new(start, mean, range.Low, range.High);
    }

    // From the last gap or change of definition on.
    static List<KpiValue> Whole(Kpi kpi, IReadOnlyList<KpiValue> values)
    {
        var whole = new List<KpiValue>();
        foreach (var value in values)
        {
            if (value.Observed is null) whole.Clear();
            else
            {
                if (whole.Count > 0 && (kpi.Grain.Add(whole[^1].Start, 1) != value.Start || whole[^1].Version != value.Version)) whole.Clear();
                whole.Add(value);
            }
        }

        return whole;
    }
}
