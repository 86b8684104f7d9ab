using System.Net;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Domains;

/// <summary>Asks DNS for one record of a domain.</summary>
static class AskRecord
{
    const int AddressesMax = 4;
    const int ParentsMax = 4;

    public static async Task<RecordVerdict> Run(DomainRecord record, DnsResolver resolver, CancellationToken ct) => record.Kind switch
    {
        "ptr" => await Pointer(record, resolver, ct),
        "dmarc" => JudgeRecord.Judge(record, await Policy(record.Host, resolver, ct)),
        _ => JudgeRecord.Judge(record, await resolver.Ask(record.Host, Enum.Parse<DnsType>(record.Type, ignoreCase: true), ct)),
    };

    // RFC 7489 6.6.3: a subdomain without a policy has that of the domain above it.
    static async Task<DnsAnswer> Policy(string host, DnsResolver resolver, CancellationToken ct)
    {
        var answer = await resolver.Ask(host, DnsType.Txt, ct);
        var parent = host;
        for (var i = 0; i < ParentsMax && answer.Status is DnsStatus.NoName or DnsStatus.NoRecords; i++)
        {
            var labels = parent.Split('.');
            if (labels.Length <= 3) break; // _dmarc.example.com has nothing above it that could speak for it.
            parent = "_dmarc." + string.Join('.', labels[2..]);
            var above = await resolver.Ask(parent, DnsType.Txt, ct);
            if (above.Status is DnsStatus.Found or DnsStatus.ServerFailed or DnsStatus.TimedOut) return above;
        }

        return answer;
    }

    static async Task<RecordVerdict> Pointer(DomainRecord record, DnsResolver resolver, CancellationToken ct)
    {
        var addresses = await resolver.Ask(record.Host, DnsType.A, ct);
        if (addresses.Status != DnsStatus.Found)
            return new RecordVerdict("unknown", $"{record.Host} has no address yet, so its reverse name cannot be checked. This is for whoever runs this installation.", []);
        var last = new DnsAnswer(DnsStatus.NoName, [], record.Host);
        foreach (var address in addresses.Records.Take(AddressesMax))
        {
            last = await resolver.Ask(ReverseName.Of(IPAddress.Parse(address.Value)), DnsType.Ptr, ct);
            if (JudgeRecord.Judge(record, last) is { State: "ok" } right) return right;
        }

        var verdict = JudgeRecord.Judge(record, last);
        return verdict.State == "unknown" ? verdict : verdict with
        {
            Detail = $"The address {addresses.Records[0].Value} of {record.Host} has {(verdict.Found.Count > 0 ? $"the reverse name {verdict.Found[0]}" : "no reverse name")}. Whoever runs this installation should ask the provider of that address for a PTR record to {record.Expected}.",
        };
    }
}
