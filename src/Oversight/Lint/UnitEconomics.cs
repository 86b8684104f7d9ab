using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R14: what a customer costs, pays and is worth, held against each other.</summary>
static class UnitEconomics
{
    // Stated and computed ratio may lie this far apart; more than follows is promised sooner than less.
    const decimal RatioTolerance = 1.5m;
    const decimal PromiseTolerance = 1.25m;

    // Lifetime value computed from price, margin and churn hangs on three rough numbers.
    const decimal ValueTolerance = 4;
    const decimal PaybackMonthsMax = 24;

    // Under this nobody leaves, and a lifetime has no end to compute with.
    const decimal ChurnMin = 0.00001m;

    public static IEnumerable<Finding> Check(LintedPlan plan) => [.. Ratios(plan), .. Bounds(plan), .. Value(plan), .. Payback(plan), .. Fees(plan), .. Churn(plan)];

    static string Show(decimal number) => NumberText.Show(decimal.Round(number, 2));

    static IEnumerable<(Aim Left, Aim Right)> Pairs(LintedPlan plan, string left, string right) =>
        from one in plan.AimsOf(left)
        from other in plan.AimsOf(right)
        where (one.Segment.Length == 0 || other.Segment.Length == 0 || one.Segment == other.Segment) && (one.Due is null || other.Due is null || one.Due?.End == other.Due?.End)
        select (one, other);

    static IEnumerable<Finding> Ratios(LintedPlan plan)
    {
        foreach (var (ltv, cac) in Pairs(plan, "ltv", "cac").Where(pair => pair.Right.Quantity.BasicMiddle > 0 && pair.Left.Quantity.Unit.Dimension == Dimension.Money && Quantity.OnOneScale(pair.Left.Quantity, pair.Right.Quantity) is not null))
        {
            var implied = ltv.Quantity.BasicMiddle / cac.Quantity.BasicMiddle;
            if (implied < 1)
                yield return Found("R14", Severity.Error, "A customer costs more than it is worth", $"Lifetime value {ltv.Quantity} ÷ acquisition cost {cac.Quantity} = {Show(implied)}, under 1. Correct one of the two.", ltv.Cited, cac.Cited);
            foreach (var ratio in plan.AimsOf("ltv_cac").Where(ratio => ratio.Segment.Length == 0 || ratio.Segment == cac.Segment || ratio.Segment == ltv.Segment))
                if (implied > ratio.Quantity.High * RatioTolerance || implied < ratio.Quantity.Low / PromiseTolerance)
                    yield return Found("R14", Severity.Error, $"The stated ratio of value to cost is not the one that follows{(cac.Segment.Length > 0 ? $" for {cac.Segment}" : "")}", $"{ltv.Quantity} ÷ {cac.Quantity} = {Show(implied)} : 1, and {Show(ratio.Quantity.Low)} : 1 is stated. Correct one of the three.", ltv.Cited, cac.Cited, ratio.Cited);
        }
    }

    static IEnumerable<Finding> Bounds(LintedPlan plan)
    {
        // A part of a whole is never more than the whole.
        bool IsPart(Aim aim) => plan.RoleOf(aim.Metric) is "gross_margin" or "churn" or "retention" || (aim.Quantity.Unit.Dimension == Dimension.Share && plan.MetricOf(aim) is { } metric && metric.Text("type") == "ratio" && metric.Text("denominator") is { } whole && whole.StartsWith("all ", StringComparison.OrdinalIgnoreCase));
        foreach (var aim in plan.Aims.Where(IsPart).Where(aim => Percent(aim.Quantity, aim.Quantity.High) is > 100 || aim.Quantity is { Unit.Dimension: Dimension.Factor, High: > 1 } || aim.Quantity.Low < 0))
            yield return Found("R14", Severity.Error, $"{aim.Object.Title} is impossible", $"{aim.Quantity} lies outside 0 to 100 percent. Correct it.", aim.Cited);
    }

    static decimal? Percent(Quantity quantity, decimal number) => quantity.Unit.Dimension switch { Dimension.Share => number * quantity.Unit.Scale, Dimension.Factor or Dimension.Count when number <= 1 => number * 100, _ => null };

    // Monthly price × margin ÷ monthly churn, at the first date that has revenue and customers.
    static IEnumerable<Finding> Value(LintedPlan plan)
    {
        if (Price(plan) is not { } price || MonthlyChurn(plan) is not ({ } churn, { } lost) || churn < ChurnMin) yield break;
        var margin = plan.AimsOf("gross_margin").FirstOrDefault();
        var share = margin is null ? 1 : (Percent(margin.Quantity, (margin.Quantity.Low + margin.Quantity.High) / 2) ?? 100) / 100;
        var worth = price.Value * share / churn;
        foreach (var ltv in plan.AimsOf("ltv").Where(ltv => worth / Math.Max(ltv.Quantity.BasicMiddle, 1) is > ValueTolerance or < 1 / ValueTolerance && ltv.Quantity.BasicMiddle > 0))
            yield return Found("R14", Severity.Warning, "The lifetime value does not follow from price and churn", $"{Show(price.Value)} a month per customer ({price.How}) × {Show(share * 100)} % margin ÷ {Show(churn * 100)} % churn a month = {Show(worth)}, and {ltv.Quantity} is stated: {Show(Math.Max(worth, ltv.Quantity.BasicMiddle) / Math.Max(Math.Min(worth, ltv.Quantity.BasicMiddle), 0.01m))} times apart. Correct one of them.", [ltv.Cited, .. price.Cited, lost.Cited, .. margin is null ? Array.Empty<Cited>() : [margin.Cited]]);
    }

    static (decimal Value, string How, IReadOnlyList<Cited> Cited)? Price(LintedPlan plan)
    {
        if (plan.AimsOf("arpa").FirstOrDefault() is { } stated) return ((stated.Quantity.MonthlyLow + stated.Quantity.MonthlyHigh) / 2, stated.Quantity.ToString(), [stated.Cited]);
        foreach (var customers in plan.AimsOf("customers").Where(aim => aim.Segment.Length == 0 && aim.Due is not null && aim.Quantity.BasicMiddle > 0).OrderBy(aim => aim.Due?.End))
            if (plan.AimsOf("mrr").Where(aim => aim.Segment.Length == 0 && aim.Due?.End == customers.Due?.End).OrderBy(aim => aim.Quantity.IsRange).FirstOrDefault() is { } revenue)
                return ((revenue.Quantity.MonthlyLow + revenue.Quantity.MonthlyHigh) / 2 / customers.Quantity.BasicMiddle, $"{revenue.Quantity} ÷ {customers.Quantity}", [revenue.Cited, customers.Cited]);
        return null;
    }

    static (decimal? Churn, Aim? Aim) MonthlyChurn(LintedPlan plan)
    {
        if (plan.AimsOf("churn").FirstOrDefault() is { } churn && Percent(churn.Quantity, churn.Quantity.High) is { } lost) return (Monthly(1 - (lost / 100), churn.Quantity), churn);
        return plan.AimsOf("retention").FirstOrDefault() is { } kept && Percent(kept.Quantity, kept.Quantity.Low) is { } share ? (Monthly(share / 100, kept.Quantity, year: true), kept) : (null, null);
    }

    // A churn without a time is one of a month, a retention without a time one of a year, as is usual.
    static decimal Monthly(decimal kept, Quantity quantity, bool year = false)
    {
        var months = quantity.Unit.PerDays is { } days ? days / (365.25m / 12) : year ? 12 : 1;
        return kept is <= 0 or >= 1 ? 1 - Math.Clamp(kept, 0, 1) : 1 - (decimal)Math.Pow((double)kept, 1 / (double)months);
    }

    static IEnumerable<Finding> Payback(LintedPlan plan)
    {
        if (Price(plan) is not { Value: > 0 } price) yield break;
        foreach (var cac in plan.AimsOf("cac").Where(cac => cac.Quantity.BasicMiddle / price.Value > PaybackMonthsMax))
            yield return Found("R14", Severity.Warning, "A customer pays its acquisition back late", $"Acquisition cost {cac.Quantity} ÷ {Show(price.Value)} a month ({price.How}) = {Show(cac.Quantity.BasicMiddle / price.Value)} months, more than {PaybackMonthsMax}.", [cac.Cited, .. price.Cited]);
    }

    // Costs that take a share of revenue leave no more margin than what remains.
    static IEnumerable<Finding> Fees(LintedPlan plan)
    {
        var fees = plan.Plan.Of("CostLine").Where(line => line.Text("model") == "percentOf" && line.Number("rate") is not null && line.Text("driver") is { } driver && plan.RoleOf(driver) is "mrr" or "arr" or "revenue").ToList();
        var taken = fees.Sum(line => line.Number("rate") ?? 0) * 100;
        foreach (var margin in plan.AimsOf("gross_margin").Where(margin => Percent(margin.Quantity, margin.Quantity.Low) > 100 - taken))
            yield return Found("R14", Severity.Error, "The margin is higher than the fees allow", $"Fees take {Show(taken)} % of revenue, so at most {Show(100 - taken)} % remain, and {margin.Quantity} is the target.", [margin.Cited, .. fees.Select(line => Cited.Field(line, "rate"))]);
        foreach (var line in plan.Plan.Of("CostLine"))
            if (line.Text("model") == "percentOf" && line.Number("rate") is { } rate && line.Quantity("amount") is { IsRange: false } amount && line.Quantity("driverValue") is { } of && amount.Unit.Currency == of.Unit.Currency && Math.Abs((rate * of.MonthlyLow) - amount.MonthlyLow) > amount.MonthlyLow * 0.02m)
                yield return Found("R14", Severity.Error, $"{line.Title} is not its rate of what it grows with", $"{Show(rate * 100)} % of {of} = {Show(rate * of.MonthlyLow)}, and {amount} is stated.", new Cited(line, amount.Node, amount.ToString()), new Cited(line, of.Node, of.ToString()));
    }

    static IEnumerable<Finding> Churn(LintedPlan plan)
    {
        if (plan.AimsOf("churn").FirstOrDefault() is not { } churn || plan.AimsOf("retention").FirstOrDefault() is not { } kept || Percent(churn.Quantity, churn.Quantity.High) is not { } lost || Percent(kept.Quantity, kept.Quantity.Low) is not { } share) yield break;
        var yearly = (decimal)Math.Pow(1 - (double)Monthly(1 - (lost / 100), churn.Quantity), 12) * 100;
        var promised = (decimal)Math.Pow(1 - (double)Monthly(share / 100, kept.Quantity, year: true), 12) * 100;
        if (Math.Abs(yearly - promised) > 10) yield return Found("R14", Severity.Warning, "Churn and retention do not belong together", $"A churn of {churn.Quantity} keeps {Show(yearly)} % over a year, and a retention of {kept.Quantity} keeps {Show(promised)} %. Correct one of them.", churn.Cited, kept.Cited);
    }
}
