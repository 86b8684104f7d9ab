namespace PenguinMails.Oversight.Budgets;

/// <summary>When a difference to the plan is worth a word: both at once, because a percentage alone makes noise of small lines and an amount alone of large ones.</summary>
public readonly record struct BudgetMateriality(decimal Percent, decimal Floor)
{
    /// <param name="off">How far beyond the plan, or short of it.</param>
    /// <param name="planned">What it is held against; 0 for what is not planned, where the amount alone decides.</param>
    public bool IsReached(decimal off, decimal planned) => off != 0 && Math.Abs(off) >= Floor && (planned == 0 || Math.Abs(off) * 100 >= Percent * Math.Abs(planned));
}

/// <summary>Actual, plan and forecast of a line over some months, in whole units of the currency. Pure.</summary>
/// <param name="Off">Beyond the upper end of the plan when positive, short of its lower end when negative, 0 within it.</param>
public readonly record struct BudgetVariance(decimal Actual, decimal Low, decimal High, decimal Off)
{
    public decimal Planned => (Low + High) / 2;

    /// <summary>AC − PL.</summary>
    public decimal Delta => Actual - Planned;

    /// <summary>ΔPL ÷ PL in percent; null where nothing is planned.</summary>
    public decimal? DeltaPercent => Planned == 0 ? null : 100 * Delta / Planned;

    public bool IsMaterial(BudgetMateriality materiality) => materiality.IsReached(Off, Off > 0 ? High : Low);

    /// <param name="planned">Null when it is not planned.</param>
    public static BudgetVariance Of(IReadOnlyDictionary<DateOnly, decimal> actual, PlannedCost? planned, IReadOnlyList<DateOnly> months)
    {
        var spent = months.Sum(month => actual.GetValueOrDefault(month));
        var held = planned is null ? 0 : months.Count(planned.Holds);
        var (low, high) = (held * (planned?.Low ?? 0), held * (planned?.High ?? 0));
        return new(spent, low, high, spent > high ? spent - high : spent < low ? spent - low : 0);
    }

    /// <summary>The year when it goes on as lately: what closed months came to, and for each month left the mean of the last three closed ones.</summary>
    /// <param name="year">Its twelve months.</param>
    /// <param name="closed">Closed months, also of the year before, oldest first.</param>
    public static decimal Forecast(IReadOnlyDictionary<DateOnly, decimal> actual, PlannedCost? planned, IReadOnlyList<DateOnly> year, IReadOnlyList<DateOnly> closed)
    {
        var inPlan = planned is null ? 0 : year.Count(planned.Holds) * planned.Middle;
        var spent = year.Sum(month => actual.GetValueOrDefault(month));
        if (planned is { IsOneOff: true }) return Math.Max(spent, inPlan); // It is paid once, whatever was paid so far.
        var past = year.Where(closed.Contains).ToList();
        var known = closed.Where(month => actual.Keys.Any(first => first <= month)).TakeLast(RunRateMonths).ToList();
        if (known.Count == 0) return inPlan;
        var left = year.Where(month => !past.Contains(month)).ToList();
        var rate = known.Average(month => actual.GetValueOrDefault(month));
        return past.Sum(month => actual.GetValueOrDefault(month)) + (rate * left.Count(month => planned?.Holds(month) ?? true));
    }

    const int RunRateMonths = 3;
}
