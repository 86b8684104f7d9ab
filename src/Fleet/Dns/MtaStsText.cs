using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Fleet.Dns;

/// <summary>The policy of MTA-STS that a domain's settings amount to, and the id that DNS announces it by (RFC 8461 3).</summary>
/// <param name="Id">32 figures and letters drawn from the text: another policy has another id, and the same one is never announced twice.</param>
public sealed record MtaStsText(string Policy, string Id)
{
    // Short while a mistake costs nothing but a report. Afterwards long, because a policy guards only as long as senders remember it (RFC 8461 10.2).
    const int TestingSeconds = 86_400;
    const int EnforceSeconds = 1_209_600;
    const int IdLength = 32; // RFC 8461 3.1: the most.

    /// <summary>Hosts that took mail until lately stay in it, because senders that still have the old MX record would not deliver to them.</summary>
    /// <returns>Null while it is switched off, or no host that takes mail is known.</returns>
    public static MtaStsText? Of(bool isOn, string mode, IReadOnlyList<string> hosts, IReadOnlyList<string> hostsLeft)
    {
        if (!isOn || hosts.Count == 0) return null;
        var lines = new List<string> { "version: STSv1", $"mode: {mode}" };
        if (mode != "none") lines.AddRange(hosts.Concat(hostsLeft).Distinct(StringComparer.Ordinal).Select(host => $"mx: {host}"));
        lines.Add($"max_age: {(mode == "enforce" ? EnforceSeconds : TestingSeconds)}");
        var policy = string.Concat(lines.Select(line => line + "\r\n"));
        return new(policy, Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(policy)))[..IdLength]);
    }
}
