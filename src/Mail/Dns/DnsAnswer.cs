namespace PenguinMails.Mail.Dns;

/// <summary>Record types that mail needs (IANA numbers).</summary>
public enum DnsType
{
    A = 1,
    Ns = 2,
    Cname = 5,
    Soa = 6,
    Ptr = 12,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,
    Tlsa = 52,
    Caa = 257,
}

/// <summary>How a question ended. A caller must not take one for another: only the first three are the zone's own word.</summary>
public enum DnsStatus
{
    /// <summary>Records of the type asked for.</summary>
    Found,

    /// <summary>The name exists without such records (RFC 2308 2.2).</summary>
    NoRecords,

    /// <summary>NXDOMAIN: the name does not exist (RFC 2308 2.1).</summary>
    NoName,

    /// <summary>SERVFAIL, REFUSED, an endless alias chain or an answer that makes no sense: ask again later.</summary>
    ServerFailed,

    /// <summary>No usable answer in time, after all attempts.</summary>
    TimedOut,
}

/// <param name="Name">The owner in lower case, no final dot.</param>
/// <param name="TtlSeconds">0 to 2^31-1 (RFC 2181 8).</param>
/// <param name="Value">Address text; host name of MX, CNAME, PTR, NS (empty for the root, as in a null MX); TXT with its strings joined;
/// SOA as mname, rname and serial, blank between; SRV as weight, port and target (RFC 2782); CAA as flags, tag and value (RFC 8659 4.1);
/// TLSA as usage, selector, matching type and lower-case hex (RFC 6698 2.1).</param>
/// <param name="Preference">Of MX, the priority of SRV; else 0.</param>
public sealed record DnsRecord(string Name, DnsType Type, int TtlSeconds, string Value, int Preference);

/// <param name="Records">Only of the type asked for, at most 256; empty unless found.</param>
/// <param name="CanonicalName">The name at the end of the aliases; the one asked when there are none.</param>
public sealed record DnsAnswer(DnsStatus Status, IReadOnlyList<DnsRecord> Records, string CanonicalName);

/// <summary>Where evaluators look names up: the resolver, or a zone in memory. A name that cannot be asked for does not exist.</summary>
public interface IDnsLookup
{
    /// <param name="name">With or without a final dot, any case.</param>
    /// <returns>Never throws for what a server does; only for the caller's cancellation.</returns>
    ValueTask<DnsAnswer> Look(string name, DnsType type, CancellationToken ct);
}
