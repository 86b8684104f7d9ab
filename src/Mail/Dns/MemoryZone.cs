using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Mail.Dns;

/// <summary>Names answered from memory, for evaluating mail against records kept in a file. Safe for many threads once filled.</summary>
/// <remarks>A name never added does not exist. Aliases are followed, 8 at most.</remarks>
public sealed class MemoryZone : IDnsLookup
{
    const int AliasesMax = 8;
    const int NameLengthMax = 253; // RFC 1035 2.3.4 less the final dot.
    const int LabelLengthMax = 63;

    readonly Dictionary<string, Node> nodes = new(StringComparer.Ordinal);

    sealed class Node
    {
        public List<DnsRecord> Records { get; } = [];

        public HashSet<DnsType> Silent { get; } = [];

        public bool IsSilent { get; set; }
    }

    /// <summary>Makes the name exist, without any record so far.</summary>
    public void Add(string name) => At(name);

    /// <summary>Adds a record in its presentation form.</summary>
    /// <param name="value">An address; a host name; for MX preference and host; for TXT the joined strings; else as <see cref="DnsRecord.Value"/>.</param>
    /// <returns>False, and only the name is added, when the value does not fit the type.</returns>
    public bool Add(string name, DnsType type, string value)
    {
        var node = At(name);
        var record = type switch
        {
            DnsType.A => Address(value, AddressFamily.InterNetwork),
            DnsType.Aaaa => Address(value, AddressFamily.InterNetworkV6),
            DnsType.Mx => Preferred(value, DnsType.Mx),
            DnsType.Srv => Preferred(value, DnsType.Srv),
            DnsType.Cname or DnsType.Ptr or DnsType.Ns => new DnsRecord("", type, 0, Normal(value), 0),
            DnsType.Txt or DnsType.Soa or DnsType.Tlsa or DnsType.Caa => new DnsRecord("", type, 0, value, 0),
        };
        if (record is null) return false;
        node.Records.Add(record with { Name = Normal(name), Type = type });
        return true;
    }

    /// <summary>Questions of that type get no answer; of every type without records when <paramref name="type"/> is null.</summary>
    public void AddTimeout(string name, DnsType? type)
    {
        var node = At(name);
        if (type is { } one) node.Silent.Add(one);
        else node.IsSilent = true;
    }

    /// <inheritdoc/>
    public ValueTask<DnsAnswer> Look(string name, DnsType type, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Find(Normal(name), type));
    }

    DnsAnswer Find(string name, DnsType type)
    {
        for (var hops = 0; hops <= AliasesMax; hops++)
        {
            if (!IsName(name) || !nodes.TryGetValue(name, out var node)) return new DnsAnswer(DnsStatus.NoName, [], name);
            if (node.Silent.Contains(type)) return new DnsAnswer(DnsStatus.TimedOut, [], name);
            var found = node.Records.FindAll(record => record.Type == type);
            if (found.Count > 0) return new DnsAnswer(DnsStatus.Found, found, name);
            if (node.Records.Find(record => record.Type == DnsType.Cname) is not { } alias)
                return new DnsAnswer(node.IsSilent ? DnsStatus.TimedOut : DnsStatus.NoRecords, [], name);
            name = alias.Value;
        }
        return new DnsAnswer(DnsStatus.ServerFailed, [], name);
    }

    Node At(string name)
    {
        var key = Normal(name);
        if (nodes.TryGetValue(key, out var node)) return node;
        return nodes[key] = new Node();
    }

    static DnsRecord? Address(string value, AddressFamily family) =>
        IPAddress.TryParse(value.Trim(), out var address) && address.AddressFamily == family ? new DnsRecord("", default, 0, address.ToString(), 0) : null;

    static DnsRecord? Preferred(string value, DnsType type)
    {
        var words = value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || !ushort.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var preference)) return null;
        return new DnsRecord("", type, 0, string.Join(' ', words[1..].Select(Normal)), preference);
    }

    static string Normal(string name)
    {
        var text = name.Trim();
        return (text.EndsWith('.') ? text[..^1] : text).ToLowerInvariant();
    }

    static bool IsName(string name) => name.Length is > 0 and <= NameLengthMax && !name.Split('.').Any(label => label.Length is 0 or > LabelLengthMax);
}
