namespace PenguinMails.Oversight.Plans;

/// <summary>What must hold between the objects of a plan before it means anything: names, references, one currency, no circles.</summary>
static class PlanChecks
{
    /// <summary>Fields that say "before", with the direction; circles among them are refused.</summary>
    static readonly (string Field, bool Reverse)[] Before = [("dependsOn", true), ("blocks", false)];

    public static void Run(Plan plan, ShapeCheck check, List<PlanFault> faults)
    {
        Duplicates(plan, faults);
        References(plan, check, faults);
        Currencies(plan, check, faults);
        Windows(plan, faults);
        Circles(plan, "dependencies", faults, one => Before.SelectMany(field => one.Spec.Texts(field.Field).Select(name => (Name: name, field.Reverse))));
        foreach (var field in new[] { "parent", "includes" })
            Circles(plan, field, faults, one => one.Spec.Texts(field).Select(name => (name, false)));
        Circles(plan, "derivedFrom", faults, one => one.Spec.Map("derivedFrom")?.Texts("metric").Select(name => (name, false)) ?? []);
        Circles(plan, "supersedes", faults, one => one.Metadata.Texts("supersedes").Select(name => (name, false)));
    }

    static void Duplicates(Plan plan, List<PlanFault> faults)
    {
        foreach (var group in plan.Objects.GroupBy(one => one.Ref).Where(group => group.Count() > 1))
            foreach (var again in group.Skip(1))
                faults.Add(new PlanFault(again.Metadata["name"]?.At ?? again.At, "plan.name_duplicate", $"{again.Ref} stands here a second time; the first is at {group.First().At}. Rename one or merge them."));
        foreach (var second in plan.Of("Plan").Skip(1))
            if (second.Name != plan.Head?.Name) faults.Add(new PlanFault(second.At, "plan.head_twice", $"A second object of kind Plan; the first is at {plan.Head?.At}. Read two plans one by one."));
    }

    static void References(Plan plan, ShapeCheck check, List<PlanFault> faults)
    {
        // An object with faults of its own is missing from the plan: what refers to it is not to blame.
        if (faults.Count > 0) return;
        foreach (var (name, shape, path) in check.References)
        {
            if (shape.Kinds.Any(kind => plan.Find(kind, name.Text) is not null)) continue;
            var known = shape.Kinds.SelectMany(plan.Of).Select(one => one.Name);
            faults.Add(new PlanFault(name.At, "plan.reference_unknown", $"{path}: there is no {string.Join(" or ", shape.Kinds)} named \"{name.Text}\"{Nearest.Hint(name.Text, known)}."));
        }
    }

    static void Currencies(Plan plan, ShapeCheck check, List<PlanFault> faults)
    {
        var stated = plan.Head?.Text("currency");
        if (stated is not null && !Unit.IsCurrency(stated)) faults.Add(new PlanFault(plan.Head?.Place("currency") ?? default, "plan.currency_unknown", $"\"{stated}\" is no currency of ISO 4217. Write USD, EUR and so on."));
        var rates = plan.Head?.Spec.Map("rates")?.Entries.Select(rate => rate.Key.Text).ToHashSet() ?? [];
        var main = stated ?? check.Quantities.Select(one => one.Quantity.Unit.Currency).FirstOrDefault(code => code is not null);
        foreach (var (quantity, path) in check.Quantities)
            if (quantity.Unit.Currency is { } code && code != main && !rates.Contains(code))
                faults.Add(new PlanFault((quantity.Node as MapNode)?["unit"]?.At ?? quantity.Place, "plan.currency_mixed", $"{path}: {code} in a plan whose money is {main}. Convert it, or name its rate in the Plan's rates."));
    }

    static void Windows(Plan plan, List<PlanFault> faults)
    {
        foreach (var one in plan.Objects)
            foreach (var (key, value) in one.Spec.Entries)
                if (value is MapNode map && Period.TryParse(map.Text("start") ?? "", out var start, out _) && Period.TryParse(map.Text("end") ?? "", out var end, out _) && end.End < start.Start)
                    faults.Add(new PlanFault(map["end"]?.At ?? map.At, "plan.date_invalid", $"spec.{key.Text}: the end {end} lies before the start {start}."));
    }

    static void Circles(Plan plan, string what, List<PlanFault> faults, Func<PlanObject, IEnumerable<(ScalarNode Name, bool Reverse)>> edges)
    {
        var next = new Dictionary<PlanObject, List<(PlanObject To, Place At)>>();
        foreach (var one in plan.Objects)
            foreach (var (name, reverse) in edges(one))
                if ((plan.Find(one.Kind, name.Text) ?? plan.Find(name.Text)) is { } other)
                {
                    var (from, to) = reverse ? (other, one) : (one, other);
                    if (!next.TryGetValue(from, out var list)) next[from] = list = [];
                    list.Add((to, name.At));
                }

        var done = new HashSet<PlanObject>();
        foreach (var start in next.Keys)
            if (!done.Contains(start)) Walk(start, next, done, what, faults);
    }

    // Depth first without recursion: a chain may be as long as the plan.
    static void Walk(PlanObject start, Dictionary<PlanObject, List<(PlanObject To, Place At)>> next, HashSet<PlanObject> done, string what, List<PlanFault> faults)
    {
        var path = new List<(PlanObject One, int Next)> { (start, 0) };
        var open = new HashSet<PlanObject> { start };
        while (path.Count > 0)
        {
            var (one, at) = path[^1];
            if (!next.TryGetValue(one, out var list) || at >= list.Count)
            {
                path.RemoveAt(path.Count - 1);
                open.Remove(one);
                done.Add(one);
                continue;
            }

            path[^1] = (one, at + 1);
            var (to, place) = list[at];
            if (open.Contains(to)) faults.Add(new PlanFault(place, "plan.circle", $"A circle of {what}: {string.Join(" → ", path.SkipWhile(step => step.One != to).Select(step => step.One.Name).Append(to.Name))}. Take one of them out."));
            else if (!done.Contains(to))
            {
                path.Add((to, 0));
                open.Add(to);
            }
        }
    }
}
