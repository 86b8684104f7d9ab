using System.Globalization;
using PenguinMails.Insight;

namespace PenguinMails.Cli.Verbs.Insight;

/// <summary>A file's rows as points of a calendar.</summary>
sealed record VerdictSeries(IReadOnlyList<SeriesPoint> Points, Grain Grain, MetricKind Kind)
{
    public static VerdictSeries Of(SeriesFile file, Grain? grain, MetricKind? kind)
    {
        var rate = kind is null ? file.IsRate : kind == MetricKind.Rate;
        if (rate && !file.IsRate) throw new SeriesRefused($"{file.Path}:1: a rate needs the columns start,num,den; it has start,{string.Join(',', file.Columns)}.");
        var points = file.Rows.Select(row => Point(file, row, rate)).ToList();
        var step = grain ?? Guess(points);
        for (var i = 1; i < points.Count; i++)
            if (step.Between(points[i - 1].Start, points[i].Start) < 1)
                throw file.Refuse(file.Rows[i], $"{file.Rows[i].Start} is not a {step.ToString().ToLowerInvariant()} after {file.Rows[i - 1].Start}; sort the rows, one for each period, or give --grain.");
        return new(points, step, kind ?? (rate ? MetricKind.Rate : MetricKind.Level));
    }

    /// <summary>A value, or DAY:VALUE,DAY:VALUE; null for none.</summary>
    public static TargetPath? Path(string? text)
    {
        if (text is null) return null;
        if (!text.Contains(':')) return TargetPath.Always(Value("--target", text));
        var points = text.Split(',').Select(part => part.Split(':', 2) is [var day, var value]
            ? new TargetPoint(Day(day) ?? throw new SeriesRefused($"--target {text}: '{day}' is no day; write 2026-12-31:0.9."), Value("--target", value))
            : throw new SeriesRefused($"--target {text}: '{part}' lacks its day; write 2026-12-31:0.9.")).ToList();
        for (var i = 1; i < points.Count; i++)
            if (points[i].Day <= points[i - 1].Day) throw new SeriesRefused($"--target {text}: days must ascend.");
        return new TargetPath("target", points);
    }

    /// <summary>LOW,HIGH; null for none.</summary>
    public static Interval? Band(string? text, Better better)
    {
        if (text is null) return better == Better.Band ? throw new SeriesRefused("--better band needs --band LOW,HIGH.") : null;
        if (text.Split(',') is not [var low, var high] || Value("--band", low) > Value("--band", high)) throw new SeriesRefused($"--band {text}: write LOW,HIGH.");
        return new(Value("--band", low), Value("--band", high));
    }

    static SeriesPoint Point(SeriesFile file, SeriesRow row, bool rate)
    {
        var start = Day(row.Start) ?? throw file.Refuse(row, $"'{row.Start}' is no start; write 2026-01-05, 2026-01, 2026-W02 or 2026.");
        if (!rate) return new(start, double.IsNaN(file.IsRate ? Share(row) : row.Numbers[0]) ? null : file.IsRate ? Share(row) : row.Numbers[0], null, null, row.Partial, row.Rebase);
        if (double.IsNaN(row.Numbers[0]) || double.IsNaN(row.Numbers[1])) return new(start, null, 0, 0, row.Partial, row.Rebase);
        var (hits, trials) = (file.Whole(row, 0), file.Whole(row, 1));
        if (hits > trials) throw file.Refuse(row, $"{hits} of {trials}: num must lie between 0 and den.");
        return new(start, null, hits, trials, row.Partial, row.Rebase);
    }

    static double Share(SeriesRow row) => row.Numbers[1] > 0 ? row.Numbers[0] / row.Numbers[1] : double.NaN;

    static Grain Guess(List<SeriesPoint> points) => points.Count < 2 ? Grain.Week : (points[1].Start.DayNumber - points[0].Start.DayNumber) switch
    {
        <= 1 => Grain.Day,
        <= 14 => Grain.Week,
        <= 62 => Grain.Month,
        <= 190 => Grain.Quarter,
        _ => Grain.Year,
    };

    static DateOnly? Day(string text)
    {
        if (DateOnly.TryParseExact(text.Length > 10 && text[10] is 'T' or ' ' ? text[..10] : text, ["yyyy-MM-dd", "yyyy-MM"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return day;
        if (text.Length == 4 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is > 0) return new(year, 1, 1);
        if (text.Length == 8 && text[4..6] is "-W" && int.TryParse(text[..4], NumberStyles.None, CultureInfo.InvariantCulture, out var weekYear) && weekYear is > 1 and < 9999
            && int.TryParse(text[6..], NumberStyles.None, CultureInfo.InvariantCulture, out var week) && week >= 1 && week <= ISOWeek.GetWeeksInYear(weekYear))
            return DateOnly.FromDateTime(ISOWeek.ToDateTime(weekYear, week, DayOfWeek.Monday));
        return null;
    }

    static double Value(string option, string text)
    {
        var percent = text.Trim().EndsWith('%');
        return double.TryParse(text.Trim().TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? percent ? value / 100 : value
            : throw new SeriesRefused($"{option} {text}: no number; write 0.9 or 90%.");
    }
}
