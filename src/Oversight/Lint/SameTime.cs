using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R02 and R17: values of one metric at one time, held against each other.</summary>
static class SameTime
{
    // What rounding may take away: half a percent.
    const decimal Same = 0.005m;

    enum Relation { Agree, RangeAroundPoint, Differ, Apart }

    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        foreach (var (left, right, when) in Pairs(plan))
        {
            var relation = Relate(left.Quantity, right.Quantity);
            if (relation is Relation.Agree or Relation.RangeAroundPoint) continue;
            // A gate, an agreement and an aspiration may be tiers on purpose; then somebody has to say so.
            var tiers = left.Basis != right.Basis || left.IsGate != right.IsGate;
            var severity = tiers || relation == Relation.Differ && left.Quantity.IsRange && right.Quantity.IsRange ? Severity.Warning : Severity.Error;
            yield return Found("R02", severity, $"{Title(plan, left)} has two values {when}", $"{Title(plan, left)} {when}: {left.Object.Title} says {left.Quantity}, {right.Object.Title} says {right.Quantity}{Gap(left.Quantity, right.Quantity)}. Keep one, or let one supersede the other.", left.Cited, right.Cited);
        }

        foreach (var finding in SpokenAims.Numbers(plan).Concat(Effects(plan)).Concat(WrongSides(plan))) yield return finding;
    }

    public static IEnumerable<Finding> CheckRanges(LintedPlan plan)
    {
        foreach (var (left, right, when) in Pairs(plan))
            if (Relate(left.Quantity, right.Quantity) == Relation.RangeAroundPoint)
                yield return Found("R17", Severity.Warning, $"{Title(plan, left)} is a range and a point {when}", $"{Title(plan, left)} {when}: {left.Object.Title} says {left.Quantity}, {right.Object.Title} says {right.Quantity}. Say which of the two is meant.", left.Cited, right.Cited);
        foreach (var whole in plan.Plan.Of("CostLine"))
            foreach (var part in whole.Names("includes").Select(name => plan.Plan.Find("CostLine", name)).OfType<PlanObject>())
                if (whole.Quantity("amount") is { IsRange: false } stated && part.Quantity("amount") is { IsRange: true } range)
                    yield return Found("R17", Severity.Warning, "A point is summed up from a range", $"{whole.Title} is {stated}, and its part {part.Title} is {range}: the sum can only be a range as well. Say which end of the range it uses.", new Cited(whole, stated.Node, stated.ToString()), new Cited(part, range.Node, range.ToString()));
    }

    static string Title(LintedPlan plan, Aim aim) => plan.MetricOf(aim)?.Title ?? aim.Metric;

    static IEnumerable<(Aim Left, Aim Right, string When)> Pairs(LintedPlan plan)
    {
        // There is one monthly and one annual recurring revenue, whatever the metrics are called.
        foreach (var group in plan.Aims.GroupBy(aim => (plan.RoleOf(aim.Metric) is "mrr" or "arr" ? plan.RoleOf(aim.Metric) : "/" + aim.Metric, aim.Segment)))
        {
            var all = group.ToList();
            for (var i = 0; i < all.Count; i++)
                for (var j = i + 1; j < all.Count; j++)
                    if (all[i].Object != all[j].Object && !(plan.IsFlow(all[i]) && plan.IsFlow(all[j]) && all[i].Due?.Start != all[j].Due?.Start) && When(all[i], all[j]) is { } when && Quantity.OnOneScale(all[i].Quantity, all[j].Quantity) is not null) yield return (all[i], all[j], when);
        }
    }

    // A period means its end; two periods with a slash mean all the time between their ends.
    static string? When(Aim left, Aim right)
    {
        if (left.Due is { } one && right.Due is { } other)
        {
            if (left.IsGate && right.IsGate && left.Object.Text("event") != right.Object.Text("event") && one.End != other.End) return null;
            return one.FirstEnd <= other.End && other.FirstEnd <= one.End ? $"by {(one.Days <= other.Days ? one : other)}" : null;
        }

        var (ofLeft, ofRight) = (left.Quantity.Offset, right.Quantity.Offset);
        if (left.Due is null && right.Due is null && ofLeft is { } first && ofRight is { } second)
            return (first.Months, first.Days) == (second.Months, second.Days) && left.Quantity.Epoch == right.Quantity.Epoch ? $"at {first}" : null;
        var standing = Standing(left) && Standing(right) || (left.IsGate && Standing(right)) || (right.IsGate && Standing(left));
        return standing ? "at all times" : null;
    }

    // No time is named: it holds always.
    static bool Standing(Aim aim) => aim.Due is null && aim.Quantity is { Offset: null, Epoch: null };

    static Relation Relate(Quantity left, Quantity right)
    {
        bool Equal(decimal a, decimal b) => Math.Abs(a - b) <= Same * Math.Max(Math.Abs(a), Math.Abs(b));
        if (Quantity.OnOneScale(left, right) is not var (a, b)) return Relation.Agree;
        if (Equal(a.Low, b.Low) && Equal(a.High, b.High)) return Relation.Agree;
        // At least one and at most another leave room between them.
        if ((left.Bound, right.Bound) is (Bound.AtLeast, Bound.AtMost)) return a.Low <= b.Low ? Relation.Agree : Relation.Apart;
        if ((left.Bound, right.Bound) is (Bound.AtMost, Bound.AtLeast)) return b.Low <= a.Low ? Relation.Agree : Relation.Apart;
        var (overlap, ranges) = (a.Low <= b.High && b.Low <= a.High, (left.IsRange ? 1 : 0) + (right.IsRange ? 1 : 0));
        if (overlap && ranges == 1) return Relation.RangeAroundPoint;
        return overlap ? Relation.Differ : Relation.Apart;
    }

    static string Gap(Quantity left, Quantity right)
    {
        if (Quantity.OnOneScale(left, right) is not var (one, other)) return "";
        var (low, high) = one.Low <= other.Low ? (one, other) : (other, one);
        return low.High <= 0 || low.High >= high.Low ? "" : $"; {NumberText.Show(decimal.Round((high.Low - low.High) / low.High * 100, 1))} % lie between them";
    }

    // What a decision promises, against what the plan aims at on that very day.
    static IEnumerable<Finding> Effects(LintedPlan plan) =>
        from decision in plan.Plan.Of("Decision").Where(one => !plan.IsSuperseded(one))
        let effect = decision.Spec.Map("expectedEffect")
        let expected = effect is null ? null : Quantity.Of(effect["quantity"])
        let due = Period.TryParse(effect?.Text("by") ?? "", out var period, out _) ? period : (Period?)null
        where expected is not null && due is not null && !IsRelative(expected)
        from aim in plan.Aims.Where(aim => !aim.IsGate && aim.Segment.Length == 0 && aim.Metric == effect?.Text("metric") && aim.Due?.End == due?.End && aim.Quantity.Unit.Dimension == expected.Unit.Dimension)
        where Relate(expected, aim.Quantity) is Relation.Apart or Relation.Differ
        select Found("R02", Severity.Warning, $"{decision.Title} promises another value than {aim.Object.Title}", $"{Title(plan, aim)} by {due}: {decision.Title} promises {expected}, {aim.Object.Title} says {aim.Quantity}{Gap(expected, aim.Quantity)}. Bring them together.", new Cited(decision, expected.Node, expected.ToString()), aim.Cited);

    // More is better, and at most so much is aimed at; unless the metric has a bound on either side.
    static IEnumerable<Finding> WrongSides(LintedPlan plan)
    {
        foreach (var group in plan.Aims.Where(aim => aim.Quantity.Bound is Bound.AtLeast or Bound.AtMost).GroupBy(aim => (aim.Metric, aim.Object.Kind, aim.Segment)))
            if (plan.MetricOf(group.First())?.Text("better") is { } better && (better is "up" or "down"))
                foreach (var aim in group.Where(aim => aim.Quantity.Bound == (better == "up" ? Bound.AtMost : Bound.AtLeast)))
                    if (!group.Any(other => other.Quantity.Bound != aim.Quantity.Bound && other.Due?.End == aim.Due?.End && other.Object == aim.Object))
                        yield return WrongSide(aim.Object, aim.Quantity, plan.MetricOf(aim) ?? aim.Object, better);
        foreach (var decision in plan.Plan.Of("Decision").Where(one => !plan.IsSuperseded(one)))
            if (decision.Spec.Map("expectedEffect") is { } effect && plan.Plan.Find("Metric", effect.Text("metric")) is { } metric && metric.Text("better") is { } better && Quantity.Of(effect["quantity"]) is { } expected && (better, expected.Bound) is ("up", Bound.AtMost) or ("down", Bound.AtLeast))
                yield return WrongSide(decision, expected, metric, better);
    }

    static Finding WrongSide(PlanObject one, Quantity quantity, PlanObject metric, string better) =>
        Found("R02", Severity.Warning, $"{one.Title} bounds {metric.Title} on its good side", $"{metric.Title} is better {better}, and {one.Title} says {quantity}. Turn the bound round, or correct the metric.", new Cited(one, quantity.Node, quantity.ToString()), Cited.Field(metric, "better"));
}
