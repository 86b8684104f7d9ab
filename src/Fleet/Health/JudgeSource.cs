using System.Net;
using System.Net.Sockets;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Health;

/// <summary>Whether the address that direct mail leaves from leads to a name and the name back to it: many receivers refuse whoever lacks that.</summary>
static class JudgeSource
{
    public const string Code = "source.reverse";
    const int NamesMax = 5;

    /// <param name="ehloName">The name given in EHLO.</param>
    public static async Task<HealthFinding> Ask(IPAddress source, string ehloName, IDnsLookup dns, DateTimeOffset now, CancellationToken ct)
    {
        var reverse = await dns.Look(ReverseName.Of(source), DnsType.Ptr, ct);
        if (IsSilent(reverse)) return Found(HealthSeverity.Unknown, $"DNS did not answer for the reverse name of {source}.", "It is asked again at the next check.", "Nothing yet.", reverse.Status.ToString());
        var names = reverse.Records.Take(NamesMax).Select(record => record.Value).ToList();
        var evidence = $"PTR of {source}: {(names.Count == 0 ? "none" : string.Join(", ", names))}; EHLO {ehloName}";
        if (names.Count == 0)
            return Found(HealthSeverity.Act, $"{source} has no reverse name.", "Direct mail leaves from it, and many receivers refuse addresses without a name.", $"Let whoever rents the address out set its reverse name to {ehloName}.", evidence);
        if (!names.Contains(ehloName, StringComparer.OrdinalIgnoreCase))
            return Found(HealthSeverity.Watch, $"The reverse name of {source} is {names[0]}, and mail says {ehloName}.", "Receivers compare the two and count a difference against the sender.", $"Set the reverse name to {ehloName}, or let direct mail say {names[0]}.", evidence);
        var forward = await dns.Look(ehloName, source.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa, ct);
        return IsSilent(forward) ? Found(HealthSeverity.Unknown, $"DNS did not answer for {ehloName}.", "It is asked again at the next check.", "Nothing yet.", forward.Status.ToString())
            : forward.Records.Any(record => IPAddress.TryParse(record.Value, out var address) && address.Equals(source)) ? HealthFinding.Good(Code, source.ToString(), $"{source} and {ehloName} lead to each other.", evidence, now)
            : Found(HealthSeverity.Act, $"{ehloName} does not lead to {source}.", "The reverse name counts only when the name leads back to the address.", $"Publish an address record of {source} at {ehloName}.", evidence);

        HealthFinding Found(HealthSeverity severity, string what, string cause, string fix, string proof) => new(Code, source.ToString(), severity, what, cause, fix, proof, now, now);
    }

    static bool IsSilent(DnsAnswer answer) => answer.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut;
}
