using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Budgets;

/// <summary>Adds rows up against the plan. Holds nothing but what it was given.</summary>
sealed class BudgetSums
{
    readonly CurrentPlan? _plan;
    readonly BudgetBook _book;
    readonly BudgetMonths _months;
    readonly BudgetMateriality _materiality;
    readonly Func<Kpi, IReadOnlyList<KpiValue>> _closed;
    readonly ILookup<string, (DateOnly Month, decimal Amount)> _byLine;
    readonly ILookup<string, (DateOnly Month, decimal Amount)> _byCentre;

    public BudgetSums(CurrentPlan? plan, IReadOnlyList<CostRow> rows, BudgetMonths months, BudgetMateriality materiality, string? centre, Func<Kpi, IReadOnlyList<KpiValue>> closed)
    {
        (_plan, _months, _materiality, Centre, _closed, _book) = (plan, months, materiality, centre, closed, new BudgetBook(plan?.Plan));
        Currency = plan?.Plan.Head?.Text("currency") ?? (rows.Count > 0 ? rows[0].Currency : null);
        var counted = rows.Where(row => row.Currency == Currency).Select(row => (Line: _book.LineOf(row), Centre: _book.CentreOf(row), row.BilledOn, Amount: row.Amount / MinorUnits.Scale(row.Currency))).ToList();
        LeftOut = rows.Count - counted.Count;
        _byCentre = counted.ToLookup(row => row.Centre, row => (row.BilledOn, row.Amount), StringComparer.OrdinalIgnoreCase);
        _byLine = counted.Where(row => centre is null || row.Centre.Equals(centre, StringComparison.OrdinalIgnoreCase)).ToLookup(row => row.Line, row => (row.BilledOn, row.Amount), StringComparer.Ordinal);
    }

    public string? Currency { get; }

    public string? Centre { get; }

    public int LeftOut { get; }

    /// <summary>Those over their plan first, by how far; then by what they cost.</summary>
    public IReadOnlyList<BudgetLine> Lines(Func<string, Guid?> step)
    {
        var planned = _book.Lines.Where(line => Centre is null || _byLine.Contains(line.Name) || _book.LinesOf(Centre).Contains(line.Name)).Select(line => line.Name);
        return [.. planned.Union(_byLine.Select(line => line.Key)).Select(name => Line(name, step(name))).OrderByDescending(line => line.IsMaterial).ThenByDescending(line => line.Off).ThenByDescending(line => line.Actual)];
    }

    public IReadOnlyList<CentreLine> Centres() =>
    [
        .. _byCentre.Select(one => one.Key).Union(_book.Budgets.Select(budget => budget.Text("costCentre") ?? budget.Name), StringComparer.OrdinalIgnoreCase).Select(name =>
        {
            var planned = _book.PlannedOf(name).ToList();
            decimal Sum(Func<PlannedCost, decimal> of) => planned.Sum(one => _months.Shown.Count(one.Holds) * of(one));
            var (actual, low, high) = (_byCentre[name].Where(one => _months.Shown.Contains(one.Month)).Sum(one => one.Amount), Sum(one => one.Low), Sum(one => one.High));
            var off = actual > high ? actual - high : actual < low ? actual - low : 0;
            decimal? middle = planned.Count > 0 ? (low + high) / 2 : null;
            return new CentreLine(name, actual, middle, actual - middle, middle is not null && !_months.IsOpen && _materiality.IsReached(off, off > 0 ? high : low));
        }).OrderBy(line => line.Name.Length == 0).ThenByDescending(line => line.Actual),
    ];

    public IReadOnlyList<MonthLine> Year() =>
        [.. _months.Year.Select(month => new MonthLine(month, _byLine.SelectMany(line => line).Where(one => one.Month == month).Sum(one => one.Amount), PlannedIn(month), _months.Closed.Contains(month)))];

    decimal PlannedIn(DateOnly month) => Centre is null ? _book.Lines.Select(Planned).OfType<PlannedCost>().Where(one => one.Holds(month)).Sum(one => one.Middle) : _book.PlannedOf(Centre).Where(one => one.Holds(month)).Sum(one => one.Middle);

    PlannedCost? Planned(PlanObject line) => _plan is null ? null : PlannedCost.Of(_plan.Plan, line);

    BudgetLine Line(string name, Guid? step)
    {
        var line = _book.Lines.FirstOrDefault(one => one.Name == name);
        var planned = line is null || (Centre is not null && !_book.LinesOf(Centre).Contains(name)) ? null : Planned(line);
        var actual = _byLine[name].GroupBy(one => one.Month).ToDictionary(month => month.Key, month => month.Sum(one => one.Amount));
        var variance = BudgetVariance.Of(actual, planned, _months.Shown);
        return new BudgetLine(name, line?.Title ?? $"{name[BudgetBook.Unplanned.Length..]} (unplanned)", line?.Text("vendor"), variance.Actual, variance.Planned, variance.Delta, variance.DeltaPercent, variance.Off, BudgetVariance.Forecast(actual, planned, _months.Year, _months.Closed),
            planned is null ? 0 : _months.Year.Count(planned.Holds) * planned.Middle, !_months.IsOpen && variance.IsMaterial(_materiality), line?.Text("driver"), Cause(line, planned, variance), line is null ? null : _plan?.OwnerOf(line), step);
    }

    string? Cause(PlanObject? line, PlannedCost? planned, BudgetVariance variance)
    {
        if (variance.Off == 0) return null;
        if (line is null) return "not planned";
        if (planned is null) return Centre is null ? "the plan names no amount" : "no budget of this cost centre";
        if (variance.Actual == 0) return "nothing billed";
        if (planned.IsOneOff) return "timing: it is paid once and spread over its time in the plan";
        if (Driven(line) is not { } driven) return "price, or how much was used";
        var byVolume = variance.Planned * (driven.Actual / driven.Planned - 1);
        return Math.Abs(byVolume) >= Math.Abs(variance.Delta) / 2 && Math.Sign(byVolume) == Math.Sign(variance.Delta) ? $"volume: {driven.Words}" : $"price: {driven.Words}";
    }

    // What the line grows with, as it was and as it was planned.
    (decimal Actual, decimal Planned, string Words)? Driven(PlanObject line)
    {
        if (_plan?.KpiOf(line.Text("driver")) is not { } kpi || line.Quantity("driverValue") is not { } wanted || PlanTargets.Scaled((wanted.Low + wanted.High) / 2, wanted.Unit, kpi) is not { } planned || planned == 0) return null;
        var looked = _closed(kpi).Where(value => _months.Shown.Any(month => value.Start >= month && value.Start < month.AddMonths(1))).ToList();
        if (looked.Count == 0) return null;
        var actual = looked.Average(value => value.Observed.GetValueOrDefault());
        if (Math.Abs(actual) > 1e15 || Math.Abs(planned) > 1e15) return null;
        return ((decimal)actual, (decimal)planned, $"{kpi.Name} was {KpiText.Show(kpi, actual, looked[^1].Unit)} where {KpiText.Show(kpi, planned, looked[^1].Unit)} was planned");
    }
}
