namespace PenguinMails.Oversight.Plans;

/// <summary>Answers when something of a plan is: from its own words, from what it is a part of, or counted from an epoch.</summary>
public sealed class PlanTimes(Plan plan)
{
    // A chain of parents cannot be longer than this: circles were refused on reading.
    const int ParentsMax = 50;

    readonly ILookup<string, PlanObject> _phases = plan.Of("Phase").SelectMany(phase => phase.Names("items").Select(name => (name, phase))).ToLookup(pair => pair.name, pair => pair.phase);

    /// <summary>When work is done: its own period, else that of the phase or item it is part of.</summary>
    public Period? WindowOf(PlanObject item)
    {
        var one = item;
        for (var i = 0; i < ParentsMax && one is not null; i++)
        {
            if ((one.Kind is "Phase" ? one.Period("window") : one.Period("period")) is { } window) return window;
            if (_phases[one.Name].Select(phase => phase.Period("window")).FirstOrDefault(period => period is not null) is { } ofPhase) return ofPhase;
            one = one.Names("parent").Select(Parent).FirstOrDefault();
        }

        return null;
    }

    /// <summary>The day an epoch is on or in: a single day, a period, or nothing known.</summary>
    public Period? Epoch(string? name) => name is null ? null : plan.Head?.Spec.Map("epochs")?.Map(name) is { } epoch && Period.TryParse(epoch.Text("date") ?? epoch.Text("at") ?? "", out var period, out _) ? period : null;

    public Period? DueOf(PlanObject one) => one.Kind switch
    {
        "Target" => DueOf(one.Quantity("quantity")),
        "Gate" => one.Period("at"),
        _ => one.Period("period"),
    };

    /// <summary>When a quantity holds; an offset from a dated epoch becomes the day it leads to.</summary>
    public Period? DueOf(Quantity? quantity)
    {
        if (quantity is null) return null;
        if (quantity.At is { } at) return at;
        if (Epoch(quantity.Epoch) is not { IsOpen: false } epoch) return null;
        if (quantity.Offset is not { } offset) return epoch;
        var day = offset.After(epoch.End);
        return new Period(day, day, day, $"{quantity.Epoch} + {offset}");
    }

    PlanObject? Parent(string name) => plan.Find("RoadmapItem", name) ?? plan.Find("Phase", name) ?? plan.Find("Objective", name);
}
