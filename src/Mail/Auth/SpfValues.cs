using System.Globalization;
using System.Net;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Auth;

/// <summary>What macros stand for, and the names of the client that one of them and ptr need.</summary>
sealed class SpfValues(SpfSender sender, IDnsLookup dns)
{
    const int NamesMax = 10; // RFC 7208 4.6.4.

    List<string>? clientNames;

    /// <summary>DNS knows no name for the client's address; said after asking.</summary>
    public bool HasNoPointer { get; private set; }

    /// <summary>Names of the client whose own addresses lead back to it (RFC 7208 5.5): errors just leave a name out.</summary>
    public async ValueTask<List<string>> ClientNames(CancellationToken ct)
    {
        if (clientNames is not null) return clientNames;
        clientNames = [];
        var answer = await dns.Look(ReverseName.Of(sender.Client), DnsType.Ptr, ct).ConfigureAwait(false);
        HasNoPointer = answer.Status is DnsStatus.NoName or DnsStatus.NoRecords;
        foreach (var name in answer.Records.Take(NamesMax).Select(found => found.Value))
        {
            var addresses = await dns.Look(name, sender.IsIpv4 ? DnsType.A : DnsType.Aaaa, ct).ConfigureAwait(false);
            if (addresses.Records.Any(found => IPAddress.Parse(found.Value).Equals(sender.Client))) clientNames.Add(name);
        }
        return clientNames;
    }

    public static bool IsAtOrBelow(string name, string domain) =>
        name.Equals(domain, StringComparison.OrdinalIgnoreCase) || name.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);

    /// <summary>A domain-spec as a name to ask for; empty when it grows beyond reason.</summary>
    public async ValueTask<string> Name(string text, string domain, CancellationToken ct) =>
        SpfMacro.Fit(await SpfMacro.Expand(text, false, letter => Of(letter, domain, ct)).ConfigureAwait(false) ?? "");

    /// <summary>The value of a lower-case macro letter (RFC 7208 7.2).</summary>
    public async ValueTask<string> Of(char letter, string domain, CancellationToken ct) => letter switch
    {
        's' => sender.Whole,
        'l' => sender.Local,
        'o' => sender.Domain,
        'd' => domain,
        'i' => ReverseName.Dotted(sender.Client),
        'p' => await ClientName(domain, ct).ConfigureAwait(false),
        'v' => sender.IsIpv4 ? "in-addr" : "ip6",
        'h' => sender.Helo,
        'c' => sender.Client.ToString(),
        'r' => sender.Receiver,
        _ => sender.At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
    };

    // RFC 7208 7.3: the domain itself before a name below it before any other.
    async ValueTask<string> ClientName(string domain, CancellationToken ct)
    {
        var names = await ClientNames(ct).ConfigureAwait(false);
        return names.Find(name => name.Equals(domain, StringComparison.OrdinalIgnoreCase))
            ?? names.Find(name => IsAtOrBelow(name, domain)) ?? (names.Count > 0 ? names[0] : "unknown");
    }
}
