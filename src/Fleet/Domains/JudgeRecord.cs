using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Domains;

/// <summary>What a check found of one record.</summary>
/// <param name="State">ok, missing, wrong or unknown.</param>
/// <param name="Detail">What to do, in a sentence; empty when right.</param>
sealed record RecordVerdict(string State, string Detail, IReadOnlyList<string> Found)
{
    public static RecordVerdict Ok(IReadOnlyList<string> found) => new("ok", "", found);

    public static RecordVerdict Wrong(IReadOnlyList<string> found, string detail) => new("wrong", detail, found);
}

/// <summary>Compares what DNS answered with what must stand there. No clock, no network.</summary>
static class JudgeRecord
{
    const int FoundMax = 10;
    const int FoundLengthMax = 4000; // Far beyond any record that works; what is longer is judged by its start.

    static readonly string[] Policies = ["none", "quarantine", "reject"];

    public static RecordVerdict Judge(DomainRecord record, DnsAnswer answer) => Unanswered(record, answer) ?? record.Kind switch
    {
        "spf" => Spf(record, Texts(answer, "v=spf1")),
        "dkim" => Dkim(record, Texts(answer, "")),
        "dmarc" => Dmarc(record, Texts(answer, "v=DMARC1")),
        "mx" => Mx(record, Exchanges(answer)),
        "return_path" => ReturnPath(record, Exchanges(answer)),
        "tracking" or "ptr" => Name(record, Shown(answer.Records.Select(found => found.Value))),
        _ => throw new InvalidOperationException($"Unknown kind of record {record.Kind}."),
    };

    static RecordVerdict? Unanswered(DomainRecord record, DnsAnswer answer) => answer.Status switch
    {
        DnsStatus.Found => null,
        DnsStatus.NoName or DnsStatus.NoRecords => Missing(record, []),
        DnsStatus.ServerFailed => Unknown(record, "answered with an error"),
        DnsStatus.TimedOut => Unknown(record, "did not answer in time"),
    };

    public static RecordVerdict Unknown(DomainRecord record, string happened) =>
        new("unknown", $"DNS {happened} when asked for {record.Host}. This says nothing about the record; it is asked again in 5 minutes.", []);

    static RecordVerdict Missing(DomainRecord record, IReadOnlyList<string> found) => new("missing",
        record.Kind == "mx" ? $"{record.Host} has no MX record, so nobody can reply. Publish those your mailbox provider names." : $"Publish this {record.Type} record at {record.Host}: {record.Expected}", found);

    static RecordVerdict Spf(DomainRecord record, IReadOnlyList<string> found)
    {
        if (found.Count == 0) return Missing(record, found);
        if (found.Count > 1) return RecordVerdict.Wrong(found, $"{record.Host} has {found.Count} SPF records, which makes all of them void. Merge them into one that has every include of both.");
        var terms = Terms(found[0]);
        var needed = string.Join(' ', Terms(record.Expected)[1..^1].Where(term => !terms.Contains(term) && !terms.Contains("+" + term))); // Between v=spf1 and ~all.
        if (terms.Contains("all") || terms.Contains("+all")) return RecordVerdict.Wrong(found, "The record ends in +all, which lets anyone send as this domain. End it in ~all or -all.");
        return needed.Length == 0
            ? RecordVerdict.Ok(found)
            : RecordVerdict.Wrong(found, $"The SPF record does not name us. Put {needed} into it before its last term: {Merged(found[0], needed)}");
    }

    static string Merged(string record, string needed)
    {
        var at = record.LastIndexOf(' ');
        return at > 0 && record[(at + 1)..].TrimStart('~', '-', '?', '+').Equals("all", StringComparison.OrdinalIgnoreCase) ? $"{record[..at]} {needed}{record[at..]}" : $"{record} {needed}";
    }

    static RecordVerdict Dkim(DomainRecord record, IReadOnlyList<string> found)
    {
        var keys = found.Where(text => Tags(text).ContainsKey("p")).ToList();
        if (keys.Count == 0) return found.Count == 0 ? Missing(record, found) : RecordVerdict.Wrong(found, $"The text at {record.Host} is no DKIM key. Replace it by: {record.Expected}");
        if (keys.Count > 1) return RecordVerdict.Wrong(found, $"{record.Host} has {keys.Count} keys; receivers take any of them. Leave only: {record.Expected}");
        var tags = Tags(keys[0]);
        if (tags["p"].Length == 0) return RecordVerdict.Wrong(found, $"The key at {record.Host} is revoked (p= is empty). Replace it by: {record.Expected}");
        // RFC 6376 3.6.1: v= is first when there is one.
        if (tags.TryGetValue("v", out var version) && version != "DKIM1") return RecordVerdict.Wrong(found, $"The record at {record.Host} must begin with v=DKIM1. Replace it by: {record.Expected}");
        return tags["p"] == Tags(record.Expected)["p"]
            ? RecordVerdict.Ok(found)
            : RecordVerdict.Wrong(found, $"Another key, or part of ours, stands at {record.Host}. Check that no character was lost and publish: {record.Expected}");
    }

    static RecordVerdict Dmarc(DomainRecord record, IReadOnlyList<string> found)
    {
        if (found.Count == 0) return Missing(record, found);
        if (found.Count > 1) return RecordVerdict.Wrong(found, $"{record.Host} has {found.Count} DMARC records, which makes all of them void. Leave one.");
        return Tags(found[0]).TryGetValue("p", out var policy) && Policies.Contains(policy.ToLowerInvariant())
            ? RecordVerdict.Ok(found)
            : RecordVerdict.Wrong(found, "The DMARC record needs a policy: p=none, p=quarantine or p=reject. To begin with: " + record.Expected);
    }

    // RFC 7505 3: one MX with an empty name says that the domain takes no mail.
    static RecordVerdict Mx(DomainRecord record, IReadOnlyList<string> found) => found.Any(value => value.EndsWith(" .", StringComparison.Ordinal))
        ? RecordVerdict.Wrong(found, $"{record.Host} says that it takes no mail (null MX), so nobody can reply and many receivers refuse its mail. Publish the MX records your mailbox provider names.")
        : RecordVerdict.Ok(found);

    static RecordVerdict ReturnPath(DomainRecord record, IReadOnlyList<string> found)
    {
        var host = HostOf(record.Expected);
        var others = found.Where(value => HostOf(value) != host).ToList();
        return others.Count == 0 ? RecordVerdict.Ok(found)
            : others.Count == found.Count ? RecordVerdict.Wrong(found, $"Bounces go to {HostOf(others[0])} instead of us. Replace the record by: {record.Expected}")
            : RecordVerdict.Wrong(found, $"Some bounces go to {HostOf(others[0])} instead of us. Remove that MX record from {record.Host}.");
    }

    static RecordVerdict Name(DomainRecord record, IReadOnlyList<string> found) => found.Contains(record.Expected.TrimEnd('.').ToLowerInvariant())
        ? RecordVerdict.Ok(found)
        : RecordVerdict.Wrong(found, $"It points to {found[0]}. Replace it by: {record.Expected}");

    static IReadOnlyList<string> Texts(DnsAnswer answer, string version) => Shown(answer.Records.Select(found => found.Value)
        .Where(text => text.StartsWith(version, StringComparison.OrdinalIgnoreCase) && (text.Length == version.Length || version.Length == 0 || text[version.Length] is ' ' or ';' or '\t')));

    static IReadOnlyList<string> Exchanges(DnsAnswer answer) =>
        Shown(answer.Records.OrderBy(found => found.Preference).Select(found => $"{found.Preference} {(found.Value.Length == 0 ? "." : found.Value)}"));

    static List<string> Shown(IEnumerable<string> values) =>
        [.. values.Take(FoundMax).Select(value => new string([.. value.Take(FoundLengthMax).Select(c => char.IsControl(c) ? ' ' : c)]))];

    static string HostOf(string exchange) => exchange[(exchange.IndexOf(' ', StringComparison.Ordinal) + 1)..].TrimEnd('.').ToLowerInvariant();

    static string[] Terms(string record) => record.ToLowerInvariant().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Tags of DKIM and DMARC records (RFC 6376 3.2), white space inside values left out.</summary>
    static Dictionary<string, string> Tags(string record)
    {
        var tags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var piece in record.Split(';'))
        {
            var equals = piece.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) tags.TryAdd(piece[..equals].Trim(), string.Concat(piece[(equals + 1)..].Where(c => !char.IsWhiteSpace(c))));
        }

        return tags;
    }
}
