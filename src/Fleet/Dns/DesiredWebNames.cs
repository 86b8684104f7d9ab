using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>Records of names below a domain whose web requests this installation answers: the policy of MTA-STS and the settings for mail programs.</summary>
static class DesiredWebNames
{
    public static IEnumerable<DesiredRecord> Of(string name, DnsSetup setup, PlatformHosts hosts, ZoneView view)
    {
        if (setup.MtaSts is { } policy && !IsForeign(name, hosts, view))
        {
            yield return DesiredRecords.Text(view, "mta_sts", $"_mta-sts.{name}", "v=STSv1", [$"v=STSv1; id={policy.Id}"], "Says that mail to you must come over TLS (RFC 8461), and by its id that the policy is another one now.", false);
            yield return new("mta_sts_host", $"mta-sts.{name}", DnsType.Cname, [hosts.Web], "Where the policy of MTA-STS is fetched; it is served here.", false);
        }

        if (!setup.HasAutoconfig || setup.Server is null) yield break;
        yield return new("autoconfig", $"autoconfig.{name}", DnsType.Cname, [hosts.Web], "Thunderbird and others find the settings of a mailbox here by themselves.", false);
        yield return new("autodiscover", $"autodiscover.{name}", DnsType.Cname, [hosts.Web], "The same for Outlook.", false);
    }

    public static IEnumerable<ZoneFinding> Findings(string name, DnsSetup setup, PlatformHosts hosts, ZoneView view)
    {
        if (setup.HasMtaSts && setup.MtaSts is null)
            yield return new("mta_sts.no_hosts", name, "MTA-STS is switched on, and its policy would name no host that takes mail.", "Name the hosts that take mail in the settings here, then plan again.", false);
        else if (setup.HasMtaSts && IsForeign(name, hosts, view))
            yield return new("mta_sts.elsewhere", $"mta-sts.{name}", $"mta-sts.{name} leads to another web server, so the policy that counts is the one served there. Nothing of it is changed.",
                $"To have it served here, take away what stands at mta-sts.{name} by hand, then plan again.", false);
        if (setup.HasAutoconfig && setup.Server is null)
            yield return new("autoconfig.not_hosted", name, "Settings for mail programs are switched on, but the mailboxes of this domain lie at another provider, whose settings are its own to publish.",
                "Switch it off, or let a server of yours carry the domain.", false);
    }

    static bool IsForeign(string name, PlatformHosts hosts, ZoneView view)
    {
        var host = $"mta-sts.{name}";
        if (view.Find(host, DnsType.Cname) is { } alias) return !alias.Values[0].TrimEnd('.').Equals(hosts.Web, StringComparison.OrdinalIgnoreCase);
        return view.Find(host, DnsType.A) is not null || view.Find(host, DnsType.Aaaa) is not null;
    }
}
