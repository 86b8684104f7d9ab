using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Lint;

/// <summary>A value that a metric is to have at a time, from a target or from a condition of a gate.</summary>
/// <param name="Metric">Name of the metric, or the word a gate uses.</param>
/// <param name="Due">When it holds; null when no date can be told.</param>
/// <param name="IsGate">A condition of a gate.</param>
sealed record Aim(PlanObject Object, string Metric, string Segment, Quantity Quantity, Period? Due, bool IsGate)
{
    public Cited Cited => new(Object, Quantity.Node, $"{Quantity}{(Due is { } due ? " by " + due : Quantity.Offset is { } offset ? $" at {Quantity.Epoch ?? "?"} + {offset}" : "")}");

    public string? Basis => Object.Text("basis") ?? (IsGate ? "gate" : null);
}

/// <summary>A plan with what the rules ask of it again and again.</summary>
sealed class LintedPlan
{
    readonly HashSet<string> _superseded;
    readonly Dictionary<string, string> _roles;
    readonly ILookup<string, PlanObject> _itemsByName;
    readonly ILookup<string, PlanObject> _blockers;
    readonly ILookup<string, PlanObject> _parts;

    public LintedPlan(Plan plan, DateOnly asOf, string? folder = null)
    {
        (Plan, AsOf, Folder, Times) = (plan, asOf, folder, new PlanTimes(plan));
        _superseded = [.. plan.Objects.SelectMany(one => one.Metadata.Texts("supersedes").Select(name => plan.Find(one.Kind, name.Text) ?? plan.Find(name.Text))).OfType<PlanObject>().Select(one => one.Ref)];
        _roles = plan.Of("Metric").GroupBy(metric => metric.Name).ToDictionary(group => group.Key, group => MetricRole.Of(group.First()));
        Items = [.. plan.Of("RoadmapItem").Where(one => !IsSuperseded(one) && one.Text("status") is not "dropped")];
        _itemsByName = Items.ToLookup(item => item.Name);
        _blockers = Items.SelectMany(item => item.Names("blocks").Select(name => (name, item))).ToLookup(pair => pair.name, pair => pair.item);
        _parts = Items.Concat(plan.Of("Phase")).SelectMany(one => one.Names("parent").Select(name => (name, one))).ToLookup(pair => pair.name, pair => pair.one);
        Aims = [.. plan.Of("Target").Where(one => !IsSuperseded(one)).Select(OfTarget).OfType<Aim>(), .. plan.Of("Gate").Where(one => !IsSuperseded(one)).SelectMany(OfGate)];
    }

    public Plan Plan { get; }

    public DateOnly AsOf { get; }

    /// <summary>Where the files of the plan lie; null when it came as text.</summary>
    public string? Folder { get; }

    public PlanTimes Times { get; }

    /// <summary>Work that is neither dropped nor replaced.</summary>
    public IReadOnlyList<PlanObject> Items { get; }

    public IReadOnlyList<Aim> Aims { get; }

    public bool IsSuperseded(PlanObject one) => _superseded.Contains(one.Ref) || (one.Kind == "Decision" && one.Text("status") is "rejected" or "superseded");

    /// <summary>The usual name of a metric, such as <c>mrr</c>; <c>other</c> when it has none.</summary>
    public string RoleOf(string metric) => _roles.GetValueOrDefault(metric, "other");

    public IEnumerable<Aim> AimsOf(string role) => Aims.Where(aim => RoleOf(aim.Metric) == role);

    /// <summary>What an aim counts adds up over its period, such as sales of a quarter, and is not a state at its end.</summary>
    public bool IsFlow(Aim aim)
    {
        if (aim.Due is not { IsOpen: false } due || due.FirstEnd != due.End || RoleOf(aim.Metric) is "mrr" or "arr" or "arpa" or "churn" or "retention" || aim.Quantity.Unit.Dimension is Dimension.Share or Dimension.Factor or Dimension.Score) return false;
        return aim.Quantity.Unit.PerDays is { } days ? Math.Abs(due.Days - days) <= days / 20 : RoleOf(aim.Metric) is "revenue" or "volume" or "cost" && due.Days > 1;
    }

    public PlanObject? MetricOf(Aim aim) => Plan.Find("Metric", aim.Metric);

    /// <summary>The quantity says how much something changes, not what it is.</summary>
    public static bool IsRelative(Quantity quantity) => quantity.Unit.Dimension is Dimension.Share or Dimension.Factor && quantity.Unit.PerThing is null;

    /// <summary>All texts of an object with more than one word, title and quote included.</summary>
    public static IEnumerable<ScalarNode> Texts(PlanObject one) => Scalars(one.Metadata).Concat(Scalars(one.Spec)).Where(scalar => scalar.Text.Contains(' ', StringComparison.Ordinal));

    /// <summary>A text with each percent sign at its number, as half the world writes it with a space.</summary>
    public static string Closed(string text) => text.Replace(" %", "%", StringComparison.Ordinal).Replace("\u00A0%", "%", StringComparison.Ordinal).Replace("\u202F%", "%", StringComparison.Ordinal);

    static IEnumerable<ScalarNode> Scalars(Node node) => node switch
    {
        ScalarNode scalar => [scalar],
        ListNode list => list.Items.SelectMany(Scalars),
        MapNode map => map.Entries.SelectMany(entry => Scalars(entry.Value)),
        _ => [],
    };

    /// <summary>Items that must be done before another, by its own word or by theirs.</summary>
    public IEnumerable<PlanObject> NeedsOf(PlanObject item) => item.Names("dependsOn").SelectMany(name => _itemsByName[name]).Concat(_blockers[item.Name]).Distinct();

    /// <summary>Items that are directly part of another.</summary>
    public IEnumerable<PlanObject> PartsOf(PlanObject whole)
    {
        var listed = whole.Names("items").Select(name => Plan.Find("RoadmapItem", name) ?? Plan.Find("Phase", name)).OfType<PlanObject>();
        return listed.Concat(_parts[whole.Name].Where(one => one != whole)).Where(one => !IsSuperseded(one) && one.Text("status") is not "dropped").Distinct();
    }

    public static Finding Found(string rule, Severity severity, string title, string message, params IEnumerable<Cited> cited)
    {
        var all = cited.ToList();
        return new Finding(rule, severity, title, [.. all.Select(one => one.Place)], [.. all.Select(one => one.Value).OfType<string>()], message);
    }

    // One currency for all that is compared, at the plan's own rates.
    Quantity Converted(Quantity quantity) =>
        quantity.Unit.Currency is { } code && Plan.Head is { } head && head.Text("currency") is { } main && main != code && NumberText.TryParse(head.Spec.Map("rates")?.Text(code) ?? "", out var rate, out _)
            ? quantity with { Unit = quantity.Unit with { Scale = quantity.Unit.Scale * rate, Currency = main } } : quantity;

    Aim? OfTarget(PlanObject one) => one.Quantity("quantity") is { } written && Converted(written) is var quantity && one.Text("metric") is { } metric
        ? new Aim(one, metric, (one.Text("segment") ?? "").Trim().ToLowerInvariant(), quantity, Times.DueOf(quantity), IsGate: false) : null;

    // Gates may call a metric by its title, or leave out the kpi of its name.
    string Called(string word)
    {
        if (Plan.Find("Metric", word) is not null) return word;
        var called = Plan.Of("Metric").Where(metric => FeatureWindows.Slug(metric.Title) == FeatureWindows.Slug(word) || metric.Name == "kpi-" + word).Take(2).ToList();
        return called.Count == 1 ? called[0].Name : word;
    }

    IEnumerable<Aim> OfGate(PlanObject gate)
    {
        foreach (var part in gate.Spec.List("all").OfType<MapNode>())
            if (part.Text("metric") is { } word && Called(word) is var metric && Quantity.Of(part["quantity"]) is { } written && Converted(written) is var quantity)
                yield return new Aim(gate, metric, "", quantity, Times.DueOf(quantity) ?? gate.Period("at"), IsGate: true);
    }
}
