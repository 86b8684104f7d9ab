using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R06: dates against the least time the work before them takes.</summary>
static class Milestones
{
    // Months, weeks and working days do not divide into each other: three months are a quarter, give or take a day.
    const int SlackDays = 3;

    /// <param name="End">The earliest day on which the item can be done.</param>
    sealed record Earliest(DateOnly End, PlanObject? Waits, string Arithmetic);

    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        var ends = EarliestEnds(plan);
        return [.. plan.Items.Select(item => Item(plan, item, ends)).OfType<Finding>(), .. plan.Items.SelectMany(item => Order(plan, item)), .. plan.Plan.Of("Gate").Where(gate => !plan.IsSuperseded(gate)).SelectMany(gate => Gate(plan, gate, ends)), .. plan.Plan.Of("Budget").SelectMany(budget => Budget(plan, budget)), .. plan.Plan.Of("Phase").Where(phase => !plan.IsSuperseded(phase)).Select(Phase).OfType<Finding>(), .. plan.Items.SelectMany(item => Parent(plan, item)), .. plan.Plan.Of("Decision").Where(one => !plan.IsSuperseded(one)).Select(Review).OfType<Finding>()];
    }

    // In the order of dependencies, so that each item finds its predecessors computed; circles were refused on reading.
    static Dictionary<PlanObject, Earliest> EarliestEnds(LintedPlan plan)
    {
        var needs = plan.Items.ToDictionary(item => item, item => plan.NeedsOf(item).ToList());
        var (ends, open) = (new Dictionary<PlanObject, Earliest>(), new Queue<PlanObject>(plan.Items.Where(item => needs[item].Count == 0)));
        var waiting = needs.ToDictionary(pair => pair.Key, pair => pair.Value.Count);
        var after = needs.SelectMany(pair => pair.Value.Select(need => (need, pair.Key))).ToLookup(pair => pair.need, pair => pair.Key);
        while (open.TryDequeue(out var item))
        {
            if (End(plan, item, needs[item], ends) is { } end) ends[item] = end;
            foreach (var next in after[item])
                if (--waiting[next] == 0) open.Enqueue(next);
        }

        return ends;
    }

    // A chain without end stops at the end of the calendar.
    static DateOnly Later(DateOnly day, int days) => DateOnly.FromDayNumber((int)Math.Clamp((long)day.DayNumber + days, 0, DateOnly.MaxValue.DayNumber - 366));

    static Earliest? End(LintedPlan plan, PlanObject item, List<PlanObject> needs, Dictionary<PlanObject, Earliest> ends)
    {
        if (item.Text("status") == "done") return null;
        var begin = item.Period("start")?.Start ?? plan.Times.WindowOf(item)?.Start;
        var last = needs.Where(ends.ContainsKey).OrderByDescending(need => ends[need].End).FirstOrDefault();
        if (last is not null && (begin is null || ends[last].End > begin)) begin = Later(ends[last].End, 1);
        else last = null;
        if (begin is not { } start) return null;
        var days = (int)Math.Ceiling(Math.Min(Efforts.CalendarDays(plan, item) ?? 0, 40_000));
        if (days == 0 && last is null) return item.Period("start") is null ? null : new Earliest(start, null, $"begins {start:yyyy-MM-dd}");
        var end = days == 0 ? ends[last ?? item].End : Later(start, days - 1);
        var wait = last is null ? $"begins {start:yyyy-MM-dd}" : $"waits for {last.Title} until {ends[last].End:yyyy-MM-dd}";
        return new Earliest(end, last, days == 0 ? wait : $"{wait}, takes at least {item.Quantity("effort")} = {days} calendar days, so it ends {end:yyyy-MM-dd} at the earliest");
    }

    static Finding? Item(LintedPlan plan, PlanObject item, Dictionary<PlanObject, Earliest> ends)
    {
        if (plan.Times.WindowOf(item) is not { IsOpen: false } window || !ends.TryGetValue(item, out var end) || end.End <= window.End.AddDays(SlackDays)) return null;
        // A chain that is late is told once, where the delay begins.
        if (end.Waits is { } before && plan.Times.WindowOf(before) is { IsOpen: false } earlier && ends[before].End > earlier.End.AddDays(SlackDays)) return null;
        return Found("R06", Severity.Error, $"{item.Title} cannot be done by {window}", $"{item.Title} {end.Arithmetic}; its time ends {window.End:yyyy-MM-dd}. Move it, or cut its effort.", [new Cited(item, item.Spec["period"], window.Text), new Cited(item, item.Spec["effort"] ?? item.Spec["start"], item.Quantity("effort")?.ToString() ?? item.Text("start")), .. end.Waits is { } waits ? [Cited.Of(waits)] : Array.Empty<Cited>()]);
    }

    // An item planned to end before the one it needs even ends.
    static IEnumerable<Finding> Order(LintedPlan plan, PlanObject item)
    {
        if (plan.Times.WindowOf(item) is not { IsOpen: false } window || item.Text("status") == "done") yield break;
        foreach (var need in plan.NeedsOf(item))
            if (plan.Times.WindowOf(need) is { } of && of.FirstEnd > window.End && of.Start > window.Start && need.Text("status") != "done")
                yield return Found("R06", Severity.Error, $"{item.Title} is due before {need.Title}, which it needs", $"{item.Title} is planned for {window}, and needs {need.Title}, which is planned for {of} and ends {Text(of)}. Swap them, or drop the dependency.", new Cited(item, item.Spec["period"], window.Text), new Cited(need, need.Spec["period"], of.Text));
        foreach (var gate in item.Names("dependsOn").Select(name => plan.Plan.Find("Gate", name)).OfType<PlanObject>())
            if (gate.Period("at") is { } at && at.Start > window.End)
                yield return Found("R06", Severity.Error, $"{item.Title} is due before {gate.Title}, which it needs", $"{item.Title} is planned for {window}, and needs {gate.Title}, which is planned for {at}. Swap them.", new Cited(item, item.Spec["period"], window.Text), new Cited(gate, gate.Spec["at"], at.Text));
    }

    // What is to come by a day cannot be looked at before it.
    static Finding? Review(PlanObject decision) =>
        decision.Period("reviewOn") is { } review && Period.TryParse(decision.Spec.Map("expectedEffect")?.Text("by") ?? "", out var by, out _) && !by.IsOpen && review.End < by.Start
            ? Found("R06", Severity.Error, $"{decision.Title} is reviewed before its effect is due", $"{decision.Title} is meant to have its effect by {by}, and is reviewed on {review}. Review it later, or expect the effect earlier.", Cited.Field(decision, "reviewOn"), new Cited(decision, decision.Spec.Map("expectedEffect")?["by"], by.Text)) : null;

    // A phase that is shorter than what its work takes together.
    static Finding? Phase(PlanObject phase)
    {
        if (phase.Quantity("total") is not { Unit.Dimension: Dimension.Time } total || Efforts.Of(total) is not { } work || Days(phase) is not { } days || work.CalendarLow <= days + SlackDays) return null;
        return Found("R06", Severity.Error, $"{phase.Title} is shorter than its work", $"{phase.Title} lasts {days} days, and its work takes at least {total} = {NumberText.Show(decimal.Round(work.CalendarLow, 0))} calendar days. Make it longer, or cut the work.", Cited.Field(phase, "window"), new Cited(phase, total.Node, total.ToString()));
    }

    static int? Days(PlanObject phase) => ExclusiveWindows.Read(phase) is not { } stretch || stretch.End == DateOnly.MaxValue.DayNumber ? null : (stretch.End - stretch.Start + 1) * (stretch.Weeks ? 7 : 1);

    // A part that begins when the whole is over, or is over before it begins.
    static IEnumerable<Finding> Parent(LintedPlan plan, PlanObject item)
    {
        if (item.Period("period") is not { } own || item.Text("status") == "done") yield break;
        foreach (var whole in item.Names("parent").Select(plan.Plan.Find).OfType<PlanObject>().Concat(plan.Plan.Of("Phase").Where(phase => phase.Names("items").Contains(item.Name))).Distinct())
            if ((whole.Kind == "Phase" ? whole.Period("window") : whole.Period("period")) is not { } of) continue;
            else if (own.End < of.Start)
                yield return Found("R06", Severity.Error, $"{item.Title} is over before {whole.Title}, of which it is a part, begins", $"{whole.Title} is planned for {of}; its part {item.Title} ends {own.End:yyyy-MM-dd} ({own}). Move one of them.", new Cited(whole, whole.Spec["period"] ?? whole.Spec["window"], of.Text), new Cited(item, item.Spec["period"], own.Text));
            else if (own.Start > of.End)
                yield return Found("R06", Severity.Error, $"{whole.Title} is over before its part {item.Title} begins", $"{whole.Title} is planned for {of}; its part {item.Title} begins {own.Start:yyyy-MM-dd} ({own}). Move one of them.", new Cited(whole, whole.Spec["period"] ?? whole.Spec["window"], of.Text), new Cited(item, item.Spec["period"], own.Text));
    }

    static string Text(Period period) => period.IsOpen ? "at no fixed day" : period.End.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    static IEnumerable<Finding> Gate(LintedPlan plan, PlanObject gate, Dictionary<PlanObject, Earliest> ends)
    {
        if (gate.Period("at") is not { IsOpen: false } at) yield break;
        foreach (var item in MissingBlockers.Of(plan, gate).Where(item => item.Text("status") != "done"))
        {
            if (plan.Times.WindowOf(item) is { } window && window.Start > at.End)
                yield return Found("R06", Severity.Error, $"{gate.Title} comes before {item.Title}, which it waits for", $"{gate.Title} is planned for {at}, and waits for {item.Title}, which begins {window.Start:yyyy-MM-dd} ({window}). Move the gate or the work.", new Cited(gate, gate.Spec["at"], at.Text), new Cited(item, item.Spec["period"], window.Text));
            else if (ends.TryGetValue(item, out var end) && end.End > at.End.AddDays(SlackDays))
                yield return Found("R06", Severity.Error, $"{gate.Title} comes before {item.Title} can be done", $"{gate.Title} ends {at.End:yyyy-MM-dd} ({at}); {item.Title} {end.Arithmetic}. Move the gate, or cut the effort.", new Cited(gate, gate.Spec["at"], at.Text), new Cited(item, item.Spec["effort"], item.Quantity("effort")?.ToString()));
        }
    }

    static IEnumerable<Finding> Budget(LintedPlan plan, PlanObject budget)
    {
        if (budget.Text("event") is not { } target || budget.Period("start") is not { } start || budget.Quantity("effort") is not { } effort || Efforts.Of(effort) is not { } days) yield break;
        var people = effort.Unit.Dimension == Dimension.Effort ? budget.Quantity("people")?.High ?? Crew.BuildersAt(plan, start) ?? 1 : 1;
        var end = Later(start.Start, (int)Math.Ceiling(Math.Min(days.CalendarLow / Math.Max(people, 0.1m), 40_000)) - 1);
        foreach (var (one, at, field) in Dates(plan, target))
            if (at is { IsOpen: false } when && end > when.End.AddDays(SlackDays))
                yield return Found("R06", Severity.Error, $"{one.Title} comes before its effort allows", $"{budget.Title}: beginning {start.Start:yyyy-MM-dd}, {effort} take until {end:yyyy-MM-dd} at the least; {one.Title} is meant for {when}, which ends {when.End:yyyy-MM-dd}, {end.DayNumber - when.End.DayNumber} days earlier. Move it, or cut the effort.", new Cited(budget, effort.Node, effort.ToString()), new Cited(one, one.Spec[field], when.Text));
    }

    static IEnumerable<(PlanObject One, Period? At, string Field)> Dates(LintedPlan plan, string target)
    {
        foreach (var gate in plan.Plan.Of("Gate").Where(gate => !plan.IsSuperseded(gate) && (gate.Name == target || gate.Text("event") == target))) yield return (gate, gate.Period("at"), "at");
        foreach (var item in plan.Items.Where(item => item.Name == target)) yield return (item, plan.Times.WindowOf(item), "period");
        if (plan.Plan.Head is { } head && plan.Times.Epoch(target) is { } epoch) yield return (head, epoch, "epochs");
    }
}
