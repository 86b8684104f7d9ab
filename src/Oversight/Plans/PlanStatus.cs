namespace PenguinMails.Oversight.Plans;

/// <summary>How an object of the plan stands on a day, by the plan alone: no measured value is looked at.</summary>
/// <param name="State"><c>due</c>, <c>ahead</c>, <c>overdue</c>, <c>late_start</c>, <c>running</c>, <c>done</c>, <c>dropped</c>, <c>no_date</c>, <c>passed</c> or <c>unmeasurable</c>.</param>
/// <param name="DaysLeft">Days to the last day of its period; negative when it is over; null without one.</param>
public sealed record StatusLine(string Ref, string Title, string State, string? Period, int? DaysLeft, string? Owner, string? Value, string Sentence, Place At);

/// <param name="AsOf">The day it is told for.</param>
public sealed record StatusReport(DateOnly AsOf, IReadOnlyList<StatusLine> Objectives, IReadOnlyList<StatusLine> Targets, IReadOnlyList<StatusLine> Roadmap, IReadOnlyList<StatusLine> Gates, IReadOnlyList<StatusLine> Registers);

/// <summary>Objectives, targets, roadmap, gates and registers as of a day.</summary>
public static class PlanStatus
{
    // A target or gate is called due when its last day is this near.
    const int DueDays = 92;

    public static StatusReport Of(Plan plan, DateOnly asOf)
    {
        var times = new PlanTimes(plan);
        return new StatusReport(asOf,
            [.. plan.Of("Objective").Select(one => Objective(plan, times, one, asOf))],
            [.. plan.Of("Target").Select(one => Dated(plan, one, times.DueOf(one), asOf, one.Quantity("quantity")?.ToString()))],
            [.. plan.Of("RoadmapItem").Select(one => Item(plan, times, one, asOf))],
            [.. plan.Of("Gate").Select(one => Dated(plan, one, one.Period("at"), asOf, $"{one.Spec.List("all").Count(part => (part as MapNode)?.Text("met") == "true")} of {one.Spec.List("all").Count} conditions met"))],
            [.. Registers(plan, asOf)]);
    }

    static string? Owner(Plan plan, PlanObject one) => one.Owner ?? plan.Head?.Text("defaultOwner");

    static StatusLine Objective(Plan plan, PlanTimes times, PlanObject one, DateOnly asOf)
    {
        var measures = one.Names("measuredBy").Select(plan.Find).OfType<PlanObject>().ToList();
        if (measures.Count == 0) return Line(plan, one, "unmeasurable", one.Period("period"), asOf, null, "nothing measures it");
        var due = one.Period("period") ?? measures.Select(times.DueOf).OfType<Period>().OrderByDescending(period => period.End).Select(period => (Period?)period).FirstOrDefault();
        return Dated(plan, one, due, asOf, string.Join("; ", measures.Select(measure => measure.Quantity("quantity")?.ToString() ?? measure.Title)));
    }

    static StatusLine Dated(Plan plan, PlanObject one, Period? due, DateOnly asOf, string? value)
    {
        if (due is not { } period) return Line(plan, one, "no_date", null, asOf, value, "no date is set");
        var left = period.End.DayNumber - asOf.DayNumber;
        return left switch
        {
            < 0 => Line(plan, one, "passed", period, asOf, value, $"its time ended {-left} days ago"),
            <= DueDays => Line(plan, one, "due", period, asOf, value, $"due in {left} days"),
            _ => Line(plan, one, "ahead", period, asOf, value, period.IsOpen ? "open end" : $"due in {left} days"),
        };
    }

    static StatusLine Item(Plan plan, PlanTimes times, PlanObject one, DateOnly asOf)
    {
        var (status, window) = (one.Text("status") ?? "planned", times.WindowOf(one));
        var effort = one.Quantity("effort")?.ToString();
        if (status is "done" or "dropped") return Line(plan, one, status, window, asOf, effort, status == "done" ? "done" : "dropped");
        if (window is not { } period) return Line(plan, one, "no_date", null, asOf, effort, "no period is set");
        if (period.End < asOf) return Line(plan, one, "overdue", period, asOf, effort, $"should have been done {asOf.DayNumber - period.End.DayNumber} days ago and is {status.Replace('_', ' ')}");
        if (status == "in_progress") return Line(plan, one, "running", period, asOf, effort, period.IsOpen ? "in progress" : $"in progress, {period.End.DayNumber - asOf.DayNumber} days left");
        if (period.Start <= asOf && !period.IsOpen) return Line(plan, one, "late_start", period, asOf, effort, $"its period began {asOf.DayNumber - period.Start.DayNumber} days ago and it is {status}");
        return Line(plan, one, "ahead", period, asOf, effort, period.Start > asOf ? $"begins in {period.Start.DayNumber - asOf.DayNumber} days" : "open end");
    }

    static IEnumerable<StatusLine> Registers(Plan plan, DateOnly asOf)
    {
        foreach (var (kind, field) in new[] { ("Risk", "reviewBy"), ("Decision", "reviewOn"), ("Review", "due"), ("Waiver", "until") })
            foreach (var one in plan.Of(kind))
                if (one.Period(field) is { } day && one.Spec["heldOn"] is null && one.Spec["outcome"] is null)
                {
                    var left = day.End.DayNumber - asOf.DayNumber;
                    yield return Line(plan, one, left < 0 ? "overdue" : left <= DueDays ? "due" : "ahead", day, asOf, null, left < 0 ? $"{field} was {-left} days ago" : $"{field} in {left} days");
                }
    }

    static StatusLine Line(Plan plan, PlanObject one, string state, Period? period, DateOnly asOf, string? value, string words) =>
        new(one.Ref, one.Title, state, period?.Text, period is { IsOpen: false } known ? known.End.DayNumber - asOf.DayNumber : null, Owner(plan, one), value, $"{one.Title}: {words}.", one.At);
}
