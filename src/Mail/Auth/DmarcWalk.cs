using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Auth;

/// <summary>The records between a domain and its top, found by the tree walk of RFC 9989 4.10.</summary>
/// <param name="Found">From the longest name to the shortest.</param>
/// <param name="IsComplete">False when DNS failed somewhere on the way.</param>
sealed record DmarcWalk(string Start, IReadOnlyList<(string Domain, DmarcRecord Record)> Found, bool IsComplete)
{
    const int LabelsMax = 8; // RFC 9989 4.10: eight queries at most.

    public static async ValueTask<DmarcWalk> From(string start, IDnsLookup dns, CancellationToken ct)
    {
        var found = new List<(string, DmarcRecord)>();
        var isComplete = true;
        for (var domain = start; domain.Length > 0; domain = Above(domain))
        {
            var (record, isAnswered) = await At(domain, dns, ct).ConfigureAwait(false);
            isComplete &= isAnswered;
            if (record is null) continue;
            found.Add((domain, record));
            if (record.Suffix == DmarcSuffix.No || (record.Suffix == DmarcSuffix.Yes && domain != start)) break;
        }
        return new DmarcWalk(start, found, isComplete);
    }

    /// <summary>The one record of a name: several are none (RFC 9989 4.10 step 2).</summary>
    public static async ValueTask<(DmarcRecord? Record, bool IsAnswered)> At(string domain, IDnsLookup dns, CancellationToken ct)
    {
        var answer = await dns.Look("_dmarc." + domain, DnsType.Txt, ct).ConfigureAwait(false);
        if (answer.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut) return (null, false);
        var records = answer.Records.Select(found => DmarcRecord.Parse(found.Value)).OfType<DmarcRecord>().ToList();
        return (records.Count == 1 ? records[0] : null, true);
    }

    // Step 5: one label less, but of eight or more only seven stay.
    static string Above(string domain)
    {
        var labels = domain.Split('.');
        return string.Join('.', labels[(labels.Length < LabelsMax ? 1 : labels.Length - LabelsMax + 1)..]);
    }

    /// <summary>RFC 9989 4.10.2.</summary>
    public string Organization
    {
        get
        {
            foreach (var (domain, record) in Found)
            {
                if (record.Suffix == DmarcSuffix.No) return domain;
                if (record.Suffix == DmarcSuffix.Yes && domain != Start) return OneBelow(domain);
            }
            return Found.Count > 0 ? Found[^1].Domain : Start;
        }
    }

    string OneBelow(string suffix)
    {
        var labels = Start.Split('.');
        return string.Join('.', labels[(labels.Length - suffix.Split('.').Length - 1)..]);
    }

    /// <summary>The record to apply when the domain itself has none: of the organization, else of the suffix (RFC 9989 4.10.1).</summary>
    public (string Domain, DmarcRecord Record)? Applicable
    {
        get
        {
            var organization = Organization;
            foreach (var one in Found)
                if (one.Domain == organization) return one;
            foreach (var one in Found)
                if (one.Record.Suffix == DmarcSuffix.Yes) return one;
            return null;
        }
    }
}
