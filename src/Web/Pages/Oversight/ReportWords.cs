using System.Globalization;
using PenguinMails.Oversight.Reports;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>Reports in words.</summary>
static class ReportWords
{
    public static string Name(ReportKind kind) => kind switch
    {
        ReportKind.Board => "Board page",
        ReportKind.Finance => "Money against plan",
        ReportKind.Operations => "Operations review",
        ReportKind.Weekly => "Weekly report",
    };

    public static string About(ReportKind kind) => kind switch
    {
        ReportKind.Board => "Board page: a month on one page",
        ReportKind.Finance => "Money against plan: a month for finance",
        ReportKind.Operations => "Operations review: six weeks and twelve months",
        ReportKind.Weekly => "Weekly report: a week in 120 words",
    };

    public static string Period(Report report) =>
        report.Kind is ReportKind.Board or ReportKind.Finance ? report.Period.ToString("MMMM yyyy", CultureInfo.InvariantCulture) : "week of " + report.Period.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
