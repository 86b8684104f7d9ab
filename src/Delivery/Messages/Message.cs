using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Evidence;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Messages;

public readonly record struct MessageId(Guid Value) : ITypedId<MessageId>
{
    public static string Prefix => "msg";
    public static MessageId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out MessageId id) => TypedId.TryParse(text, out id);
}

/// <summary>Where a message stands; drawn in <c>docs/states/message.md</c>.</summary>
public enum MessageState
{
    /// <summary>Waits for its time.</summary>
    Queued,

    /// <summary>The wish to send is written; DATA may be under way.</summary>
    Sending,

    /// <summary>The recipient's server, or the mailbox's own, took it. A later bounce can still revise this.</summary>
    Sent,

    /// <summary>Refused for now; another attempt is due.</summary>
    Deferred,

    /// <summary>Refused for good, in the session or by a report afterwards.</summary>
    Bounced,

    /// <summary>Given up after the last attempt.</summary>
    Failed,

    /// <summary>Not sent because it must not be: suppressed, or the campaign was stopped.</summary>
    Dropped,

    /// <summary>DATA was sent and no reply seen. Never sent again by itself; a person decides.</summary>
    InDoubt,
}

/// <summary>One row of the ledger.</summary>
/// <param name="Reason">Stable code for why it is in this state; empty for queued and sent.</param>
/// <param name="SmtpText">The server's words, at most 500 characters.</param>
/// <param name="AwayUntil">The last day of absence, or the day of return, that the recipient's absence notice named.</param>
public sealed record Message(
    MessageId Id, CampaignId CampaignId, int Step, ContactId ContactId, MailboxId MailboxId, string Address, MessageState State, string Reason, DateTimeOffset DueAt, int Attempt,
    DateTimeOffset? AttemptedAt, DateTimeOffset? SentAt, int? SmtpCode, string? SmtpStatus, string? SmtpText, string? BounceClass, string? BounceCategory,
    DateTimeOffset? RepliedAt, DateTimeOffset? AutoRepliedAt, DateTimeOffset? ComplainedAt, DateTimeOffset? UnsubscribedAt, DateTimeOffset? ClickedAt, DateOnly? AwayUntil)
{
    /// <summary>What servers said of it while it was in doubt; empty in lists.</summary>
    public IReadOnlyList<EvidenceSeen> Evidence { get; init; } = [];

    internal static Message Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetInt16(2), new(row.GetGuid(3)), new(row.GetGuid(4)), row.GetString(5), MessageStates.Parse(row.GetString(6)), row.GetString(7),
        row.GetFieldValue<DateTimeOffset>(8), row.GetInt16(9), row.Maybe<DateTimeOffset>(10), row.Maybe<DateTimeOffset>(11), row.Maybe<short>(12), row.Text(13), row.Text(14),
        row.Text(15), row.Text(16), row.Maybe<DateTimeOffset>(17), row.Maybe<DateTimeOffset>(18), row.Maybe<DateTimeOffset>(19), row.Maybe<DateTimeOffset>(20),
        row.Maybe<DateTimeOffset>(21), row.Maybe<DateOnly>(22));
}

/// <summary>The words of the column <c>delivery.message.state</c>.</summary>
public static class MessageStates
{
    public static string Word(this MessageState state) => state switch
    {
        MessageState.Queued => "queued",
        MessageState.Sending => "sending",
        MessageState.Sent => "sent",
        MessageState.Deferred => "deferred",
        MessageState.Bounced => "bounced",
        MessageState.Failed => "failed",
        MessageState.Dropped => "dropped",
        MessageState.InDoubt => "in_doubt",
    };

    public static bool TryParse(string? word, out MessageState state)
    {
        foreach (var known in Enum.GetValues<MessageState>())
        {
            if (known.Word() != word) continue;
            state = known;
            return true;
        }

        state = default;
        return false;
    }

    internal static MessageState Parse(string word) => TryParse(word, out var state) ? state : throw new InvalidOperationException($"Unknown message state {word}.");
}
