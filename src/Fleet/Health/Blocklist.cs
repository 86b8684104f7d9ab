using System.Net;
using System.Net.Sockets;
using PenguinMails.Core;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Health;

enum BlocklistKind { Ip, Domain }

/// <summary>What one answer of a list means.</summary>
/// <param name="Address">As answered: an A record within 127.0.0.0/8.</param>
/// <param name="Severity">Unknown when it says that the question is not answered.</param>
sealed record BlocklistCode(string Address, HealthSeverity Severity, string Meaning, string Cause, string Fix);

/// <summary>A list of addresses or domains that receivers ask by DNS (RFC 5782), as described in <c>blocklists.json</c>.</summary>
/// <param name="KeyedZone">Asked instead where there is a key, which takes the place of <c>{key}</c>; null when the list has no keys.</param>
/// <param name="HasIpv6">Whether IPv6 addresses can be asked for.</param>
/// <param name="TestListed">An entry that must be listed.</param>
/// <param name="TestClean">One that must not be.</param>
/// <param name="Access">What it takes to be answered.</param>
/// <param name="Delisting">Page where its entries are explained and removed.</param>
/// <param name="Source">Where the meaning of the codes stands, read on <paramref name="AsOf"/>.</param>
sealed record Blocklist(
    string Id, string Name, BlocklistKind Kind, string Zone, string? KeyedZone, bool HasIpv6, string TestListed, string TestClean,
    string Access, string Delisting, string Source, DateOnly AsOf, IReadOnlyList<BlocklistCode> Codes)
{
    const string File = "blocklists.json";

    public static readonly IReadOnlyList<Blocklist> All = Load();

    /// <summary>Code of its findings.</summary>
    public string Code => "blocklist." + Id;

    /// <param name="subject">An address or a domain, as the list's kind asks for.</param>
    /// <param name="key">Empty asks the public zone.</param>
    /// <returns>The name to ask; may hold the key, so it is shown to nobody.</returns>
    public string Question(string subject, string key)
    {
        var zone = KeyedZone is { } keyed && key.Length > 0 ? keyed.Replace("{key}", key, StringComparison.Ordinal) : Zone;
        return $"{(Kind == BlocklistKind.Ip ? Reverse(IPAddress.Parse(subject)) : subject)}.{zone}";
    }

    public bool Takes(IPAddress address) => Kind == BlocklistKind.Ip && (HasIpv6 || address.AddressFamily == AddressFamily.InterNetwork);

    // RFC 5782 2.1 and 2.4: the labels of the reverse name, without its end.
    static string Reverse(IPAddress address)
    {
        var name = ReverseName.Of(address);
        return name[..name[..name.LastIndexOf('.')].LastIndexOf('.')];
    }

    static Blocklist[] Load()
    {
        using var stream = typeof(Blocklist).Assembly.GetManifestResourceStream(File) ?? throw new InvalidOperationException($"{File} is not embedded.");
        using var reader = new StreamReader(stream);
        return Json.Read<Blocklist[]>(reader.ReadToEnd());
    }
}
