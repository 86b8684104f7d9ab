using PenguinMails.Oversight.CheckIns;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Roadmap;

/// <summary>An item or objective whose end moved between two versions of the plan.</summary>
/// <param name="Days">Later when positive.</param>
public sealed record Slip(string Ref, int Days, string From, string To);

/// <summary>An item or objective that is past its end and not done.</summary>
/// <param name="Days">Since its last day; at least 1.</param>
public sealed record Overdue(PlanObject Subject, Period Due, int Days);

/// <summary>What moved, what is late, and what waits for it: by the plan's own words, without a clock.</summary>
public static class RoadmapSlips
{
    // As many items as a chain of waiting is followed through.
    const int ReachMax = 1_000;

    /// <returns>What both versions have, with an end each, that is not the same; the largest slip first.</returns>
    public static IReadOnlyList<Slip> Between(Plan before, Plan after)
    {
        var (old, now) = (new PlanTimes(before), new PlanTimes(after));
        return [.. Tracked(after).Select(one => (one, was: before.Find(one.Kind, one.Name)))
            .Select(pair => (pair.one, Was: pair.was is null ? null : EndOf(before, old, pair.was), Is: EndOf(after, now, pair.one)))
            .Where(pair => pair is { Was: { IsOpen: false }, Is: { IsOpen: false } } && pair.Was.Value.End != pair.Is.Value.End)
            .Select(pair => new Slip(pair.one.Ref, pair.Is.GetValueOrDefault().End.DayNumber - pair.Was.GetValueOrDefault().End.DayNumber, pair.Was.GetValueOrDefault().Text, pair.Is.GetValueOrDefault().Text))
            .OrderByDescending(slip => slip.Days).ThenBy(slip => slip.Ref, StringComparer.Ordinal)];
    }

    /// <summary>What is past its end without being done. A part that is late with its whole is told by the whole.</summary>
    public static IReadOnlyList<Overdue> Late(Plan plan, IReadOnlyDictionary<string, CheckIn> said, DateOnly today)
    {
        var times = new PlanTimes(plan);
        var late = Tracked(plan).Where(one => !Standing.Of(one, said.GetValueOrDefault(one.Ref)).IsOver)
            .Select(one => (one, due: EndOf(plan, times, one))).Where(pair => pair.due is { IsOpen: false } due && due.End < today)
            .Select(pair => new Overdue(pair.one, pair.due.GetValueOrDefault(), today.DayNumber - pair.due.GetValueOrDefault().End.DayNumber))
            .ToDictionary(one => one.Subject.Ref, StringComparer.Ordinal);
        return [.. late.Values.Where(one => Whole(plan, one.Subject) is not { } whole || !late.TryGetValue(whole.Ref, out var ofWhole) || ofWhole.Due.End > one.Due.End).OrderByDescending(one => one.Days)];
    }

    /// <summary>What cannot be without an item: what it blocks, what depends on it, gates that wait for it, and so on from there.</summary>
    /// <returns>Kind/name, nearest first, without the item itself.</returns>
    public static IReadOnlyList<string> WaitingFor(Plan plan, PlanObject item)
    {
        var found = new List<string>();
        var (seen, next) = (new HashSet<string>(StringComparer.Ordinal) { item.Ref }, new Queue<PlanObject>([item]));
        while (next.TryDequeue(out var one) && found.Count < ReachMax)
            foreach (var waiting in DirectlyBehind(plan, one).Where(waiting => seen.Add(waiting.Ref)))
            {
                found.Add(waiting.Ref);
                next.Enqueue(waiting);
            }

        return found;
    }

    static IEnumerable<PlanObject> DirectlyBehind(Plan plan, PlanObject one) =>
        one.Names("blocks").Select(plan.Find).OfType<PlanObject>()
            .Concat(plan.Of("RoadmapItem").Where(other => other.Names("dependsOn").Any(name => name == one.Name || name == one.Ref)))
            .Concat(one.Kind == "RoadmapItem" ? plan.Of("Gate").Where(gate => gate.Names("blockers").Contains(one.Name)) : []);

    /// <summary>When it should be done: its window, else that of what measures it.</summary>
    internal static Period? EndOf(Plan plan, PlanTimes times, PlanObject one) => one.Kind == "RoadmapItem" ? times.WindowOf(one)
        : one.Period("period") ?? one.Names("measuredBy").Select(plan.Find).OfType<PlanObject>().Select(times.DueOf).OfType<Period>().OrderByDescending(due => due.End).Select(due => (Period?)due).FirstOrDefault();

    static PlanObject? Whole(Plan plan, PlanObject one) => one.Names("parent").Select(name => plan.Find("RoadmapItem", name) ?? plan.Find("Objective", name)).FirstOrDefault();

    // What another object supersedes stays in the plan as history and is not followed.
    static IEnumerable<PlanObject> Tracked(Plan plan)
    {
        var replaced = plan.Objects.SelectMany(one => one.Metadata.Texts("supersedes").Select(name => (plan.Find(one.Kind, name.Text) ?? plan.Find(name.Text))?.Ref)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return plan.Of("Objective").Concat(plan.Of("RoadmapItem")).Where(one => !replaced.Contains(one.Ref));
    }
}
