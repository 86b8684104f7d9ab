namespace PenguinMails.Insight.Trends;

/// <summary>One trend over several series at once: sites of a region, domains of a customer, seasons of a year.</summary>
/// <remarks>
/// Helsel and Frans 2006, Environmental Science and Technology 40, 4066-4073 (independent columns); Dietz and Killeen
/// 1981, Journal of the American Statistical Association 76, 169-174, as used by Libiseller and Grimvall 2002,
/// Environmetrics 13, 71-84 (correlated columns, no continuity correction).
/// </remarks>
public static class RegionalMannKendall
{
    /// <summary>Sums S and its variance over columns taken as independent; each column leaves its own NaN out.</summary>
    /// <param name="columns">Series of equal length, one for each site.</param>
    /// <param name="alpha">As <see cref="MannKendall.Test"/>.</param>
    /// <exception cref="ArgumentException">No column, columns of unequal length, or none with two numbers.</exception>
    public static MannKendallResult Test(IReadOnlyList<double[]> columns, double alpha)
    {
        Interval.RequireAlpha(alpha);
        RequireEqual(columns);
        double s = 0, variance = 0, pairs = 0;
        foreach (var column in columns)
        {
            var known = column.Where(value => !double.IsNaN(value)).ToArray();
            s += MannKendall.PairBalance(known);
            variance += MannKendall.Variance(known);
            pairs += MannKendall.Pairs(known.Length);
        }
        if (pairs == 0) throw new ArgumentException("No column has two numbers to compare: give two cycles or more, or a shorter period.", nameof(columns));
        return MannKendall.Judge(columns[0].Length, s, variance, pairs, alpha);
    }

    /// <summary>Counts the covariances between the columns: var S is the sum over all pairs of columns.</summary>
    /// <param name="columns">As <see cref="Test"/>; a row with NaN in any column is left out.</param>
    /// <param name="alpha">As <see cref="MannKendall.Test"/>.</param>
    /// <exception cref="ArgumentException">As <see cref="Test"/>, or fewer than two whole rows.</exception>
    public static MannKendallResult TestCorrelated(IReadOnlyList<double[]> columns, double alpha)
    {
        Interval.RequireAlpha(alpha);
        var whole = WholeRows(columns);
        var n = whole[0].Length;
        double s = 0, variance = 0;
        for (var i = 0; i < whole.Length; i++)
        {
            s += MannKendall.PairBalance(whole[i]);
            for (var j = 0; j <= i; j++) variance += (i == j ? 1 : 2) * Covariance(whole[i], whole[j]);
        }
        return MannKendall.Decide(n, s, variance, MannKendall.Standardised(s, s, variance), s / (whole.Length * MannKendall.Pairs(n)), alpha);
    }

    /// <summary>Covariance of two columns' S: (K + 4 Σ R R' - n(n+1)²) / 3.</summary>
    internal static double Covariance(double[] first, double[] second)
    {
        double n = first.Length, concordance = 0, ranks = 0;
        for (var i = 0; i < first.Length; i++)
        {
            double rank1 = n + 1, rank2 = n + 1;
            for (var j = 0; j < first.Length; j++)
            {
                var (a, b) = (Math.Sign(first[i] - first[j]), Math.Sign(second[i] - second[j]));
                (rank1, rank2) = (rank1 + a, rank2 + b);
                if (j < i) concordance += a * b;
            }
            ranks += rank1 * rank2; // Each is twice the rank, so the product is four times that of the ranks.
        }
        return (concordance + ranks - n * (n + 1) * (n + 1)) / 3;
    }

    internal static double[][] WholeRows(IReadOnlyList<double[]> columns)
    {
        RequireEqual(columns);
        var rows = Enumerable.Range(0, columns[0].Length).Where(row => columns.All(column => !double.IsNaN(column[row]))).ToArray();
        if (rows.Length < 2) throw new ArgumentException($"Needs two cycles without a gap, has {rows.Length}: give more of the series, or a shorter period.", nameof(columns));
        return [.. columns.Select(column => rows.Select(row => column[row]).ToArray())];
    }

    static void RequireEqual(IReadOnlyList<double[]> columns)
    {
        if (columns.Count == 0) throw new ArgumentException("Needs a column.", nameof(columns));
        if (columns.Any(column => column.Length != columns[0].Length)) throw new ArgumentException("Columns differ in length.", nameof(columns));
        if (columns.Any(column => column.Length > MannKendall.ObservationsMax))
            throw new ArgumentException($"At most {MannKendall.ObservationsMax} rows.", nameof(columns));
    }
}

/// <summary>Trend of one series with what a second one explains taken out: volume with the number of mailboxes, say.</summary>
/// <remarks>
/// Libiseller and Grimvall 2002, Environmetrics 13, 71-84: S = S(x) - ρ·S(y) with variance (1-ρ²)·n(n-1)(2n+5)/18 and
/// no continuity correction; ρ is the covariance of the two S over that of one series without ties.
/// </remarks>
public static class PartialMannKendall
{
    /// <summary>Tests the first series given the second.</summary>
    /// <param name="values">In time order; a row with NaN on either side is left out. At least 2 whole rows.</param>
    /// <param name="covariate">As long as <paramref name="values"/>.</param>
    /// <param name="alpha">As <see cref="MannKendall.Test"/>.</param>
    /// <returns>Tau is that of the first series by itself.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or fewer than two whole rows.</exception>
    public static MannKendallResult Test(double[] values, double[] covariate, double alpha)
    {
        Interval.RequireAlpha(alpha);
        var whole = RegionalMannKendall.WholeRows([values, covariate]);
        double n = whole[0].Length, free = n * (n - 1) * (2 * n + 5) / 18;
        var own = MannKendall.PairBalance(whole[0]);
        var shared = RegionalMannKendall.Covariance(whole[0], whole[1]) / free;
        var s = own - shared * MannKendall.PairBalance(whole[1]);
        var variance = (1 - shared * shared) * free;
        return MannKendall.Decide(
            whole[0].Length, s, variance, MannKendall.Standardised(s, s, variance), own / MannKendall.Pairs(whole[0].Length), alpha);
    }
}
