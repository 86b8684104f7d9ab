namespace PenguinMails.Insight;

/// <summary>What the numbers of a metric are; decides scale, limits and how they are written.</summary>
public enum MetricKind
{
    /// <summary>A state: queue age, score.</summary>
    Level,

    /// <summary>Hits out of trials, judged on the counts; shown in percent.</summary>
    Rate,

    /// <summary>How often something happened; judged on a logarithmic scale when every value is above 0.</summary>
    Count,

    /// <summary>How long something took, any unit.</summary>
    Duration,

    /// <summary>An amount, judged as a count is.</summary>
    Money,
}

/// <summary>Which way is good news.</summary>
public enum Better
{
    /// <summary>More is better: accepted mail, replies.</summary>
    Up,

    /// <summary>Less is better: bounces, complaints, cost.</summary>
    Down,

    /// <summary>Nearer to <see cref="MetricSpec.Band"/> is better: load, price.</summary>
    Band,
}

/// <summary>Smallest change over the window worth a verdict; both parts must be reached.</summary>
/// <param name="Absolute">In the metric's own unit: 0.01 is one percentage point of a rate. 0 lets every change count.</param>
/// <param name="Relative">Of the level at the start of the window: 0.05 is five percent of it. 0 lets every change count.</param>
public readonly record struct Materiality(double Absolute, double Relative)
{
    /// <summary>An absolute threshold alone.</summary>
    public static Materiality Of(double absolute) => new(absolute, 0);

    internal bool IsReached(double change, double from) => Math.Abs(change) >= Absolute && Math.Abs(change) >= Relative * Math.Abs(from);
}

/// <summary>What a metric should be by when.</summary>
/// <param name="Name">For the sentence, after "Against the": "plan", "target of the board".</param>
/// <param name="Points">By day, ascending, at least one; between two the path is straight, outside it stays level.</param>
public sealed record TargetPath(string Name, IReadOnlyList<TargetPoint> Points)
{
    /// <summary>The same value always.</summary>
    public static TargetPath Always(double value) => new("target", [new(DateOnly.MinValue, value)]);

    /// <summary>Value of the path on a day.</summary>
    /// <exception cref="ArgumentException">A path without points, or with days out of order.</exception>
    public double At(DateOnly day)
    {
        if (Points.Count == 0) throw new ArgumentException("A path needs a point.", nameof(day));
        for (var i = 1; i < Points.Count; i++)
            if (Points[i].Day <= Points[i - 1].Day) throw new ArgumentException($"Point {Points[i].Day:O} does not come after the one before.", nameof(day));
        var next = Points.ToList().FindIndex(point => point.Day >= day);
        if (next < 0) return Points[^1].Value;
        if (next == 0) return Points[0].Value;
        var (from, to) = (Points[next - 1], Points[next]);
        return from.Value + (to.Value - from.Value) * (day.DayNumber - from.Day.DayNumber) / (to.Day.DayNumber - from.Day.DayNumber);
    }
}

/// <summary>One point of a path.</summary>
/// <param name="Day">When.</param>
/// <param name="Value">In the metric's own unit.</param>
public readonly record struct TargetPoint(DateOnly Day, double Value);

/// <summary>What a series measures and how much of it is needed before it may be judged.</summary>
/// <param name="Name">Begins the sentence, so with a capital: "Acceptance rate".</param>
/// <param name="Kind">What the numbers are.</param>
/// <param name="Better">Turns a trend into good or bad news.</param>
/// <param name="Grain">Distance between two points.</param>
/// <param name="Materiality">Smallest change over the window worth a verdict.</param>
public sealed record MetricSpec(string Name, MetricKind Kind, Better Better, Grain Grain, Materiality Materiality)
{
    /// <summary>Fewest points any threshold may ask for: below, no test has anything to say.</summary>
    public const int PointsFloor = 4;

    /// <summary>Usable points needed after the last change of definition, at least <see cref="PointsFloor"/>. Default 12:
    /// with 4 or 5 a rank test already turns significant by accident of order.</summary>
    public int PointsMin { get; init; } = 12;

    /// <summary>Trials needed over those points, rates only. Default 200.</summary>
    public long DenominatorMin { get; init; } = 200;

    /// <summary>Trials a period of a rate needs to stand by itself; with fewer it is joined with those that follow.
    /// Default 10; 0 or 1 joins nothing.</summary>
    public long PoolTrialsMin { get; init; } = 10;

    /// <summary>Share of the calendar between first and last point that must be filled. Default 0.8.</summary>
    public double CoverageMin { get; init; } = 0.8;

    /// <summary>What is counted in the denominator, plural, for the sentence. Default "counted".</summary>
    public string DenominatorNoun { get; init; } = "counted";

    /// <summary>Periods in a year or other cycle, at least 2; null looks for no season. Default null.</summary>
    public int? SeasonPeriod { get; init; }

    /// <summary>Divides by the working days (Monday to Friday) of the period and multiplies by their mean. Default false.</summary>
    public bool IsPerWorkingDay { get; init; }

    /// <summary>What the metric should be; null judges no assurance. Default null.</summary>
    public TargetPath? Target { get; init; }

    /// <summary>Where the metric should stay; needed for, and only used by, <see cref="Better.Band"/>.</summary>
    public Interval? Band { get; init; }

    internal bool IsRate => Kind == MetricKind.Rate;
}
