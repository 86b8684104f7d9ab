using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>Where a host changes single records, a set of several may be found halfway: every record of it is of before or of after, what both have is there, and it is no smaller than the smaller of them,
/// because records are replaced and added before any is taken away.</summary>
static class HalfwaySet
{
    /// <summary>True also for a set that is wholly before, or wholly after.</summary>
    public static bool IsBetween(DnsRecordSet? found, DnsRecordSet? before, DnsRecordSet? after)
    {
        var standing = found?.Values ?? [];
        if (found is not null && !standing.All(value => Holds(before, value) || Holds(after, value))) return false;
        if (standing.Count < Math.Min(before?.Values.Count ?? 0, after?.Values.Count ?? 0)) return false;
        return (before?.Values ?? []).Where(value => Holds(after, value)).All(value => Holds(found, value));
    }

    public static bool Holds(DnsRecordSet? set, string value) => set is not null && set.Values.Any(one => AreSame(set.Type, one, value));

    /// <summary>Texts differ by case, names of hosts do not.</summary>
    public static bool AreSame(DnsType type, string one, string other) =>
        type == DnsType.Txt ? one == other : one.TrimEnd('.').Equals(other.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);
}
