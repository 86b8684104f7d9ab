using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R10: the work of a period against those who are there, and headcounts against targets.</summary>
static class Capacity
{
    const int CitedMax = 12;

    public static IEnumerable<Finding> Check(LintedPlan plan) => [.. Work(plan), .. Heads(plan), .. People(plan), .. Told(plan)];

    static IEnumerable<Finding> Work(LintedPlan plan)
    {
        var wholes = plan.Items.SelectMany(item => item.Names("parent")).Concat(plan.Items.SelectMany(item => item.Names("items"))).ToHashSet();
        foreach (var rows in plan.Plan.Of("Team").GroupBy(team => team.Period("period")))
        {
            if (rows.Key is not { IsOpen: false } period) continue;
            var builders = rows.Sum(Crew.Builders);
            var capacity = builders * decimal.Round(period.Days * 5m / 7, 0);
            var work = plan.Items.Where(item => !wholes.Contains(item.Name) && item.Text("status") is not ("done" or "idea") && plan.Times.WindowOf(item) is { } window && period.Start <= window.Start && window.End <= period.End)
                .Select(item => (Item: item, Days: PersonDays(item))).Where(one => one.Days is not null).Select(one => (one.Item, Days: one.Days ?? default)).ToList();
            var (low, high) = (work.Sum(one => one.Days.Low), work.Sum(one => one.Days.High));
            if (work.Count == 0 || low <= capacity) continue;
            yield return Found("R10", Severity.Error, $"The work of {period} is more than the team can do", $"{period}: {(work.Count == 1 ? "one item takes" : $"{work.Count} items take")} {new WorkDays(low, high)} of one person; {NumberText.Show(builders)} people × {NumberText.Show(decimal.Round(period.Days * 5m / 7, 0))} working days = {NumberText.Show(capacity)}. {NumberText.Show(decimal.Round(low - capacity, 1))} are missing. Move work, or add people.",
                [.. rows.Select(team => new Cited(team, team.Spec["roles"], $"{NumberText.Show(Crew.Builders(team))} people who build")), .. work.OrderByDescending(one => one.Days.Low).Take(CitedMax).Select(one => new Cited(one.Item, one.Item.Spec["effort"], one.Item.Quantity("effort")?.ToString()))]);
        }
    }

    // A duration is one person's time, unless the item says how many are at work on it.
    static WorkDays? PersonDays(PlanObject item)
    {
        if (item.Quantity("effort") is not { } effort || Efforts.Of(effort) is not { } days) return null;
        var people = effort.Unit.Dimension == Dimension.Time ? item.Quantity("team")?.Low ?? 1 : 1;
        return new WorkDays(days.Low * people, days.High * people);
    }

    static IEnumerable<Finding> Heads(LintedPlan plan)
    {
        foreach (var aim in plan.AimsOf("headcount"))
        {
            if (aim.Due is not { } due) continue;
            var rows = plan.Plan.Of("Team").Where(team => team.Period("period") is { } period && period.Contains(due.End)).ToList();
            var heads = rows.Sum(Crew.Heads);
            var fits = aim.Quantity.Bound switch { Bound.AtLeast => heads >= aim.Quantity.Low, Bound.AtMost => heads <= aim.Quantity.High, _ => heads >= aim.Quantity.Low && heads <= aim.Quantity.High };
            if (rows.Count > 0 && !fits)
                yield return Found("R10", Severity.Error, $"Headcount by {due} differs from the team", $"{aim.Object.Title} is {aim.Quantity} by {due}; the team of {rows[0].Period("period")} has {NumberText.Show(heads)}, {NumberText.Show(Math.Abs(aim.Quantity.Low - heads))} {(heads < aim.Quantity.Low ? "fewer" : "more")}. Correct the target or the team.", [aim.Cited, .. rows.Select(team => new Cited(team, team.Spec["roles"], NumberText.Show(Crew.Heads(team))))]);
        }
    }

    // A budget that counts on more people than are there when its work begins.
    static IEnumerable<Finding> People(LintedPlan plan)
    {
        foreach (var budget in plan.Plan.Of("Budget"))
        {
            if (budget.Quantity("people") is not { } people || (budget.Period("start") ?? budget.Period("period")) is not { } when) continue;
            var rows = plan.Plan.Of("Team").Where(team => team.Period("period") is { } period && period.Contains(when.Start)).ToList();
            if (rows.Count > 0 && rows.Sum(Crew.Heads) < people.Low)
                yield return Found("R10", Severity.Error, $"{budget.Title} counts on more people than there are", $"{budget.Title} needs {people}; the team of {rows[0].Period("period")} has {NumberText.Show(rows.Sum(Crew.Heads))}.", [new Cited(budget, people.Node, people.ToString()), .. rows.Select(team => new Cited(team, team.Spec["roles"], NumberText.Show(Crew.Heads(team))))]);
        }
    }

    // "A team of 20 at the end of 2027", "12 people by Q4 2026".
    static IEnumerable<Finding> Told(LintedPlan plan)
    {
        foreach (var one in plan.Plan.Of("Plan").Concat(plan.Plan.Of("Objective")).Where(one => !plan.IsSuperseded(one)))
            foreach (var text in Texts(one))
                foreach (var said in Sentence.Of(text.Text).Where(said => said.Times.Count == 1))
                {
                    var told = said.Numbers.FirstOrDefault(number => (said.Word(number.At - 1) is "of" && said.Word(number.At - 2) is "team") || said.Word(number.Next) is "employees" or "colleagues");
                    var rows = plan.Plan.Of("Team").Where(team => team.Period("period") is { } period && period.Contains(said.Times[0].Period.End)).ToList();
                    if (told is not null && rows.Count > 0 && rows.Sum(Crew.Heads) is var heads && heads != told.Value)
                        yield return Found("R10", Severity.Warning, $"{one.Title} tells another headcount than the team", $"\"{text.Text}\" says {NumberText.Show(told.Value)}; the team of {rows[0].Period("period")} has {NumberText.Show(heads)}. Bring them together.", [new Cited(one, text, text.Text), .. rows.Select(team => new Cited(team, team.Spec["roles"], NumberText.Show(Crew.Heads(team))))]);
                }
    }
}
