using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Budgets;

/// <summary>What the plan says a cost line or budget comes to in a month, in the plan's currency.</summary>
/// <param name="Low">Equal to <paramref name="High"/> unless the plan gives a range.</param>
/// <param name="Window">Months it holds for; null: always.</param>
/// <param name="IsOneOff">Named once and spread over its window, or over the year when it has none.</param>
public sealed record PlannedCost(decimal Low, decimal High, Period? Window, bool IsOneOff)
{
    const decimal MonthsOfYear = 12;

    public decimal Middle => (Low + High) / 2;

    /// <summary>Whether it falls into the month that begins on a day.</summary>
    public bool Holds(DateOnly month) => Window is not { } window || (window.Start < month.AddMonths(1) && window.End >= month);

    /// <summary>Null when the plan names no amount that is money.</summary>
    public static PlannedCost? Of(Plan plan, PlanObject line)
    {
        var window = line.Period("period");
        if (Money(plan, line.Quantity(line.Kind == "Budget" ? "total" : "amount")) is { } amount)
        {
            if (amount.Quantity.Unit.PerThing is not null) return line.Quantity("driverValue") is { } units ? new(amount.Low * units.Low * units.Unit.Scale, amount.High * units.High * units.Unit.Scale, window, false) : null;
            if (amount.Quantity.Unit.PerDays is not null) return new(amount.Quantity.MonthlyLow * amount.Rate, amount.Quantity.MonthlyHigh * amount.Rate, window, false);
            var months = window is { IsOpen: false } known ? ((known.End.Year - known.Start.Year) * 12) + known.End.Month - known.Start.Month + 1 : MonthsOfYear;
            return new(amount.Low / months, amount.High / months, window, true);
        }

        return line.Number("rate") is { } rate && Money(plan, line.Quantity("driverValue")) is { } driver ? new(driver.Quantity.MonthlyLow * driver.Rate * rate, driver.Quantity.MonthlyHigh * driver.Rate * rate, window, false) : null;
    }

    static (Quantity Quantity, decimal Rate, decimal Low, decimal High)? Money(Plan plan, Quantity? quantity)
    {
        if (quantity is not { Unit: { Dimension: Dimension.Money, Currency: { } currency } unit }) return null;
        var home = plan.Head?.Text("currency") ?? currency;
        var rate = currency == home ? 1 : plan.Head?.Spec.Map("rates")?.Text(currency) is { } written && NumberText.TryParse(written, out var number, out _) ? number : (decimal?)null;
        return rate is { } known ? (quantity, known, quantity.Low * unit.Scale * known, quantity.High * unit.Scale * known) : null;
    }
}
