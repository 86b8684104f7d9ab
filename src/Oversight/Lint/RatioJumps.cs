using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R05: revenue or volume per customer, which follows from two targets and should not jump between two dates.</summary>
static class RatioJumps
{
    const double JumpMax = 2;

    sealed record Ratio(DateOnly Day, Period Due, decimal Value, Aim Top, Aim Bottom);

    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        foreach (var (what, tops) in new (string, string[])[] { ("Monthly revenue per customer", ["mrr", "arr"]), ("Revenue per customer", ["revenue"]), ("Volume per customer", ["volume"]) })
            foreach (var group in plan.AimsOf("customers").GroupBy(aim => (aim.Metric, aim.Segment)))
            {
                var ratios = Ratios(plan, tops, [.. group]).OrderBy(ratio => ratio.Day).ToList();
                for (var i = 1; i < ratios.Count; i++)
                    if (Jump(what, ratios[i - 1], ratios[i]) is { } finding) yield return finding;
            }
    }

    static IEnumerable<Ratio> Ratios(LintedPlan plan, string[] tops, IReadOnlyList<Aim> customers)
    {
        foreach (var day in customers.Select(aim => aim.Due?.End).OfType<DateOnly>().Distinct())
        {
            var bottom = Best(customers, day);
            var top = tops.Select(role => Best(plan.AimsOf(role).Where(aim => aim.Segment == customers[0].Segment), day)).FirstOrDefault(aim => aim is not null);
            if (bottom?.Due is { } due && top is not null && bottom.Quantity.BasicLow > 0 && Month(plan, top) is > 0 and var value) yield return new Ratio(day, due, value / bottom.Quantity.BasicMiddle, top, bottom);
        }
    }

    // A point says more than a range about the same day.
    static Aim? Best(IEnumerable<Aim> aims, DateOnly day) => aims.Where(aim => aim.Due?.End == day && aim.Due?.FirstEnd == day).OrderBy(aim => aim.Quantity.IsRange).FirstOrDefault();

    static decimal Month(LintedPlan plan, Aim aim)
    {
        var quantity = aim.Quantity;
        if (plan.RoleOf(aim.Metric) == "arr") return (Identities.Annual(quantity, quantity.Low) + Identities.Annual(quantity, quantity.High)) / 24;
        return (quantity.MonthlyLow + quantity.MonthlyHigh) / 2;
    }

    static Finding? Jump(string what, Ratio before, Ratio after)
    {
        // In floating point, because targets may lie any number of digits apart.
        var factor = (double)after.Value / (double)before.Value;
        if (factor is <= JumpMax and >= 1 / JumpMax) return null;
        var times = (decimal)Math.Min(factor > 1 ? factor : 1 / factor, 1e9);
        return Found("R05", times > 5 ? Severity.Error : Severity.Warning, $"{what} {(factor > 1 ? "rises" : "falls")} {NumberText.Show(decimal.Round(times, 1))} times from {before.Due} to {after.Due}",
            $"{what}: {before.Top.Quantity} ÷ {before.Bottom.Quantity} = {NumberText.Show(decimal.Round(before.Value, 2))} by {before.Due}; {after.Top.Quantity} ÷ {after.Bottom.Quantity} = {NumberText.Show(decimal.Round(after.Value, 2))} by {after.Due}. Correct a target, or say what changes the price.",
            before.Top.Cited, before.Bottom.Cited, after.Top.Cited, after.Bottom.Cited);
    }
}
