using System.Globalization;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Budgets;

/// <summary>The months a budget is looked at for.</summary>
/// <param name="Year">The twelve months of the fiscal year.</param>
/// <param name="Shown">What is added up: one month, or those of the year that are closed.</param>
/// <param name="Closed">All that are over, from three before the year on, oldest first.</param>
/// <param name="IsOpen">The shown month is not over.</param>
sealed record BudgetMonths(IReadOnlyList<DateOnly> Year, IReadOnlyList<DateOnly> Shown, IReadOnlyList<DateOnly> Closed, bool IsOpen)
{
    /// <param name="asked">2026-11, or null for the year so far. What is no month counts as null.</param>
    public static BudgetMonths Of(Plan? plan, string? asked, DateOnly today)
    {
        DateOnly? month = DateOnly.TryParseExact(asked, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var read) && read.Year is > 2000 and < 2200 ? read : null;
        var running = new DateOnly(today.Year, today.Month, 1);
        var first = YearOf(plan, month ?? running);
        // In the first month of a year there is nothing closed yet, so the year before is shown whole.
        if (month is null && first == running) first = first.AddYears(-1);
        var year = Enumerable.Range(0, 12).Select(first.AddMonths).ToList();
        var closed = Enumerable.Range(-3, 15).Select(first.AddMonths).Where(one => one < running).ToList();
        return new(year, month is { } one ? [one] : [.. year.Where(closed.Contains)], closed, month >= running);
    }

    static DateOnly YearOf(Plan? plan, DateOnly month)
    {
        var text = plan?.Head?.Text("fiscalYearStart") ?? "";
        var begins = text.Length >= 2 && int.TryParse(text.AsSpan(0, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 12 ? number : 1;
        return new DateOnly(month.Month >= begins ? month.Year : month.Year - 1, begins, 1);
    }
}
