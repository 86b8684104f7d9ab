using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Health;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>How pages call the findings of a domain's health.</summary>
static class HealthWords
{
    /// <summary>Where a fix is done.</summary>
    /// <param name="Place">An address; {0} stands for the domain.</param>
    /// <param name="Rel">For pages of others.</param>
    public sealed record Way(string Name, string Place, string? Rel = null)
    {
        public string Address(DomainId domain) => Place.Replace("{0}", domain.ToString(), StringComparison.Ordinal);
    }

    public static string Word(HealthSeverity severity) => severity switch
    {
        HealthSeverity.Act => "act now",
        HealthSeverity.Watch => "watch",
        HealthSeverity.Good => "right",
        HealthSeverity.Unknown => "not known",
    };

    public static Tone ToneOf(HealthSeverity severity) => severity switch
    {
        HealthSeverity.Act => Tone.Bad,
        HealthSeverity.Watch => Tone.Warn,
        HealthSeverity.Good => Tone.Good,
        HealthSeverity.Unknown => Tone.Quiet,
    };

    public static string Title(string code) => code switch
    {
        "blocklist.spamhaus_zen" => "Spamhaus ZEN",
        "blocklist.spamhaus_dbl" => "Spamhaus DBL",
        "blocklist.barracuda" => "Barracuda",
        "blocklist.spamcop" => "SpamCop",
        "certificate.smtp" => "Certificate for sending",
        "certificate.imap" => "Certificate for reading",
        "source.reverse" => "Sending address",
        "registration.expiry" => "Registration",
        "dns.records" => "DNS records",
        "dmarc.yours" => "Your mail and DMARC",
        "dmarc.signed" => "Signatures",
        "dmarc.strangers" => "Strangers",
        "tls.reports" => "Encryption to you",
        _ => Words.Plain(code),
    };

    /// <summary>The fix without the address it may end in, and where it is done.</summary>
    public static (string Fix, Way? Page) Fix(HealthFinding finding)
    {
        if (finding.Code == "dns.records") return (finding.Fix, new Way("DNS of the domain", "/domains/{0}/dns"));
        if (finding.Code.StartsWith("certificate.", StringComparison.Ordinal)) return (finding.Fix, new Way("Servers", "/servers"));
        if (finding.Code.StartsWith("dmarc.", StringComparison.Ordinal)) return (finding.Fix, new Way("DMARC of the domain", "/domains/{0}/dmarc"));
        if (finding.Code == "tls.reports") return (finding.Fix, new Way("TLS of the domain", "/domains/{0}/tls"));
        var blank = finding.Fix.LastIndexOf(' ');
        return blank > 0 && Uri.TryCreate(finding.Fix[(blank + 1)..], UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
            ? (finding.Fix[..blank], new Way(address.Host, address.AbsoluteUri, "noreferrer noopener external"))
            : (finding.Fix, null);
    }
}
