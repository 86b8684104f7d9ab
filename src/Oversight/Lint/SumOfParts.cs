using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R01: totals against the sum of what they are made of.</summary>
static class SumOfParts
{
    const decimal Tolerance = 0.02m;

    // Two units of one effort are rounded each for itself: 5 to 7.5 months for 20 to 30 weeks is fair.
    const decimal ToleranceOfUnits = 0.1m;

    /// <param name="Gaps">Parts that name no value.</param>
    sealed record Sum(decimal Low, decimal High, int Gaps);

    public static IEnumerable<Finding> Check(LintedPlan plan) =>
        [.. Shares(plan), .. Efforts(plan), .. Units(plan), .. Money(plan), .. Budgets(plan), .. Heads(plan), .. Counts(plan), .. SumOfTargets.Check(plan), .. plan.Plan.Objects.SelectMany(TextSums.Check), .. plan.Plan.Objects.SelectMany(SentenceSums.Sums)];

    static Finding? Compare(string what, Cited whole, decimal low, decimal high, Bound bound, Sum sum, string unit, IEnumerable<Cited> parts, decimal tolerance = Tolerance)
    {
        bool Near(decimal left, decimal right) => Math.Abs(left - right) <= tolerance * Math.Max(Math.Abs(left), Math.Abs(right));
        var (lowNear, highNear) = (Near(low, sum.Low), Near(high, sum.High));
        var fits = bound switch
        {
            Bound.AtMost => sum.Low <= high * (1 + tolerance),
            Bound.AtLeast => sum.Gaps > 0 || sum.High >= low * (1 - tolerance),
            _ when low == high => (sum.Low <= low * (1 + tolerance) && sum.High >= high * (1 - tolerance)) || (sum.Gaps > 0 && sum.Low <= high),
            _ when sum.Low == sum.High => (sum.Low >= low * (1 - tolerance) && sum.High <= high * (1 + tolerance)) || (sum.Gaps > 0 && sum.Low <= high),
            _ => (lowNear && highNear) || (sum.Gaps > 0 && sum.Low <= low * (1 + tolerance) && sum.High <= high * (1 + tolerance)),
        };
        if (fits) return null;
        var severity = lowNear || highNear ? Severity.Warning : Severity.Error;
        var gaps = sum.Gaps > 0 ? $" ({sum.Gaps} parts without a value are not even counted)" : "";
        return Found("R01", severity, $"{what} differs from the sum of its parts", $"{what}: {Show(low, high)} {unit} is stated; the parts add up to {Show(sum.Low, sum.High)} {unit}{gaps}. Correct the total or the parts.", [whole, .. parts]);
    }

    static string Show(decimal low, decimal high) => low == high ? NumberText.Show(decimal.Round(low, 2)) : $"{NumberText.Show(decimal.Round(low, 2))} to {NumberText.Show(decimal.Round(high, 2))}";

    static IEnumerable<Finding> Shares(LintedPlan plan)
    {
        var shares = new List<(PlanObject Object, Quantity Share)>();
        foreach (var segment in plan.Plan.Of("Segment"))
            if (segment.Quantity("focusShare") is { } share) shares.Add((segment, share));
        if (shares.Count < 2) yield break;
        var scale = shares.All(one => one.Share.Unit.Dimension != Dimension.Share && one.Share.High <= 1) ? 100 : 1;
        var (low, high) = (shares.Sum(one => one.Share.BasicLow) * scale, shares.Sum(one => one.Share.BasicHigh) * scale);
        if (low <= 100.5m && high >= 99.5m) yield break;
        yield return Found("R01", Severity.Error, "Shares of the segments do not make a whole", $"The focus shares add up to {Show(low, high)} percent, and the whole is 100. Correct a share.", shares.Select(one => new Cited(one.Object, one.Share.Node, one.Share.ToString())));
    }

    static IEnumerable<Finding> Efforts(LintedPlan plan)
    {
        foreach (var whole in plan.Plan.Of("Budget").Concat(plan.Items).Concat(plan.Plan.Of("Phase")))
        {
            var stated = whole.Quantity(whole.Kind == "Phase" ? "total" : "effort");
            if (Lint.Efforts.Of(stated) is not { } total || stated is null) continue;
            var parts = plan.PartsOf(whole).ToList();
            if (Total(plan, parts) is not { } sum) continue;
            if (Compare($"The effort of {whole.Title}", new Cited(whole, stated.Node, stated.ToString()), total.Low, total.High, stated.Bound, sum, "working days", parts.Select(EffortOf)) is { } finding) yield return finding;
        }
    }

    static Cited EffortOf(PlanObject part) => (part.Quantity("effort") ?? part.Quantity("total")) is { } effort ? new Cited(part, effort.Node, effort.ToString()) : Cited.Of(part);

    static Sum? Total(LintedPlan plan, IReadOnlyList<PlanObject> parts)
    {
        var (sum, known, gaps) = (new WorkDays(0, 0), 0, 0);
        foreach (var part in parts)
            if (Lint.Efforts.Of(part.Quantity("effort") ?? part.Quantity("total")) is { } own) (sum, known) = (sum + own, known + 1);
            else if (part.Kind == "Phase" && Total(plan, [.. plan.PartsOf(part).Where(one => one.Kind != "Phase")]) is { } inner) (sum, known, gaps) = (sum + new WorkDays(inner.Low, inner.High), known + 1, gaps + inner.Gaps);
            else gaps++;
        return known == 0 ? null : new Sum(sum.Low, sum.High, gaps);
    }

    static IEnumerable<Finding> Units(LintedPlan plan)
    {
        foreach (var one in plan.Plan.Of("Budget"))
            if (one.Quantity("effort") is { } first && one.Quantity("effortAlso") is { } second && Lint.Efforts.Of(first) is { } left && Lint.Efforts.Of(second) is { } right
                && Compare($"The effort of {one.Title} in {first.Unit.Text}", new Cited(one, first.Node, first.ToString()), left.Low, left.High, Bound.Between, new Sum(right.Low, right.High, 0), "working days", [new Cited(one, second.Node, second.ToString())], ToleranceOfUnits) is { } finding)
                yield return finding;
    }

    static IEnumerable<Finding> Money(LintedPlan plan)
    {
        foreach (var whole in plan.Plan.Of("CostLine"))
        {
            var parts = whole.Names("includes").Select(name => plan.Plan.Find("CostLine", name)).OfType<PlanObject>().ToList();
            if (whole.Quantity("amount") is not { } stated || parts.Count == 0) continue;
            var known = parts.Select(part => part.Quantity("amount")).OfType<Quantity>().Where(stated.SameMeasure).ToList();
            var sum = new Sum(known.Sum(one => one.MonthlyLow), known.Sum(one => one.MonthlyHigh), parts.Count - known.Count);
            if (known.Count > 0 && Compare($"The cost {whole.Title}", new Cited(whole, stated.Node, stated.ToString()), stated.MonthlyLow, stated.MonthlyHigh, stated.Bound, sum, Unit(stated), parts.Select(Amount)) is { } finding) yield return finding;
        }
    }

    static Cited Amount(PlanObject part) => part.Quantity("amount") is { } amount ? new Cited(part, amount.Node, amount.ToString()) : Cited.Of(part);

    static string Unit(Quantity one) => $"{one.Unit.Currency}{(one.Unit.PerDays is null ? "" : "/month")}";

    // Lines per month against a total of a period: the months of the period count.
    static IEnumerable<Finding> Budgets(LintedPlan plan)
    {
        foreach (var budget in plan.Plan.Of("Budget"))
        {
            var lines = budget.Names("lines").Select(name => plan.Plan.Find("CostLine", name)).OfType<PlanObject>().ToList();
            if (budget.Quantity("total") is not { Unit.Dimension: Dimension.Money } total || lines.Count == 0) continue;
            var months = budget.Period("period") is { IsOpen: false } period ? decimal.Round(period.Days / (365.25m / 12), 0) : (decimal?)null;
            var sums = lines.Select(line => line.Quantity("amount")).OfType<Quantity>().Where(line => line.Unit.Currency == total.Unit.Currency).Select(line => (Line: line, Times: line.Unit.PerDays is null == total.Unit.PerDays is null ? 1 : line.Unit.PerDays is null ? null : months)).Where(line => line.Times is not null).ToList();
            var sum = new Sum(sums.Sum(one => one.Line.MonthlyLow * (one.Times ?? 1)), sums.Sum(one => one.Line.MonthlyHigh * (one.Times ?? 1)), lines.Count - sums.Count);
            if (sums.Count > 0 && Compare($"The budget {budget.Title}", new Cited(budget, total.Node, total.ToString()), total.MonthlyLow, total.MonthlyHigh, total.Bound, sum, Unit(total), lines.Select(Amount)) is { } finding) yield return finding;
        }
    }

    static IEnumerable<Finding> Heads(LintedPlan plan)
    {
        foreach (var team in plan.Plan.Of("Team"))
            if (team.Number("headcount") is { } stated && Crew.Heads(team) is var sum && stated != sum)
                yield return Found("R01", Severity.Error, "Headcount differs from the roles", $"{team.Title}: {NumberText.Show(stated)} people are stated; the roles add up to {NumberText.Show(sum)}. Correct one of them.", Cited.Field(team, "headcount"), new Cited(team, team.Spec["roles"], NumberText.Show(sum)));
    }

    static IEnumerable<Finding> Counts(LintedPlan plan)
    {
        foreach (var one in plan.Plan.Objects)
            foreach (var claim in one.Spec.List("counts").OfType<MapNode>())
            {
                var parts = claim.List("parts").Select(Quantity.Of).OfType<Quantity>().ToList();
                if (Quantity.Of(claim["count"]) is { } stated && parts.Count > 0
                    && Compare($"\"{claim.Text("text") ?? one.Title}\"", new Cited(one, claim, stated.ToString()), stated.Low, stated.High, stated.Bound, new Sum(parts.Sum(part => part.Low), parts.Sum(part => part.High), 0), "", parts.Select(part => new Cited(one, part.Node, part.ToString()))) is { } finding) yield return finding;
            }
    }
}
