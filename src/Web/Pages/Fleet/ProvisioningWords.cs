using PenguinMails.Fleet.Provisionings;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>What people read of a provisioning and its steps.</summary>
static class ProvisioningWords
{
    public static string Title(string step) => step switch
    {
        "server" => "Reach the server",
        "domain" => "Give the domain to the server",
        "stack" => "Install the mail server",
        "dns" => "Publish the DNS records",
        "ptr" => "Reverse name of the address",
        "certificate" => "Certificate",
        "dkim" => "Signing key and policy in DNS",
        "mailbox" => "Make the mailboxes",
        "test_mail" => "Send a message to ourselves",
        _ => Words.Plain(step),
    };

    /// <summary>Why the step is there; shown until it has something of its own to say.</summary>
    public static string Why(string step) => step switch
    {
        "server" => "Everything below is done over SSH, with a host key that is pinned.",
        "domain" => "The domain gets a signing key of its own.",
        "stack" => "Postfix takes and sends mail, Dovecot keeps it, Rspamd signs and limits.",
        "dns" => "Who may send for the domain, where its mail goes, how mail is proved.",
        "ptr" => "Many receivers refuse mail from an address without a name that leads back to it.",
        "certificate" => "So that mail programs and other servers trust the connection.",
        "dkim" => "The key in DNS must be the one mail is signed with.",
        "mailbox" => "Passwords are drawn by the program and lie in the secret store.",
        "test_mail" => "It must arrive, and SPF, DKIM and DMARC must pass.",
        _ => "",
    };

    /// <summary>One sentence: where it stands and what, if anything, the reader should do.</summary>
    public static string Verdict(Provisioning walk)
    {
        var done = walk.Steps.Count(step => step.State == "done");
        return walk.State switch
        {
            "ready" => $"{walk.DomainName} sends: a message arrived here with SPF, DKIM and DMARC passing.",
            "cancelled" => "It was cancelled, and what could be taken back was.",
            "undoing" => "What was done is being taken back.",
            "stopped" => $"It stopped at “{Title(walk.Current?.Name ?? "")}” and waits for you.",
            _ when walk.Current?.State == "customer" => $"{done} of {walk.Steps.Count} steps are done; the next needs something from you.",
            _ => $"{done} of {walk.Steps.Count} steps are done. You need not stay: it goes on by itself.",
        };
    }
}
