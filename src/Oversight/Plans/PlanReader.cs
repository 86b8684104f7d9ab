namespace PenguinMails.Oversight.Plans;

/// <summary>Reads plans: files, YAML, shapes, and what must hold between objects.</summary>
public static class PlanReader
{
    /// <summary>Faults that are told; beyond them reading stops.</summary>
    public const int FaultsMax = 200;

    /// <summary>Objects of one plan.</summary>
    public const int ObjectsMax = 20_000;

    static readonly string[] Envelope = ["apiVersion", "kind", "metadata", "spec"];

    /// <param name="path">A file, or a folder with everything below it.</param>
    public static PlanReading Read(string path)
    {
        var faults = new List<PlanFault>();
        return Read(PlanFiles.Read(path, faults), faults);
    }

    /// <param name="files">Name and text of each.</param>
    public static PlanReading Read(IReadOnlyList<(string Name, string Text)> files, List<PlanFault>? faults = null) => Read(files, faults ?? [], YamlTree.NodesMax, FaultsMax).Told();

    /// <summary>Reads a plan back as it is kept: one text of what may have been many files, so the limit of one file does not hold for it.</summary>
    /// <param name="name">Of the plan; it names places.</param>
    public static PlanReading ReadBack(string name, string yaml) => Read([($"{name}.yaml", yaml)], [], int.MaxValue, FaultsMax).Told();

    /// <summary>A plan that was kept: all of it that this release reads. Nothing is kept that cannot be read back, so faults mean that a rule has become stricter since.</summary>
    /// <remarks>Objects in which a fault stands are left out, also what is wrong only beside another object; references to them lead nowhere. What follows a text that is no YAML is left out with it.</remarks>
    public static PlanReading Kept(string name, string yaml)
    {
        var (plan, shapes, between) = Read([($"{name}.yaml", yaml)], [], int.MaxValue, int.MaxValue);
        (int, int)[] starts = [.. plan.Objects.Select(one => (one.At.Line, one.At.Column))];
        var refused = between.Select(fault => Array.BinarySearch(starts, (fault.At.Line, fault.At.Column)) is var at && at < 0 ? ~at - 1 : at).ToHashSet();
        return new Looked(new Plan([.. plan.Objects.Where((_, at) => !refused.Contains(at))]), shapes, between).Told();
    }

    /// <param name="Shapes">Faults of what is no object of the plan because of them.</param>
    /// <param name="Between">Faults that objects of the plan have beside each other.</param>
    sealed record Looked(Plan Plan, IReadOnlyList<PlanFault> Shapes, IReadOnlyList<PlanFault> Between)
    {
        public PlanReading Told() => new(Plan, [.. Shapes.Concat(Between).Distinct().OrderBy(one => one.At.File, StringComparer.Ordinal).ThenBy(one => one.At.Line).ThenBy(one => one.At.Column).Take(FaultsMax)]);
    }

    static Looked Read(IReadOnlyList<(string Name, string Text)> files, List<PlanFault> faults, int nodesMax, int faultsMax)
    {
        var (objects, check) = (new List<PlanObject>(), new ShapeCheck(faults));
        foreach (var (name, text) in files)
        {
            var stated = false;
            foreach (var document in YamlTree.Read(name, text, faults, nodesMax).SelectMany(Unfold))
            {
                if (objects.Count >= ObjectsMax || faults.Count >= faultsMax) break;
                if (Open(document, ref stated, faults, check) is { } made) objects.Add(made);
            }
        }

        if (files.Count > 0 && objects.Count == 0 && faults.Count == 0) faults.Add(new PlanFault(new Place(files[0].Name, 1, 1), "plan.empty", "Nothing of a plan stands here. Write an object with apiVersion, kind, metadata and spec."));
        if (objects.Count >= ObjectsMax) faults.Add(new PlanFault(objects[^1].At, "plan.too_large", $"More than {ObjectsMax} objects."));
        var (plan, shapes) = (new Plan(objects), faults.Count);
        PlanChecks.Run(plan, check, faults);
        return new Looked(plan, faults[..shapes], faults[shapes..]);
    }

    static IEnumerable<Node> Unfold(Node document) => document is ListNode list ? list.Items : [document];

    /// <param name="stated">Whether an object of this file has named the version already: the others need not.</param>
    static PlanObject? Open(Node document, ref bool stated, List<PlanFault> faults, ShapeCheck check)
    {
        var before = faults.Count;
        if (document is not MapNode root)
        {
            faults.Add(new PlanFault(document.At, "plan.type_wrong", $"An object with kind, metadata and spec is expected, and {document.Word} stands here."));
            return null;
        }

        foreach (var (key, _) in root.Entries)
            if (!Envelope.Contains(key.Text)) faults.Add(new PlanFault(key.At, "plan.key_unknown", $"The key \"{key.Text}\" is unknown{Nearest.Hint(key.Text, Envelope)}. An object has {string.Join(", ", Envelope)}."));
        Version(root, ref stated, faults);
        if (KindOf(root, faults) is not { } kind) return null;
        if (root.Map("metadata") is not { } metadata || root["spec"] is not (MapNode or null))
        {
            faults.Add(new PlanFault((root["metadata"] is MapNode ? root["spec"] : root["metadata"])?.At ?? root.At, "plan.key_missing", $"{kind.Word}: metadata and spec are groups of keys, and metadata needs a name."));
            return null;
        }

        var spec = root.Map("spec") ?? new MapNode(root.At, []);
        check.Check(Kinds.Metadata, metadata, "metadata");
        check.Check(kind.Spec, spec, "spec");
        return faults.Count > before ? null : new PlanObject(kind.Word, root, metadata, spec);
    }

    static void Version(MapNode root, ref bool stated, List<PlanFault> faults)
    {
        if (root["apiVersion"] is not { } node)
        {
            if (!stated) faults.Add(new PlanFault(root.At, "plan.version_missing", $"apiVersion is missing. The first object of a file begins with apiVersion: {Kinds.ApiVersion}."));
            stated = true;
            return;
        }

        stated = true;
        if ((node as ScalarNode)?.Text != Kinds.ApiVersion) faults.Add(new PlanFault(node.At, "plan.version_unknown", $"This apiVersion is not read. Write {Kinds.ApiVersion}."));
    }

    static Kind? KindOf(MapNode root, List<PlanFault> faults)
    {
        if (root.Text("kind") is not { } word) faults.Add(new PlanFault(root.At, "plan.key_missing", $"\"kind\" is missing. It is one of {string.Join(", ", Kinds.All.Select(kind => kind.Word))}."));
        else if (Kinds.Find(word) is { } kind) return kind;
        else faults.Add(new PlanFault(root["kind"]?.At ?? root.At, "plan.kind_unknown", $"The kind \"{word}\" is unknown{Nearest.Hint(word, Kinds.All.Select(one => one.Word))}. Known: {string.Join(", ", Kinds.All.Select(one => one.Word))}."));
        return null;
    }
}
