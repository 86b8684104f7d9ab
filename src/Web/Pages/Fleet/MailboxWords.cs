using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>How pages speak of the health of mailboxes.</summary>
static class MailboxWords
{
    /// <summary>Where a mailbox at a provider is connected; null for those with a password.</summary>
    public static string? ConsentHref(Mailbox mailbox) => mailbox.Auth == MailboxAuth.Password ? null : $"/mailboxes/oauth/{Words.Lower(mailbox.Auth)}?mailbox={mailbox.Id}";

    public static Tone ToneOf(MailboxHealthWord word) => word switch
    {
        MailboxHealthWord.Good => Tone.Good,
        MailboxHealthWord.Untested => Tone.Quiet,
        MailboxHealthWord.Overdue or MailboxHealthWord.Unverified or MailboxHealthWord.Behind => Tone.Warn,
        MailboxHealthWord.Failing or MailboxHealthWord.Unreachable or MailboxHealthWord.Disconnected => Tone.Bad,
        MailboxHealthWord.Paused => Tone.Held,
    };
}
