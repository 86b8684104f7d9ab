using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Sandbox;

/// <summary>What a recipient of the sandbox does, chosen by the tag of its address: <c>anna+reply@firm.example</c> replies.</summary>
public enum Behaviour
{
    /// <summary>Takes the message and does nothing more.</summary>
    Accept,

    /// <summary>451 4.7.1 at the first attempt of a sender, as greylisting does; then takes it. A restart forgets who came before.</summary>
    Defer,

    /// <summary>550 5.1.1: there is no such user.</summary>
    Refuse,

    /// <summary>552 5.2.2: the mailbox is full.</summary>
    Full,

    /// <summary>Takes it, then reports from the null sender that it could not be delivered (RFC 3464).</summary>
    Dsn,

    /// <summary>Takes it; a person answers.</summary>
    Reply,

    /// <summary>Takes it; an absence notice comes back (RFC 3834).</summary>
    Ooo,

    /// <summary>Takes it; the provider forwards a complaint to <c>fbl@</c> the return path's domain (RFC 5965).</summary>
    Complain,

    /// <summary>Takes it; the first tracked link is followed.</summary>
    Click,

    /// <summary>Takes it; the provider unsubscribes with one click (RFC 8058).</summary>
    Unsub,

    /// <summary>Takes it; a security scanner asks for every link, with HEAD and with GET.</summary>
    Scanner,

    /// <summary>Hangs up after the final dot without a word, so that the sender cannot know.</summary>
    Drop,
}

static class Behaviours
{
    /// <summary>By the last +tag of the local part; an unknown one or none accepts.</summary>
    public static Behaviour Of(EmailAddress recipient)
    {
        var plus = recipient.Local.LastIndexOf('+');
        return plus >= 0 && Enum.TryParse<Behaviour>(recipient.Local[(plus + 1)..], ignoreCase: true, out var found) && Enum.IsDefined(found) && !char.IsAsciiDigit(recipient.Local[^1])
            ? found
            : Behaviour.Accept;
    }

    public static SmtpAnswer NotYet { get; } = new(451, "4.7.1", "Greylisted, please try again later");

    public static SmtpAnswer NoUser { get; } = new(550, "5.1.1", "Recipient address rejected: User unknown in virtual mailbox table");

    public static SmtpAnswer Full { get; } = new(552, "5.2.2", "Mailbox is full: quota exceeded");

    public static SmtpAnswer HangUp { get; } = new(421, "4.3.0", "") { HangsUp = true };
}
