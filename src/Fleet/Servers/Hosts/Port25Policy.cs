namespace PenguinMails.Fleet.Servers.Hosts;

/// <summary>Whether servers of a host may open connections to port 25, by which mail leaves for other servers.</summary>
/// <param name="Outbound">open: from the start. request: after asking. never. unknown.</param>
/// <param name="Text">For a person: what to expect and what to do.</param>
/// <param name="Source">Where it stands; empty where it is only told.</param>
/// <param name="CheckedOn">When the source was read; null: told by practitioners and not verified at the host.</param>
public sealed record Port25Policy(string Outbound, string Text, string Source, DateOnly? CheckedOn)
{
    /// <summary>The record of a host, by its kind. Hosts change this without notice: what the machine itself finds out counts more.</summary>
    public static Port25Policy Of(string kind) => kind switch
    {
        "hetzner" => new("request",
            "Ports 25 and 465 are closed for outgoing connections on new accounts. After the first paid invoice, about a month, you can ask for them in the Cloud Console under Limits; say what you send and to whom.",
            "https://docs.hetzner.com/cloud/servers/faq/", null),
        "digitalocean" => new("never",
            "Port 25 is closed on all servers of new accounts, and the support does not open it. Use such a server only with a relay, or choose another host.",
            "https://docs.digitalocean.com/support/why-is-smtp-blocked/", new DateOnly(2026, 11, 26)),
        "vultr" => new("request",
            "Port 25 is closed on new accounts. It is opened on a ticket to the support at their discretion; some are refused. Ask before you build on it.",
            "https://docs.vultr.com/what-ports-are-blocked", null),
        "hostwinds" => new("open",
            "Port 25 is said to be open from the start; complaints about a server lead to a filter on it.",
            "", null),
        _ => new("unknown", "Whoever runs the machine decides. Checking the server tries it.", "", null),
    };
}
