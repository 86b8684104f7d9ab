using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>What stands in a zone at the names that matter. Nothing found and not asked look the same, so readers ask for every name they judge.</summary>
sealed class ZoneView(string zone, IEnumerable<DnsRecordSet> sets)
{
    readonly Dictionary<(string, DnsType), DnsRecordSet> _sets = sets.GroupBy(set => (set.Name.ToLowerInvariant(), set.Type)).ToDictionary(group => group.Key, group => group.First());

    public string Zone => zone;

    public DnsRecordSet? Find(string name, DnsType type) => _sets.GetValueOrDefault((name.ToLowerInvariant(), type));

    public IEnumerable<string> Texts(string name, string version) => (Find(name, DnsType.Txt)?.Values ?? []).Where(text => Is(text, version));

    public bool Holds(string name) => name == zone || name.EndsWith("." + zone, StringComparison.Ordinal);

    /// <summary>The wildcard that answers for a name that has no records of its own, when it has a record of this type or an alias (RFC 4592 2).</summary>
    public DnsRecordSet? Wildcard(string name, DnsType type)
    {
        for (var parent = name; parent != zone;)
        {
            var dot = parent.IndexOf('.', StringComparison.Ordinal);
            if (dot < 0) break;
            parent = parent[(dot + 1)..];
            if (Find("*." + parent, type) is { } same) return same;
            if (Find("*." + parent, DnsType.Cname) is { } alias) return alias;
        }

        return null;
    }

    /// <summary>Records of one kind carry a version in front; what follows it must not be a letter or digit of a longer one.</summary>
    public static bool Is(string text, string version) =>
        text.StartsWith(version, StringComparison.OrdinalIgnoreCase) && (text.Length == version.Length || text[version.Length] is ' ' or ';' or '\t');
}
