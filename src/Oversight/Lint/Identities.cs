using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R04: numbers that one formula ties, such as annual recurring revenue to twelve times the monthly.</summary>
static class Identities
{
    const decimal Tolerance = 0.02m;

    // An average price is rounded, and customers are those of one day.
    const decimal ProductTolerance = 0.1m;

    // A later annual number that lies this far under twelve times an earlier monthly one is a confusion of the two.
    const decimal Confusion = 0.67m;

    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        foreach (var derived in plan.Aims)
        {
            if (Tie(plan, derived) is not { } tie) continue;
            var bases = plan.Aims.Where(aim => tie.IsBase(aim) && aim.Segment == derived.Segment && aim.Quantity.Unit.Currency == derived.Quantity.Unit.Currency).ToList();
            var same = bases.Where(aim => Together(derived, aim)).ToList();
            foreach (var basis in same)
                if (Compare(derived, basis, tie) is { } finding) yield return finding;
            if (same.Count == 0 && tie.Annual && Earlier(derived, bases) is { } earlier) yield return earlier;
        }

        // Annual revenue beside a monthly one is tied to that already.
        var monthly = plan.AimsOf("mrr").Where(aim => !aim.IsGate).ToList();
        foreach (var revenue in monthly.Concat(plan.AimsOf("arr").Where(aim => !aim.IsGate && !monthly.Exists(other => Together(aim, other)))))
            foreach (var finding in Product(plan, revenue)) yield return finding;
        foreach (var finding in plan.Plan.Objects.SelectMany(SentenceSums.Ties)) yield return finding;
    }

    // Revenue is customers times what each of them pays; beside annual revenue a price must say of what time it is.
    static IEnumerable<Finding> Product(LintedPlan plan, Aim revenue)
    {
        var isAnnual = plan.RoleOf(revenue.Metric) == "arr";
        var (least, most) = isAnnual ? (Annual(revenue.Quantity, revenue.Quantity.Low) / 12, Annual(revenue.Quantity, revenue.Quantity.High) / 12) : (revenue.Quantity.MonthlyLow, revenue.Quantity.MonthlyHigh);
        IEnumerable<Aim> With(string role) => plan.AimsOf(role).Where(aim => !aim.IsGate && aim.Segment == revenue.Segment && Together(aim, revenue));
        foreach (var (customers, price) in from one in With("customers") from other in With("arpa") select (one, other))
        {
            if (price.Quantity.Unit.Currency is null || price.Quantity.Unit.Currency != revenue.Quantity.Unit.Currency || (isAnnual && price.Quantity.Unit.PerDays is null)) continue;
            var (low, high) = (customers.Quantity.Low * customers.Quantity.Unit.Scale * price.Quantity.MonthlyLow, customers.Quantity.High * customers.Quantity.Unit.Scale * price.Quantity.MonthlyHigh);
            if (low <= most * (1 + ProductTolerance) && least <= high * (1 + ProductTolerance)) continue;
            yield return Found("R04", Severity.Error, $"{revenue.Object.Title} is not customers times revenue per customer",
                $"{customers.Quantity} × {price.Quantity} = {Show((low, high))} a month, and {revenue.Object.Title} says {revenue.Quantity}: {NumberText.Show(decimal.Round(Math.Abs(least - low) / Math.Max(low, 1) * 100, 1))} % apart. Correct one of the three.", revenue.Cited, customers.Cited, price.Cited);
        }
    }

    /// <summary>Money of a year, whatever it is written per; as written when per nothing.</summary>
    public static decimal Annual(Quantity quantity, decimal number) => number * quantity.Unit.Scale / (quantity.Unit.PerDays ?? 1) * (quantity.Unit.PerDays is null ? 1 : 365.25m);

    sealed record Bond(Func<Aim, bool> IsBase, decimal Factor, bool Annual);

    static Bond? Tie(LintedPlan plan, Aim aim)
    {
        var role = plan.RoleOf(aim.Metric);
        if (plan.MetricOf(aim)?.Spec.Map("derivedFrom") is { } stated && stated.Text("metric") is { } name && NumberText.TryParse(stated.Text("factor") ?? "", out var factor, out _))
            return new Bond(other => other.Metric == name, factor, role == "arr" && plan.RoleOf(name) == "mrr" && factor == 12);
        return role == "arr" ? new Bond(other => plan.RoleOf(other.Metric) == "mrr", 12, true) : null;
    }

    static bool Together(Aim left, Aim right)
    {
        if (left.Due is { } one && right.Due is { } other) return one.End == other.End && one.FirstEnd == other.FirstEnd;
        return left.Due is null && right.Due is null && left.Quantity.Epoch == right.Quantity.Epoch && left.Quantity.Offset?.Months == right.Quantity.Offset?.Months && left.Quantity.Offset?.Days == right.Quantity.Offset?.Days;
    }

    static (decimal Low, decimal High) Derived(Aim aim, Bond tie) => tie.Annual ? (Annual(aim.Quantity, aim.Quantity.Low), Annual(aim.Quantity, aim.Quantity.High)) : (aim.Quantity.Low * aim.Quantity.Unit.Scale, aim.Quantity.High * aim.Quantity.Unit.Scale);

    static (decimal Low, decimal High) Basis(Aim aim, Bond tie) => tie.Annual ? (aim.Quantity.MonthlyLow * 12, aim.Quantity.MonthlyHigh * 12) : (aim.Quantity.Low * aim.Quantity.Unit.Scale * tie.Factor, aim.Quantity.High * aim.Quantity.Unit.Scale * tie.Factor);

    static Finding? Compare(Aim derived, Aim basis, Bond tie)
    {
        var (one, other) = (Derived(derived, tie), Basis(basis, tie));
        if (one.Low <= other.High * (1 + Tolerance) && other.Low <= one.High * (1 + Tolerance)) return null;
        return Found("R04", Severity.Error, $"{derived.Object.Title} is not {NumberText.Show(tie.Factor)} times {basis.Object.Title}",
            $"{NumberText.Show(tie.Factor)} × {basis.Quantity} = {Show(other)}, and {derived.Object.Title} says {derived.Quantity}: {NumberText.Show(decimal.Round(Math.Abs(one.Low - other.Low) / Math.Max(other.Low, 1) * 100, 1))} % apart. Correct one of the two.", derived.Cited, basis.Cited);
    }

    static Finding? Earlier(Aim derived, List<Aim> bases)
    {
        if (derived.Due is not { } due) return null;
        var basis = bases.Where(aim => aim.Due is { } of && of.End < due.End).OrderBy(aim => aim.Quantity.IsRange).ThenByDescending(aim => aim.Due?.End).FirstOrDefault();
        if (basis is null) return null;
        var (annual, before) = (Annual(derived.Quantity, derived.Quantity.High), basis.Quantity.MonthlyLow * 12);
        if (annual >= before * Confusion) return null;
        return Found("R04", Severity.Error, $"{derived.Object.Title} by {due} lies under twelve times the monthly revenue reached before",
            $"12 × {basis.Quantity} by {basis.Due} = {NumberText.Show(before)}, and by {due} only {derived.Quantity} is meant to be reached, which is {NumberText.Show(decimal.Round(annual / 12, 0))} a month. Was monthly revenue meant?", derived.Cited, basis.Cited);
    }

    static string Show((decimal Low, decimal High) range) => range.Low == range.High ? NumberText.Show(decimal.Round(range.Low, 2)) : $"{NumberText.Show(decimal.Round(range.Low, 2))} to {NumberText.Show(decimal.Round(range.High, 2))}";
}
