using PenguinMails.Delivery.Collect;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>The fetching of incoming mail in words.</summary>
static class CollectionWords
{
    /// <summary>The answer of the page in a sentence.</summary>
    public static string Verdict(ListCollections.Tally tally)
    {
        var first = tally.All switch { 0 => "No mailbox is looked into.", 1 => "1 mailbox is looked into.", _ => $"{Words.Count(tally.All)} mailboxes are looked into." };
        return first + (tally.Trouble > 0 ? $" {(tally.All == 1 ? "It" : $"{Words.Count(tally.Trouble)} of them")} cannot be read now; answers there are not seen." : tally.All > tally.Paused ? " Nobody needs to act." : "")
            + (tally.Paused > 0 ? $" {Words.Count(tally.Paused)} stopped by a person." : "");
    }

    public static string Plain(string state) => state switch
    {
        "waiting" => "connected",
        "due" => "by turns",
        "trouble" => "in trouble",
        _ => "stopped",
    };

    public static Tone ToneOf(string state) => state switch
    {
        "trouble" => Tone.Bad,
        "paused" => Tone.Held,
        _ => Tone.Good,
    };

    /// <summary>What is wrong and what to do; when it is tried again.</summary>
    public static string Advice(ListCollections.Line line)
    {
        if (line.State == "paused") return "Stopped by a person. Let it go on, and it takes up what came meanwhile.";
        if (line.Trouble.Length == 0) return line.LookedAt is null ? "It is looked into for the first time shortly." : "Nothing.";
        if (line.Trouble == "mailbox.consent_lost") return Meaning(line.Trouble);
        return $"{Meaning(line.Trouble)} {(line.Failures > 1 ? $"Tried {Words.Count(line.Failures)} times. " : "")}{(line.NextAt is { } next ? $"Next try at {Words.Moment(next)}." : "It is being tried now.")}";
    }

    static string Meaning(string trouble) => trouble switch
    {
        "collect.log_in_refused" => "The server refuses the log-in. Enter the IMAP password anew in the mailbox's settings; where the provider asks for an app password, make one there.",
        "collect.unreachable" => "The server does not answer. Test the connection on the mailbox's page: host, port and kind of encryption must be as the provider says.",
        "collect.connection_lost" => "The server closed the connection. Once is nothing; if it stays, the provider may allow fewer connections at once.",
        "collect.folder_refused" => "The server does not let a folder be read. Test the connection on the mailbox's page, and look into the mailbox by another program.",
        "collect.host_refused" => "This host may not be reached from here, by the rules of who runs the platform.",
        "collect.token_refused" => "The provider does not take its own access token. IMAP must be switched on for the mailbox, and an administrator there may have to allow it; then connect the mailbox again.",
        "mailbox.consent_lost" => "The provider takes the owner's consent no more, and is not asked again. Connect the mailbox on its page: then it is looked into at once, and takes up what came meanwhile.",
        "oauth.unavailable" or "oauth.unreachable" or "oauth.unclear" => "The provider gives no access token right now. Nobody needs to act unless it stays.",
        "oauth.client_refused" or "oauth.not_configured" => "The provider does not take this installation's registration. Its administrator looks at the settings PENGUIN__OAUTH__….",
        _ => $"It could not be opened ({trouble.Replace('_', ' ').Replace('.', ' ')}). Test the connection on the mailbox's page.",
    };
}
