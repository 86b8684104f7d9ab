using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>How pages speak of the health of mailboxes.</summary>
static class MailboxWords
{
    public static Tone ToneOf(MailboxHealthWord word) => word switch
    {
        MailboxHealthWord.Good => Tone.Good,
        MailboxHealthWord.Untested => Tone.Quiet,
        MailboxHealthWord.Overdue or MailboxHealthWord.Unverified or MailboxHealthWord.Behind => Tone.Warn,
        MailboxHealthWord.Failing or MailboxHealthWord.Unreachable => Tone.Bad,
        MailboxHealthWord.Paused => Tone.Held,
    };
}
