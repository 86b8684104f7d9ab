namespace PenguinMails.Web.Pages.Fleet;

/// <summary>How pages speak of mail servers that are reached through their API.</summary>
static class StackWords
{
    public sealed record Ability(string What, string Mailu, string Rest, string Registry);

    public static readonly IReadOnlyList<Ability> Abilities =
    [
        new("Domains, mailboxes, quotas", "yes", "yes", "yes"),
        new("Aliases", "to its own mailboxes", "to any address", "to any address"),
        new("Limit of a mailbox an hour", "no: one for all, in its settings", "yes", "yes"),
        new("Our DKIM key for mail written there", "by a file you import", "one key a domain", "yes"),
        new("Passwords rotated while mail flows", "no: one password a mailbox", "yes", "no: one password a mailbox"),
        new("Queue and log shown here", "no", "yes", "yes"),
    ];

    /// <summary>"Mailu", "Stalwart 0.16 or later", "set up by this program".</summary>
    public static string Kind(string? kind, string? version) => kind switch
    {
        "mailu" => "Mailu",
        "stalwart" => $"Stalwart {version}",
        "native" => "Postfix, Dovecot and Rspamd, set up by this program",
        _ => "none",
    };
}
