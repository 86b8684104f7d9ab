namespace PenguinMails.Insight;

/// <summary>A closed range that holds the true value in a stated share of repetitions.</summary>
/// <param name="Low">Same unit as the estimate.</param>
/// <param name="High">Same unit as the estimate; at or above <paramref name="Low"/>.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>True when both ends lie on the same side of zero: the sign is known at this confidence.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;

    /// <summary>Both ends multiplied; a negative factor swaps them.</summary>
    public Interval Times(double factor) =>
        factor < 0 ? new(High * factor, Low * factor) : new(Low * factor, High * factor);

    internal static void RequireAlpha(double alpha)
    {
        if (!(alpha > 0 && alpha < 1))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "Must lie between 0 and 1.");
    }
}
