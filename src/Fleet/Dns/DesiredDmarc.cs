namespace PenguinMails.Fleet.Dns;

/// <summary>The DMARC record of the domain above, which speaks for its sub-domains.</summary>
/// <param name="Policy">What it asks for mail of sub-domains; null when it says nothing.</param>
/// <param name="Text">As it is published.</param>
sealed record DmarcAbove(string? Policy, string Text);

/// <summary>The DMARC record of a domain: our stage and our report address put into what stands there; every foreign tag stays.</summary>
/// <param name="Record">Null when a stricter policy of the domain above holds already, so that a record of its own would weaken it.</param>
sealed record DesiredDmarc(string? Record, string Note, ZoneFinding? Finding)
{
    static readonly string[] Stages = ["none", "quarantine", "reject"];

    /// <param name="stage">none, quarantine or reject.</param>
    /// <param name="inherited">Policy of the organization's own domain for its sub-domains; null when there is none or the domain is that one.</param>
    public static DesiredDmarc Of(string name, string stage, string reports, IReadOnlyList<string> found, string? inherited)
    {
        if (found.Count == 0)
        {
            if (Rank(inherited) > Rank(stage)) return new(null, "", new("dmarc.inherited", name, $"The domain above asks receivers to {inherited} forged mail, and that holds here too.", "Nothing to do: a record of its own with a weaker policy would take that away.", false));
            return new($"v=DMARC1; p={stage}; rua={reports}", "", null);
        }

        var finding = found.Count == 1 ? null : new ZoneFinding("dmarc.several", name, $"{name} has {found.Count} DMARC records, which makes all of them void.", "The plan keeps the first with its tags and takes the others away.", false);
        var tags = Tags(found[0]);
        var current = tags.Find(tag => tag.Name.Equals("p", StringComparison.OrdinalIgnoreCase)).Value;
        // Never weaker than what the customer chose.
        if (Rank(current) < Rank(stage)) Set(tags, "p", stage, 1);
        var receivers = tags.Find(tag => tag.Name.Equals("rua", StringComparison.OrdinalIgnoreCase)).Value ?? "";
        var has = receivers.Split(',').Any(one => one.Trim().Split('!')[0].Equals(reports, StringComparison.OrdinalIgnoreCase));
        if (!has) Set(tags, "rua", receivers.Length == 0 ? reports : $"{receivers},{reports}", tags.Count);
        var record = string.Join("; ", tags.Select(tag => $"{tag.Name}={tag.Value}"));
        return new(HaveSameTags(record, found[0]) && found.Count == 1 ? found[0] : record, !has && receivers.Length > 0 ? "Our report address was added beside yours; all other tags stay." : "", finding);
    }

    static int Rank(string? policy) => Array.IndexOf(Stages, policy?.ToLowerInvariant());

    static List<(string Name, string Value)> Tags(string record) =>
        [.. record.Split(';').Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2).Select(pair => (pair[0].Trim(), pair[1].Trim())).DistinctBy(tag => tag.Item1.ToLowerInvariant())];

    static bool HaveSameTags(string one, string other) => Tags(one).SequenceEqual(Tags(other));

    static void Set(List<(string Name, string Value)> tags, string name, string value, int at)
    {
        var known = tags.FindIndex(tag => tag.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (known >= 0) tags[known] = (tags[known].Name, value);
        else tags.Insert(Math.Min(at, tags.Count), (name, value));
    }
}
