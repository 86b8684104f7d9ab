using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>What objectives, problems and claims say in words, against the numbers that the plan has for it (R02), and against their dates (R22).</summary>
static class SpokenAims
{
    // What rounding may take away: half a percent.
    const decimal Same = 0.005m;

    // A noun stands this close behind its number: "30 new electric vans".
    const int NounDistance = 3;

    public static IEnumerable<Finding> Numbers(LintedPlan plan) => [.. plan.Plan.Of("Objective").SelectMany(one => Statement(plan, one)), .. plan.Plan.Of("Problem").Select(Impact).OfType<Finding>(), .. plan.Plan.Of("Claim").Select(Direction).OfType<Finding>()];

    static List<Aim> AimsOf(LintedPlan plan, PlanObject objective) => [.. objective.Names("measuredBy").SelectMany(name => plan.Aims.Where(aim => aim.Object.Name == name && !aim.IsGate))];

    static string Said(PlanObject objective) => objective.Text("statement") ?? objective.Metadata.Text("title") ?? "";

    // The numbers of an objective, against the targets that measure it.
    static IEnumerable<Finding> Statement(LintedPlan plan, PlanObject objective)
    {
        var (text, aims) = (Said(objective), AimsOf(plan, objective));
        var sentences = aims.Count == 0 ? [] : Sentence.Of(text).ToList();
        // "By 40 %" tells a change, and "from 14 %" where it stood.
        var stated = sentences.SelectMany(said => said.Numbers.Where(number => said.Word(number.At - 1) is not ("from" or "today" or "currently" or "now") && !(number.Sort == "%" && said.Word(number.At - 1) is "by")).Select(number => (said, number))).ToList();
        // A number that one target has needs no other to say it.
        stated.RemoveAll(one => aims.Exists(aim => IsOf(plan, one.said, one.number, aim) && Within(one.said, one.number, aim.Quantity)));
        // Where the sentence calls one of them by its name, it speaks of that one.
        var named = aims.Where(aim => Nouns(plan, aim) is var nouns && sentences.Exists(said => said.Words.Any(word => nouns.Contains(Stem(word))))).ToList();
        foreach (var aim in named.Count > 0 ? named : aims)
        {
            var others = stated.Where(one => IsOf(plan, one.said, one.number, aim)).Select(one => string.Join(' ', one.said.Words.Skip(one.number.At).Take(one.number.Next - one.number.At))).ToList();
            // An amount of things is told once; beside one that fits, another speaks of something else.
            if (others.Count == 0 || (aim.Quantity.Unit.Dimension is Dimension.Count && sentences.Exists(said => said.Numbers.Any(number => IsOf(plan, said, number, aim) && Within(said, number, aim.Quantity))))) continue;
            yield return Found("R02", Severity.Warning, $"{objective.Title} says another number than its target", $"{objective.Title} says {string.Join(", ", others)}, and its target {aim.Object.Title} is {aim.Quantity}. Bring them together.", new Cited(objective, objective.Spec["statement"], text), aim.Cited);
        }
    }

    static bool IsOf(LintedPlan plan, Sentence said, SpokenNumber number, Aim aim) => aim.Quantity.Unit.Dimension switch
    {
        Dimension.Share => number.Sort == "%",
        Dimension.Money => number.Sort == aim.Quantity.Unit.Currency,
        // "Within 18 months" is a deadline beside minutes.
        Dimension.Time => number.Sort.Length == 0 && Stem(said.Word(number.Next)) == Stem(aim.Quantity.Unit.Text.ToLowerInvariant()),
        Dimension.Count => number.Sort.Length == 0 && Nouns(plan, aim) is var nouns && Enumerable.Range(number.Next, NounDistance).Any(at => nouns.Contains(Stem(said.Word(at)))),
        _ => false,
    };

    static bool Within(Sentence said, SpokenNumber number, Quantity quantity)
    {
        if (quantity.Unit.Dimension is Dimension.Time) return number.Value >= quantity.Low * (1 - Same) && number.Value <= quantity.High * (1 + Same);
        return number.Value >= quantity.Low * quantity.Unit.Scale * (1 - Same) && number.Value <= quantity.High * quantity.Unit.Scale * (1 + Same);
    }

    static HashSet<string> Nouns(LintedPlan plan, Aim aim) =>
        [.. MetricRole.Words($"{aim.Metric} {plan.MetricOf(aim)?.Title} {aim.Quantity.Unit.Text.Split('/')[0]}").Where(word => word.Length > 2 && word is not ("the" or "and" or "for" or "per" or "day" or "all" or "count" or "number" or "total" or "rate" or "share" or "month" or "year" or "week" or "quarter" or "percent" or "paying" or "active")).Select(Stem)];

    static string Stem(string word) => word.EndsWith("ies", StringComparison.Ordinal) ? word[..^3] + "y" : word.Length > 3 && word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) ? word[..^1] : word;

    /// <summary>R22: the date an objective names, against those of its targets.</summary>
    public static IEnumerable<Finding> Dates(LintedPlan plan)
    {
        foreach (var objective in plan.Plan.Of("Objective").Where(one => !plan.IsSuperseded(one)))
        {
            var (text, aims) = (Said(objective), AimsOf(plan, objective).Where(aim => aim.Due is { IsOpen: false }).ToList());
            var times = Sentence.Of(text).SelectMany(said => said.Times.Where(time => time.IsLimit || said.Word(time.At) is "at")).ToList();
            if (aims.Count == 0 || times is not [var time] || aims.Exists(aim => aim.Due is { } due && (time.Period.Contains(due.End) || (due.Start <= time.Period.End && time.Period.End <= due.End)))) continue;
            yield return Found("R22", Severity.Warning, $"{objective.Title} and its target name two dates", $"{objective.Title} is meant for {time.Period}, and {string.Join(", ", aims.Select(aim => $"{aim.Object.Title} for {aim.Due}"))}. Keep the date that is meant.", [new Cited(objective, objective.Spec["statement"], text), .. aims.Select(aim => aim.Cited)]);
        }
    }

    // "From 6 hours to 3", beside a baseline of 6 and an effect of minus 50 percent.
    static Finding? Impact(PlanObject problem)
    {
        if (problem.Text("impactText") is not { } text || problem.Quantity("impact") is not { } impact || problem.Quantity("baseline") is not { } baseline || Sentence.Of(text).Select(SentenceSums.FromTo).FirstOrDefault(found => found is not null) is not var (from, to)) return null;
        var meant = IsRelative(impact) && !IsRelative(baseline) ? impact.Unit.Dimension == Dimension.Share ? (baseline.Low * (1 - (Math.Abs(impact.High) / 100)), baseline.High * (1 - (Math.Abs(impact.Low) / 100))) : ((decimal, decimal)?)null : impact.Unit.Dimension == baseline.Unit.Dimension ? (impact.Low, impact.High) : null;
        if (meant is not var (least, most) || (impact.Unit.Dimension == Dimension.Share && impact.High > 0 && IsRelative(impact) && !IsRelative(baseline))) return null;
        var (low, high) = (Math.Min(least, most) * 0.98m, Math.Max(least, most) * 1.02m);
        return from.Value >= baseline.Low * (1 - Same) && from.Value <= baseline.High * (1 + Same) && to.Value >= low && to.Value <= high ? null
            : Found("R02", Severity.Warning, $"{problem.Title} tells its effect in two ways", $"\"{text}\", and the effect is {impact} on a baseline of {baseline}. Bring them together.", new Cited(problem, problem.Spec["impactText"], text), new Cited(problem, impact.Node, impact.ToString()), new Cited(problem, baseline.Node, baseline.ToString()));
    }

    static readonly string[] Up = ["rise", "rises", "rising", "rose", "grow", "grows", "growing", "grew", "increase", "increases", "increased", "climb", "climbs", "doubles", "doubled"];
    static readonly string[] Down = ["fall", "falls", "falling", "fell", "drop", "drops", "dropped", "decline", "declines", "declined", "decrease", "decreases", "decreased", "shrink", "shrinks", "shrank", "halves", "halved"];

    static Finding? Direction(PlanObject claim)
    {
        var words = MetricRole.Words(claim.Text("text") ?? "").ToList();
        var (up, down) = (words.Any(Up.Contains), words.Any(Down.Contains));
        return up == down || words.Any(word => word is "not" or "no" or "never") || (claim.Text("direction") is var direction && direction is not ("up" or "down")) || (direction == "up") == up ? null
            : Found("R02", Severity.Error, $"{claim.Title} says two directions", $"\"{claim.Text("text")}\", and its direction is {direction}. Correct one of them.", Cited.Field(claim, "text"), Cited.Field(claim, "direction"));
    }
}
