using System.Globalization;
using PenguinMails.Insight.Intervals;
using PenguinMails.Insight.Rates;
using PenguinMails.Insight.Survival;

namespace PenguinMails.Cli.Verbs.Insight;

/// <summary>Proportions, counts and durations with what is known of them.</summary>
static class RateTests
{
    sealed record RateRow(string Start, long Hits, long Trials, double Rate, double Low, double High);

    sealed record Rates(long Hits, long Trials, double Rate, double Low, double High, IReadOnlyList<RateRow> Rows);

    sealed record Compared(double Difference, double Low, double High, double Rate1, double Rate2);

    sealed record CountRow(string Start, long Count, double Low, double High);

    sealed record Counted(long Count, double Low, double High, IReadOnlyList<CountRow> Rows);

    sealed record Shrunk(string Start, long Hits, long Trials, double Rate, double Posterior, double Low, double High);

    sealed record Bayes(double Alpha, double Beta, double Mean, bool Pooled, IReadOnlyList<Shrunk> Rows);

    sealed record Spread(double Statistic, int Df, double P, double Ratio, string Model);

    sealed record SurvivalRow(double Time, long AtRisk, long Events, double Survival, double Se, double Low, double High);

    sealed record Curve(double? Median, IReadOnlyList<SurvivalRow> Steps);

    public static object Wilson(SeriesFile file, TestOptions options)
    {
        var (hits, trials, rows) = Some(file);
        var all = Row("", hits.Sum(), trials.Sum());
        return new Rates(all.Hits, all.Trials, all.Rate, all.Low, all.High, [.. rows.Select((row, i) => Row(row.Start, hits[i], trials[i]))]);

        RateRow Row(string start, long h, long n)
        {
            var range = WilsonScore.Of(h, n, options.Alpha);
            return new(start, h, n, (double)h / n, range.Low, range.High);
        }
    }

    public static object NewcombeTest(SeriesFile file, TestOptions options)
    {
        var (hits, trials, rows) = file.Counts();
        if (rows.Length != 2) throw new SeriesRefused($"{file.Path}:1: newcombe compares two rows, the first less the second; it has {rows.Length}.");
        var result = Newcombe.Of(hits[0], trials[0], hits[1], trials[1], options.Alpha);
        return new Compared(result.Value, result.Range.Low, result.Range.High, (double)hits[0] / trials[0], (double)hits[1] / trials[1]);
    }

    public static object Poisson(SeriesFile file, TestOptions options)
    {
        var rows = file.Rows.Where(row => !double.IsNaN(row.Numbers[0])).Select(row => (row.Start, Count: file.Whole(row, 0))).ToList();
        if (rows.Count == 0) throw new SeriesRefused($"{file.Path}:1: no row has a count.");
        var all = Row("", rows.Sum(row => row.Count));
        return new Counted(all.Count, all.Low, all.High, [.. rows.Select(row => Row(row.Start, row.Count))]);

        CountRow Row(string start, long count)
        {
            var range = PoissonExact.Of(count, options.Alpha);
            return new(start, count, range.Low, range.High);
        }
    }

    public static object EmpiricalBayes(SeriesFile file, TestOptions options)
    {
        var (hits, trials, rows) = Some(file);
        var prior = options.Prior is { } given ? Prior(given) : BetaBinomial.Fit(hits, trials);
        return new Bayes(prior.Alpha, prior.Beta, prior.Mean, prior.IsPooled, [.. rows.Select((row, i) =>
        {
            var range = prior.PosteriorInterval(hits[i], trials[i], options.Alpha);
            return new Shrunk(row.Start, hits[i], trials[i], (double)hits[i] / trials[i], prior.Posterior(hits[i], trials[i]), range.Low, range.High);
        })]);
    }

    public static object Dispersion(SeriesFile file, TestOptions options)
    {
        var result = file.IsRate
            ? Overdispersion.Binomial(file.Counts().Hits, file.Counts().Trials)
            : Overdispersion.Poisson([.. file.Rows.Where(row => !double.IsNaN(row.Numbers[0])).Select(row => file.Whole(row, 0))]);
        return new Spread(result.Statistic, result.Freedom, result.P, result.Ratio, file.IsRate ? "binomial" : "poisson");
    }

    /// <summary>Columns time,event (1 ended, 0 still going on), start,value (all ended), or start,num,den (when, ended, at risk).</summary>
    public static object Survival(SeriesFile file, TestOptions options)
    {
        var curve = file.IsRate
            ? KaplanMeier.OfTable([.. file.Rows.Select(row => (Time(file, row, row.Start), file.Whole(row, 1), file.Whole(row, 0)))], options.Alpha)
            : KaplanMeier.Of([.. file.Rows.Where(row => !double.IsNaN(row.Numbers[0])).Select(row => file.Columns[0] is "event" or "status"
                ? new Duration(Time(file, row, row.Start), file.Whole(row, 0) > 0)
                : new Duration(row.Numbers[0], file.Columns.Count < 2 || file.Whole(row, 1) > 0))], options.Alpha);
        return new Curve(curve.Median, [.. curve.Steps.Select(step => new SurvivalRow(step.Time, step.AtRisk, step.Events, step.Survival, step.StandardError, step.Range.Low, step.Range.High))]);
    }

    static (long[] Hits, long[] Trials, SeriesRow[] Rows) Some(SeriesFile file)
    {
        var counts = file.Counts();
        return counts.Rows.Length > 0 ? counts : throw new SeriesRefused($"{file.Path}:1: no row has hits and trials.");
    }

    static double Time(SeriesFile file, SeriesRow row, string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var time) && double.IsFinite(time)
        ? time
        : throw file.Refuse(row, $"'{text}' is no duration; write a number.");

    static BetaPrior Prior(string text) =>
        text.Split(',') is [var a, var b] && double.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out var alpha) && double.TryParse(b, NumberStyles.Float, CultureInfo.InvariantCulture, out var beta)
            && alpha > 0 && beta > 0 && double.IsFinite(alpha + beta)
            ? new BetaPrior(alpha, beta, false)
            : throw new SeriesRefused($"--prior {text}: write ALPHA,BETA, both above 0.");
}
