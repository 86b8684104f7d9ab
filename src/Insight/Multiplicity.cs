namespace PenguinMails.Insight;

/// <summary>A verdict with what it is about.</summary>
/// <param name="Metric">Gives the sentence its words.</param>
/// <param name="Verdict">As judged by itself.</param>
public sealed record Tile(MetricSpec Metric, Verdict Verdict);

/// <summary>Many verdicts on one page: of twenty that claim something by chance, one would.</summary>
/// <remarks>Benjamini and Hochberg 1995, Journal of the Royal Statistical Society B 57, 289-300: of the claims that are
/// kept, at most the share q is expected to be false.</remarks>
public static class Multiplicity
{
    /// <summary>Share of false claims borne on a page.</summary>
    public const double Share = 0.10;

    /// <summary>Which hypotheses are rejected.</summary>
    /// <param name="chances">p-values, 0 to 1; at most 100,000.</param>
    /// <param name="share">q, above 0 and below 1.</param>
    /// <returns>True where the hypothesis is rejected, in the order given.</returns>
    /// <exception cref="ArgumentException">A p-value or share outside its range.</exception>
    public static IReadOnlyList<bool> Rejected(IReadOnlyList<double> chances, double share)
    {
        Interval.RequireAlpha(share);
        if (chances.Any(p => !(p >= 0 && p <= 1))) throw new ArgumentException("A p-value lies between 0 and 1.", nameof(chances));
        var sorted = chances.Order().ToArray();
        var limit = double.NegativeInfinity;
        for (var i = 0; i < sorted.Length; i++)
            if (sorted[i] <= (i + 1.0) / sorted.Length * share) limit = sorted[i];
        return [.. chances.Select(p => p <= limit)];
    }

    /// <summary>Weighs all verdicts of a page together; a firm one that does not hold there becomes a lean.</summary>
    /// <param name="tiles">Everything on the page; those without enough data neither count nor change.</param>
    /// <returns>In the order given.</returns>
    public static IReadOnlyList<Verdict> Weigh(IReadOnlyList<Tile> tiles)
    {
        var judged = tiles.Where(tile => tile.Verdict.Direction != Direction.NotEnoughData).ToList();
        var kept = Rejected([.. judged.Select(tile => tile.Verdict.Evidence.ClaimP)], Share);
        var demoted = judged.Where((tile, i) => !kept[i] && tile.Verdict.Shape != Shape.None).ToHashSet();
        return [.. tiles.Select(tile => demoted.Contains(tile) ? Lean(tile) : tile.Verdict)];
    }

    static Verdict Lean(Tile tile)
    {
        var verdict = tile.Verdict with
        {
            Direction = Direction.Flat,
            Shape = Shape.None,
            Confidence = Confidence.Low,
            Lean = tile.Verdict.To > tile.Verdict.From ? Trend.Rising : Trend.Falling,
        };
        return verdict with { Sentence = VerdictSentence.Judged(verdict, tile.Metric) };
    }
}

/// <summary>What was last announced of a metric, and what may replace it.</summary>
/// <param name="Announced">What people were told; null before the first time.</param>
/// <param name="Pending">What the last evaluation said when it differs; null when it does not.</param>
public sealed record Announcement(Direction? Announced, Direction? Pending)
{
    /// <summary>Nothing was announced yet.</summary>
    public static Announcement None { get; } = new(null, null);

    /// <summary>Takes an evaluation in: another direction is announced when two in a row say so. The first is announced
    /// at once, and so is the loss of enough data.</summary>
    /// <param name="current">What this evaluation says.</param>
    public Announcement Next(Direction current) =>
        current == Announced ? new(Announced, null)
        : Announced is null or Direction.NotEnoughData || current == Direction.NotEnoughData || current == Pending ? new(current, null)
        : new(Announced, current);
}
