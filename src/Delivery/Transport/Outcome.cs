using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Mail.Reports;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Transport;

/// <summary>What became of one attempt, in the words of the ledger.</summary>
sealed record Outcome(Claimed Message, MessageState State, string Reason, SmtpOutcome Smtp, BounceVerdict? Bounce, DateTimeOffset? NextAt)
{
    /// <summary>True when the address is at fault, so that nobody of this account mails it again. Another mailbox of the pool is no case for that.</summary>
    public bool Suppresses => Message.Content is not null && Bounce is { Class: BounceClass.Hard, Blame: BounceBlame.List };

    /// <exception cref="InvalidOperationException">The message was withheld: there was no attempt.</exception>
    public static Outcome Of(Claimed message, SmtpOutcome smtp, DeliveryOptions options, DateTimeOffset now)
    {
        var attempt = message.Attempt + 1;
        DateTimeOffset Next() => now + RetryDelay.After(attempt, options.RetrySeconds, message.Id.Value.GetHashCode());
        return smtp.Kind switch
        {
            SmtpKind.Accepted => new(message, MessageState.Sent, "", smtp, null, null),
            SmtpKind.InDoubt => new(message, MessageState.InDoubt, "no_reply_seen", smtp, null, null),
            SmtpKind.PermanentRefusal => new(message, MessageState.Bounced, "refused", smtp, BounceClassifier.Classify(smtp.Code, smtp.EnhancedCode, smtp.Text), null),
            SmtpKind.Unsupported => new(message, MessageState.Failed, "unsupported", smtp, null, null),
            SmtpKind.TransientRefusal or SmtpKind.ConnectionLostBeforeData when attempt >= options.AttemptsMax =>
                new(message, MessageState.Failed, "given_up", smtp, null, null),
            SmtpKind.TransientRefusal => new(message, MessageState.Deferred, "deferred", smtp, null, Next()),
            SmtpKind.ConnectionLostBeforeData => new(message, MessageState.Deferred, "connection_lost", smtp, null, Next()),
            SmtpKind.Withheld => throw new InvalidOperationException("A withheld message was never attempted."),
        };
    }
}

/// <summary>Delay between attempts of a message.</summary>
public static class RetryDelay
{
    const int HoursMax = 6;

    /// <summary>Delay before the next attempt after <paramref name="attempt"/> failures.</summary>
    /// <param name="attempt">1 for the first failure; at most 30.</param>
    /// <param name="baseSeconds">300 by default, so 5, 10, 20, 40 min: at or above the 30 min of RFC 5321 4.5.4.1 from the fourth failure on.</param>
    /// <param name="seed">Draws the jitter of 0.8 to 1.2.</param>
    /// <returns>Doubles with each failure, capped at 6 h.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Attempt outside 1 to 30: a caller's bug.</exception>
    public static TimeSpan After(int attempt, int baseSeconds, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(attempt, 30);
        var seconds = Math.Min(HoursMax * 3600.0, baseSeconds * Math.Pow(2, attempt - 1));
        return TimeSpan.FromSeconds(seconds * (0.8 + (0.4 * Jitter.Of(seed, attempt))));
    }
}
