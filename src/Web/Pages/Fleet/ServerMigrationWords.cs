using PenguinMails.Fleet.ServerMigrations;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>What people read of a migration of a server and its steps.</summary>
static class ServerMigrationWords
{
    public static string Title(string step) => step switch
    {
        "server" => "Reach the new server",
        "stack" => "Set it up like the old one",
        "dns" => "Let both send",
        "ptr" => "Reverse name of the address",
        "certificate" => "Certificate",
        "switch" => "Send from the new server",
        "exchange" => "Receive on the new server",
        "test_mail" => "Send a message to ourselves",
        "keys" => "Sign with new keys",
        "mail" => "Carry the mail over",
        "leave" => "Empty the old server",
        "clean" => "Take the old server out of DNS",
        _ => Words.Plain(step),
    };

    /// <summary>Why the step is there; shown until it has something of its own to say.</summary>
    public static string Why(string step) => step switch
    {
        "server" => "Everything below is done over SSH, with a host key that is pinned.",
        "stack" => "The same domains, signing keys, mailboxes and passwords, from the secret store.",
        "dns" => "Its name and its addresses in SPF are published beside those of the old one, so nothing fails meanwhile.",
        "ptr" => "Many receivers refuse mail from an address without a name that leads back to it.",
        "certificate" => "So that mail programs and other servers trust the connection.",
        "switch" => "Every mailbox must let us in there first. From then on it cannot be cancelled.",
        "exchange" => "The MX records of every domain lead to it.",
        "test_mail" => "One of each domain must arrive, and SPF, DKIM and DMARC must pass.",
        "keys" => "Keys that lay on the old machine are not used any more.",
        "mail" => "Folders, flags and dates stay; nothing is doubled. Ends once nobody can deliver to the old server any more.",
        "leave" => "It forgets domains, mailboxes and keys.",
        "clean" => "Its addresses leave SPF, its name goes, and the old signing keys are revoked.",
        _ => "",
    };

    /// <summary>One sentence: where it stands and what, if anything, the reader should do.</summary>
    public static string Verdict(ServerMigration walk)
    {
        var done = walk.Steps.Count(step => step.State == "done");
        return walk.State switch
        {
            "done" => $"{walk.FromHostName} is left. Everything is on {walk.ToHostName}.",
            "cancelled" => $"It was cancelled. Everything is on {walk.FromHostName} as before.",
            "undoing" => "What was done is being taken back.",
            "stopped" => $"It stopped at “{Title(walk.Current?.Name ?? "")}” and waits for you. {Sends(walk)}",
            _ when walk.Current?.State == "customer" => $"{done} of {walk.Steps.Count} steps are done; the next needs something from you. {Sends(walk)}",
            _ => $"{done} of {walk.Steps.Count} steps are done. You need not stay: it goes on by itself. {Sends(walk)}",
        };
    }

    static string Sends(ServerMigration walk) => $"Mail leaves from {(walk.SwitchedAt is null ? walk.FromHostName : walk.ToHostName)}.";
}
