namespace PenguinMails.Mail.Dns;

/// <summary>All records of one name and type: what a zone is changed by (RFC 2181 5).</summary>
/// <param name="Name">The owner in lower case, no final dot.</param>
/// <param name="TtlSeconds">0 to 2^31-1, the same for all of them (RFC 2181 5.2).</param>
/// <param name="Values">At least one, in the form of <see cref="MemoryZone.Add(string, DnsType, string)"/>: for MX preference and host, for TXT the joined strings.</param>
public sealed record DnsRecordSet(string Name, DnsType Type, int TtlSeconds, IReadOnlyList<string> Values)
{
    /// <summary>The same records in any order; the time to live may differ.</summary>
    public bool HasSameRecords(DnsRecordSet other) =>
        Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase) && Type == other.Type && Normal(Values).SetEquals(Normal(other.Values));

    /// <summary>Records as an answer holds them, put together by name and type.</summary>
    public static IReadOnlyList<DnsRecordSet> Of(IEnumerable<DnsRecord> records) =>
    [
        .. records.GroupBy(record => (record.Name, record.Type)).Select(group => new DnsRecordSet(
            group.Key.Name, group.Key.Type, group.Min(record => record.TtlSeconds), [.. group.OrderBy(record => record.Preference).ThenBy(record => record.Value, StringComparer.Ordinal).Select(Shown)])),
    ];

    static string Shown(DnsRecord record) => record.Type is DnsType.Mx or DnsType.Srv
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{record.Preference} {(record.Value.Length == 0 ? "." : record.Value)}")
        : record.Value;

    HashSet<string> Normal(IEnumerable<string> values) => [.. values.Select(value => Type == DnsType.Txt ? value : value.ToLowerInvariant().TrimEnd('.'))];
}

/// <summary>One record set replaced by another.</summary>
/// <param name="Before">What must stand there for the change to happen; null when nothing may.</param>
/// <param name="After">Null takes the records away.</param>
public sealed record DnsChange(DnsRecordSet? Before, DnsRecordSet? After);
