using System.Net;
using PenguinMails.Mail.Auth;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Reports;

/// <summary>Asks DNS about the sources of a report: whether the domain's SPF names them, and which host they are.</summary>
static class LookUpSource
{
    /// <summary>Sources of one report that are looked up, those with most messages first; the others stay unknown.</summary>
    const int SourcesMax = 40;

    const int AtOnceMax = 8;
    const int NamesMax = 3;
    const int ForwardMax = 10;

    sealed record Seen(bool? IsInSpf, string Host);

    /// <param name="limited">Ends the looking up, not the caller: what was not reached stays unknown.</param>
    public static async Task<IReadOnlyList<DmarcEntry>> Run(IReadOnlyList<DmarcEntry> rows, string domain, DnsResolver dns, DateTimeOffset now, CancellationToken limited, CancellationToken ct)
    {
        var asked = rows.Where(row => !row.IsSpfAligned).Select(row => row.Source).Distinct().Take(SourcesMax)
            .Select(source => (Source: source, Ip: IPAddress.TryParse(source, out var ip) ? ip : null)).Where(one => one.Ip is not null).ToList();
        var seen = new Dictionary<string, Seen>(StringComparer.Ordinal);
        foreach (var some in asked.Chunk(AtOnceMax))
            foreach (var (source, found) in await Task.WhenAll(some.Select(async one => (one.Source, await Look(one.Ip ?? IPAddress.None, domain, dns, now, limited, ct)))))
                seen[source] = found;
        return [.. rows.Select(row => seen.TryGetValue(row.Source, out var found) ? row with { IsInSpf = found.IsInSpf, Host = found.Host } : row)];
    }

    static async Task<Seen> Look(IPAddress ip, string domain, DnsResolver dns, DateTimeOffset now, CancellationToken limited, CancellationToken ct)
    {
        try
        {
            var spf = await SpfChecker.Check(new SpfQuestion { Client = ip, Helo = domain, MailFrom = $"postmaster@{domain}", At = now }, dns, limited);
            bool? isNamed = spf.Result switch { AuthResult.Pass => true, AuthResult.Temperror => null, _ => false };
            return new(isNamed, await Host(ip, dns, limited));
        }
        catch (OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return new(null, "");
        }
    }

    // Whoever runs an address may call it anything; only a name that leads back to it says whose it is (RFC 8601 2.7.3, iprev).
    static async Task<string> Host(IPAddress ip, DnsResolver dns, CancellationToken ct)
    {
        var names = await dns.Ask(ReverseName.Of(ip), DnsType.Ptr, ct);
        var type = ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa;
        foreach (var name in names.Records.Take(NamesMax))
        {
            var forward = await dns.Ask(name.Value, type, ct);
            if (forward.Records.Take(ForwardMax).Any(record => IPAddress.TryParse(record.Value, out var address) && address.Equals(ip))) return ReportLimits.Name(name.Value);
        }

        return "";
    }
}
