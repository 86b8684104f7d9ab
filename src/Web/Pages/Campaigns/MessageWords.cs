using System.Globalization;
using PenguinMails.Delivery.Messages;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Campaigns;

/// <summary>One ledger row in words.</summary>
static class MessageWords
{
    /// <summary>A thing that happened to a message.</summary>
    public sealed record Moment(DateTimeOffset At, string Word, Tone Tone, string Detail);

    public static string CameBack(Message m) => (m.ComplainedAt, m.UnsubscribedAt, m.RepliedAt, m.AutoRepliedAt, m.ClickedAt) switch
    {
        (not null, _, _, _, _) => "complaint",
        (_, not null, _, _, _) => "unsubscribe",
        (_, _, not null, _, _) => "reply",
        (_, _, _, not null, _) => "automatic reply",
        (_, _, _, _, not null) => "click",
        _ => m.BounceCategory is { } category ? Words.Plain(category) : "",
    };

    /// <summary>"550 5.1.1 No such user"; the reason where no server was asked.</summary>
    public static string Answer(Message m) => m.SmtpCode is { } code
        ? string.Join(' ', new[] { code.ToString(CultureInfo.InvariantCulture), m.SmtpStatus, m.SmtpText }.Where(part => !string.IsNullOrEmpty(part)))
        : Words.Plain(m.Reason);

    /// <summary>What gave a visitor away as a machine.</summary>
    public static string Machine(string reason) => reason switch
    {
        "trap" => "It followed the link that no person sees, or came within a minute of one that did.",
        "head" => "It asked with HEAD, as programs do.",
        "agent" => "Its name is a program's.",
        "too_soon" => "It came as the message was handed over, before a person could have read it.",
        "all_links" => "It followed several links at once.",
        _ => "",
    };

    /// <summary>What is known to have happened, in order.</summary>
    public static IEnumerable<Moment> Story(Message m)
    {
        var story = new List<Moment>();
        if (m.AttemptedAt is { } attempted && m.State != MessageState.Sent)
            story.Add(new(attempted, m.Attempt <= 1 ? "tried" : $"tried, {m.Attempt} times", Tone.Running, Answer(m)));
        Add(m.SentAt, "sent", Tone.Good, m.State == MessageState.Sent ? Answer(m) : "accepted, revised since");
        Add(m.ClickedAt, "clicked", Tone.Running, "A link of the message was followed, as far as can be told by a person.");
        Add(m.RepliedAt, "replied", Tone.Good, "A person answered.");
        Add(m.AutoRepliedAt, "automatic reply", Tone.Quiet, m.AwayUntil is { } until ? $"Away until {until.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}; not counted as an answer." : "Out of office or the like; not counted as an answer.");
        Add(m.UnsubscribedAt, "unsubscribed", Tone.Held, "The address is suppressed.");
        Add(m.ComplainedAt, "complained", Tone.Bad, "Reported as spam. The address is suppressed.");
        return story.OrderBy(moment => moment.At);

        void Add(DateTimeOffset? at, string word, Tone tone, string detail)
        {
            if (at is { } when) story.Add(new(when, word, tone, detail));
        }
    }
}
