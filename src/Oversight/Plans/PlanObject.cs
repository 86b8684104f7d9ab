namespace PenguinMails.Oversight.Plans;

/// <summary>One object of a plan. Its values have been held against the shape of its kind, so reading them cannot fail.</summary>
public sealed class PlanObject(string kind, MapNode root, MapNode metadata, MapNode spec)
{
    public string Kind { get; } = kind;

    public string Name { get; } = metadata.Text("name") ?? "";

    public MapNode Root { get; } = root;

    public MapNode Metadata { get; } = metadata;

    public MapNode Spec { get; } = spec;

    public Place At => Root.At;

    /// <summary>Kind and name, as findings name objects.</summary>
    public string Ref => $"{Kind}/{Name}";

    /// <summary>The title, else the name.</summary>
    public string Title => Metadata.Text("title") ?? Name;

    public string? Owner => Metadata.Text("owner");

    /// <summary>Document and line this was taken from, such as <c>plan.md:402</c>; null when it names none.</summary>
    public string? Source => Metadata.Map("source") is { } source && source.Text("file") is { } file
        ? $"{file}{string.Concat(source.Texts("lines").Take(1).Select(line => ":" + line.Text))}" : null;

    public string? Text(string key) => Spec.Text(key);

    public Quantity? Quantity(string key) => Plans.Quantity.Of(Spec[key]);

    public Period? Period(string key) => Spec[key] switch
    {
        ScalarNode scalar when Plans.Period.TryParse(scalar.Text, out var period, out _) => period,
        MapNode map when Plans.Period.TryParse($"{map.Text("start")}/{map.Text("end")}", out var period, out _) => period,
        _ => null,
    };

    public decimal? Number(string key) => NumberText.TryParse(Text(key) ?? "", out var number, out _) ? number : null;

    public bool Is(string key) => Text(key) == "true";

    public IEnumerable<string> Names(string key) => Spec.Texts(key).Select(one => one.Text);

    public Place Place(string key) => Spec[key]?.At ?? At;
}

/// <summary>The objects of a plan, in the order of their files.</summary>
public sealed class Plan(IReadOnlyList<PlanObject> objects)
{
    readonly ILookup<string, PlanObject> _kinds = objects.ToLookup(one => one.Kind);
    readonly Dictionary<string, PlanObject> _refs = objects.GroupBy(one => one.Ref).ToDictionary(group => group.Key, group => group.First());
    readonly ILookup<string, PlanObject> _names = objects.ToLookup(one => one.Name);

    public IReadOnlyList<PlanObject> Objects { get; } = objects;

    /// <summary>The object of kind Plan; null when there is none.</summary>
    public PlanObject? Head => Of("Plan").FirstOrDefault();

    public IEnumerable<PlanObject> Of(string kind) => _kinds[kind];

    public PlanObject? Find(string kind, string? name) => name is null ? null : _refs.GetValueOrDefault($"{kind}/{name}");

    /// <summary>The first object with this name, or with this kind and name as <c>Kind/name</c>.</summary>
    public PlanObject? Find(string? name) => name is null ? null : name.Contains('/', StringComparison.Ordinal) ? _refs.GetValueOrDefault(name) : _names[name].FirstOrDefault();
}

/// <summary>What came of reading a plan.</summary>
/// <param name="Plan">What could be read; whole only when there are no faults.</param>
/// <param name="Faults">At most <see cref="PlanReader.FaultsMax"/>, by place.</param>
public sealed record PlanReading(Plan Plan, IReadOnlyList<PlanFault> Faults);
