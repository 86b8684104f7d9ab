using System.Globalization;

namespace PenguinMails.Oversight.Reports;

/// <summary>Which stretch of days a report of a kind is about: a calendar month for board and finance, a week from Monday for operations and weekly.</summary>
public static class ReportPeriods
{
    // A week of messages closes seven days after its Sunday. A month's last week may end six days after the month.
    const int WeekClosesAfter = 7;
    const int MonthClosesAfter = 13;

    public static bool IsMonthly(ReportKind kind) => kind is ReportKind.Board or ReportKind.Finance;

    public static DateOnly StartOf(ReportKind kind, DateOnly day) => IsMonthly(kind) ? new(day.Year, day.Month, 1) : day.AddDays(-(((int)day.DayOfWeek + 6) % 7));

    public static DateOnly EndOf(ReportKind kind, DateOnly start) => (IsMonthly(kind) ? start.AddMonths(1) : start.AddDays(7)).AddDays(-1);

    /// <summary>The newest period that is over.</summary>
    public static DateOnly Newest(ReportKind kind, DateOnly today) => StartOf(kind, StartOf(kind, today).AddDays(-1));

    /// <summary>The newest period whose figures are closed: what a schedule builds.</summary>
    public static DateOnly Due(ReportKind kind, DateOnly today) => Newest(kind, today.AddDays(-Slack(kind)));

    /// <summary>First day on which a period is due.</summary>
    public static DateOnly DueOn(ReportKind kind, DateOnly start) => EndOf(kind, start).AddDays(1 + Slack(kind));

    public static DateOnly Following(ReportKind kind, DateOnly start) => EndOf(kind, start).AddDays(1);

    static int Slack(ReportKind kind) => IsMonthly(kind) ? MonthClosesAfter : WeekClosesAfter;

    public static string Words(ReportKind kind, DateOnly start, DateOnly today)
    {
        var words = IsMonthly(kind) ? start.ToString("MMMM yyyy", CultureInfo.InvariantCulture) : "week of " + start.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
        return EndOf(kind, start) >= today ? words + ", so far" : words;
    }

    public static string Title(ReportKind kind) => kind switch
    {
        ReportKind.Board => "Board page",
        ReportKind.Finance => "Money against plan",
        ReportKind.Operations => "Operations review",
        ReportKind.Weekly => "Your week",
    };

    internal static string Word(ReportKind kind) => kind switch
    {
        ReportKind.Board => "board",
        ReportKind.Finance => "finance",
        ReportKind.Operations => "operations",
        ReportKind.Weekly => "weekly",
    };

    /// <summary>Null for a word that is no kind.</summary>
    public static ReportKind? Find(string? word) => word switch
    {
        "board" => ReportKind.Board,
        "finance" => ReportKind.Finance,
        "operations" => ReportKind.Operations,
        "weekly" => ReportKind.Weekly,
        _ => null,
    };

    internal static ReportKind Parse(string word) => Find(word) ?? throw new InvalidOperationException($"Unknown kind of report {word}.");
}
