using System.Globalization;
using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Delivery.Decisions;

/// <summary>May this be sent now? One list of questions for everything that sends and for everybody who asks why something was not sent.</summary>
/// <remarks>Pure. The order is the order of who can change it: a person's stop first, what passes by itself last. Drawn in <c>docs/states/decision.md</c>.</remarks>
public static class Checklist
{
    /// <param name="message">Null asks about the mailbox alone.</param>
    /// <param name="now">What lies after it is postponed until then.</param>
    public static Decision Decide(SenderFacts sender, MessageFacts? message, DateTimeOffset now) =>
        Halted(sender, message)
        ?? Suppressed(message)
        ?? Consent(message?.Consent)
        ?? Content(message)
        ?? Entitlement(sender)
        ?? DomainHealth(sender)
        ?? MailboxHealth(sender, now)
        ?? Guard(sender, message, now)
        ?? ProviderBackOff(message)
        ?? Caps(sender, message, now)
        ?? WarmUp(sender)
        ?? Decision.Go;

    static Decision? Halted(SenderFacts sender, MessageFacts? message)
    {
        if (sender.Halt is { } halt) return Halt(halt, DecisionReach.Mailbox);
        if (message is null) return null;
        if (message.CampaignState == "stopped") return new(DecisionStep.Halted, "campaign_stopped", "Its campaign was stopped; what was not sent by then is not sent.", null, DecisionReach.Campaign, IsFinal: true);
        if (message.CampaignState == "paused") return new(DecisionStep.Halted, "campaign_paused", "Its campaign is paused. Resume the campaign to send it.", null, DecisionReach.Campaign);
        return message.Halt is { } ofProvider ? Halt(ofProvider, DecisionReach.Message) : null;
    }

    static Decision Halt(HaltFact halt, DecisionReach reach) => halt.Scope switch
    {
        "platform" => new(DecisionStep.Halted, "platform_halted", $"Sending is stopped for everybody by who runs this platform: {halt.Reason}", null, reach),
        "account" => new(DecisionStep.Halted, "account_halted", $"All sending of this account is stopped: {halt.Reason} Lift the stop on the page Sending.", null, reach),
        _ => new(DecisionStep.Halted, "provider_halted", $"Sending to {halt.Target} is stopped: {halt.Reason} Lift the stop on the page Sending.", null, reach),
    };

    static Decision? Suppressed(MessageFacts? message) => message?.SuppressedBy is not { } reason
        ? null
        : new(DecisionStep.Suppressed, $"suppressed_{reason}", $"The recipient must not be mailed again ({reason}).", null, DecisionReach.Message, IsFinal: true);

    /// <summary>What the law of the recipient's country says against it. It may still be given, unless it was taken back.</summary>
    internal static Decision? Consent(ConsentFault? fault) =>
        fault is null ? null : new(DecisionStep.Consent, fault.Code, fault.Sentence, null, DecisionReach.Message, fault.IsFinal);

    static Decision? Content(MessageFacts? message) => message is not { ContentFault.Length: > 0 }
        ? null
        : new(DecisionStep.Content, "content_blocked", $"Its content is held back: {message.ContentFault}", null, DecisionReach.Campaign);

    static Decision? Entitlement(SenderFacts sender) => sender.Entitlement is not { } used
        ? null
        : new(DecisionStep.Entitlement, "entitlement_used_up", used.Until is null ? "The account's plan does not include sending." : "What the account's plan includes for 24 hours is sent.", used.Until, DecisionReach.Mailbox);

    static Decision? DomainHealth(SenderFacts sender) => sender.DomainFault is not { } fault
        ? null
        : new(DecisionStep.DomainHealth, "domain_unhealthy", $"Receivers would refuse or file away mail from its domain now: {fault} It is sent when a check finds it mended.", null, DecisionReach.Mailbox);

    static Decision? MailboxHealth(SenderFacts sender, DateTimeOffset now)
    {
        if (sender.IsPaused) return new(DecisionStep.MailboxHealth, "mailbox_paused", "Its mailbox is paused. Resume the mailbox to send it.", null, DecisionReach.Mailbox);
        if (sender.Trouble == "consent_lost") return new(DecisionStep.MailboxHealth, "consent_lost", "Its mailbox's provider wants the owner's consent again. Connect the mailbox once more.", null, DecisionReach.Mailbox);
        return sender.Trouble.Length == 0 || sender.TroubleUntil <= now
            ? null
            : new(DecisionStep.MailboxHealth, sender.Trouble, $"Its mailbox's server did not take mail ({sender.Trouble.Replace('_', ' ')}); it is tried again.", sender.TroubleUntil, DecisionReach.Mailbox);
    }

    static Decision? Guard(SenderFacts sender, MessageFacts? message, DateTimeOffset now)
    {
        if (sender.Guard is { } own) return new(DecisionStep.Guard, "guard_paused", own.Reason, null, DecisionReach.Mailbox);
        if (message?.Guard is not { } guard) return null;
        if (guard.IsPaused) return new(DecisionStep.Guard, "guard_paused", guard.Reason, null, guard.Scope == "campaign" ? DecisionReach.Campaign : DecisionReach.Message);
        return message.IsInHalf ? null : new(DecisionStep.Guard, "guard_slowed", $"{guard.Reason} This message is in the half that waits until tomorrow.", new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(1), DecisionReach.Message);
    }

    static Decision? ProviderBackOff(MessageFacts? message) => message?.Route is not { } route
        ? null
        : new(DecisionStep.ProviderBackOff, route.Until is null ? "route_stopped" : "provider_back_off", route.Reason, route.Until, DecisionReach.Message);

    static Decision? Caps(SenderFacts sender, MessageFacts? message, DateTimeOffset now)
    {
        if (message is { DueAt: var due } && due > now)
            return message.Attempt > 0
                ? new(DecisionStep.Caps, "retry_later", $"Refused for now after {message.Attempt} {(message.Attempt == 1 ? "try" : "tries")}; the next is due then.", due, DecisionReach.Message)
                : new(DecisionStep.Caps, "not_due", "Its time has not come.", due, DecisionReach.Message);
        if (message is not null && (Away(message, now) ?? Closed(message.When, now)) is { } notYet) return notYet;
        if (message?.Limit is { } limit) return OfLimit(limit);
        if (sender.Limit is { } ofMailbox) return OfLimit(ofMailbox) with { Reach = DecisionReach.Mailbox };
        var usage = sender.Usage;
        if (usage.Attempts >= usage.DailyCap)
            return new(DecisionStep.Caps, "daily_cap", string.Create(CultureInfo.InvariantCulture, $"The mailbox sent {usage.Attempts} in 24 hours, and {usage.DailyCap} is its cap."), usage.Oldest?.AddHours(24), DecisionReach.Mailbox);
        if (message?.Hour is { } hour)
            return new(DecisionStep.Caps, "hour_share", string.Create(CultureInfo.InvariantCulture, $"The mailbox spreads its day: {hour.Used} since the window opened, and {hour.Most} is its share by the end of this hour."),
                hour.Until, message.When.DiffersByRecipient ? DecisionReach.Message : DecisionReach.Campaign);
        return usage.GapEnds > now ? new(DecisionStep.Caps, "gap", "The mailbox waits between two messages.", usage.GapEnds, DecisionReach.Mailbox) : null;
    }

    static Decision? Away(MessageFacts message, DateTimeOffset now) =>
        message.AwayUntil is { } day && message.When.OpenAfter(day) is var back && back > now
            ? new(DecisionStep.Caps, "recipient_away", $"The recipient's own notice says away until {day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}; it waits until after that.", back, DecisionReach.Message)
            : null;

    /// <summary>The window, or a holiday. On the sender's clock the window closes for the whole campaign; on the recipients' for each by itself.</summary>
    internal static Decision? Closed(RecipientWindow when, DateTimeOffset now)
    {
        if (when.Window.NextOpen(now) is var opens && opens > now)
            return when.DiffersByRecipient
                ? new(DecisionStep.Caps, "window_closed", $"The campaign's send window is closed where the recipient is ({when.Window.Zone}).", when.NextOpen(now), DecisionReach.Message)
                : new(DecisionStep.Caps, "window_closed", "The campaign's send window is closed.", opens, DecisionReach.Campaign);
        return when.IsHoliday(now) ? new(DecisionStep.Caps, "holiday", $"It is a public holiday where the recipient is ({when.Holidays?.Name}).", when.NextOpen(now), DecisionReach.Message) : null;
    }

    /// <summary>A limit has no room.</summary>
    internal static Decision OfLimit(LimitFact limit)
    {
        if (limit is { Until: not null, Scope: "domain_provider" or "mailbox" })
            return new(DecisionStep.Caps, $"limit_{limit.Scope}", LimitSentence.Of(limit), limit.Until, DecisionReach.Message);
        var what = limit.Key == "*" || limit.Scope == "mailbox" ? limit.Scope : $"{limit.Scope} {limit.Key}";
        return new(DecisionStep.Caps, $"limit_{limit.Scope}", limit.Until is null ? $"The limit for the {what} is 0." : $"The limit for the {what} is used.", limit.Until, DecisionReach.Message);
    }

    static Decision? WarmUp(SenderFacts sender) => sender.WarmUp is not { } warmUp || warmUp.Used < warmUp.Budget
        ? null
        : new(DecisionStep.WarmUp, "warm_up_budget",
            string.Create(CultureInfo.InvariantCulture, $"The {warmUp.Scope} is warming up: {warmUp.Used} of today's {warmUp.Budget} are sent."), warmUp.Until, DecisionReach.Mailbox);
}
