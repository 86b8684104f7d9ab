using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Queue;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Decisions;

/// <summary>A stop by a person.</summary>
/// <param name="Scope">platform, account or provider.</param>
public sealed record HaltFact(string Scope, string Target, string Reason, DateTimeOffset At);

/// <summary>A limit without room.</summary>
/// <param name="Scope">account, domain, server, company, provider, domain_provider or mailbox.</param>
/// <param name="Until">When the first place comes free; null: the limit is 0.</param>
public sealed record LimitFact(string Scope, string Key, DateTimeOffset? Until)
{
    /// <summary>Which limit it is, for a sentence; null where only its name was looked at.</summary>
    internal LimitUse? Of { get; init; }
}

/// <summary>Something that bounces, complaints or blocks slowed or paused.</summary>
/// <param name="Scope">mailbox, campaign, domain, ip (the outgoing server), tenant or provider.</param>
/// <param name="IsPaused">False: half as much is sent.</param>
public sealed record GuardFact(string Scope, string Key, string Reason, bool IsPaused)
{
    internal bool IsOf(SendingState state) => Scope switch
    {
        "mailbox" => Key == state.Id.Value.ToString("N"),
        "domain" => Key == state.Domain,
        "ip" => Key == state.Server,
        "tenant" => true,
        _ => false,
    };
}

/// <summary>How much of the mailbox's own limits is used.</summary>
/// <param name="Attempts">In the last 24 hours.</param>
/// <param name="Oldest">First of them; null when there is none.</param>
/// <param name="GapEnds">When the gap after the last one is over; null when there was none or there is no gap.</param>
public sealed record UsageFact(int DailyCap, long Attempts, DateTimeOffset? Oldest, DateTimeOffset? GapEnds);

/// <summary>The budget of a mailbox, domain or server that is still warming up.</summary>
/// <param name="Until">When the next day's budget begins.</param>
public sealed record WarmUpFact(string Scope, string Key, int Budget, long Used, DateTimeOffset Until);

/// <summary>What is known of a mailbox: the same for every message in it.</summary>
/// <param name="Trouble">Code of what went wrong at its server last; empty when nothing did.</param>
/// <param name="TroubleUntil">When it is tried again.</param>
/// <param name="Limit">Of the mailbox, without room.</param>
/// <param name="Room">What the mailbox's limits leave.</param>
/// <param name="DomainFault">What would make receivers refuse its domain; null when nothing is known to.</param>
public sealed record SenderFacts(
    HaltFact? Halt, LimitFact? Entitlement, string? DomainFault, bool IsPaused, string Trouble, DateTimeOffset? TroubleUntil, GuardFact? Guard, UsageFact Usage, WarmUpFact? WarmUp,
    LimitFact? Limit = null, long Room = long.MaxValue);

/// <summary>A route that a receiving provider, or the mailbox's own server, closed.</summary>
/// <param name="Until">When it opens by itself; null: a person resumes it.</param>
public sealed record RouteFact(string Reason, DateTimeOffset? Until);

/// <summary>What is known of one message.</summary>
/// <param name="DueAt">Not before: the first time, or the next after a deferral.</param>
/// <param name="SuppressedBy">Word of the reason; null when the recipient is not suppressed.</param>
/// <param name="ContentFault">Why the content is held back; empty when it is not.</param>
/// <param name="Guard">Of its campaign or its receiving provider.</param>
/// <param name="When">The campaign's window as it holds for the recipient.</param>
/// <param name="Consent">What the law of the recipient's country says against it.</param>
/// <param name="AwayUntil">Last day of absence that the recipient's notice named.</param>
/// <param name="Hour">The hour's part of the mailbox's day is sent.</param>
/// <param name="IsInHalf">Whether it is in the half that goes on while something is slowed; drawn anew each day.</param>
public sealed record MessageFacts(
    string CampaignState, HaltFact? Halt, string? SuppressedBy, string ContentFault, GuardFact? Guard, RouteFact? Route, RecipientWindow When, DateTimeOffset DueAt, int Attempt, LimitFact? Limit, bool IsInHalf = true,
    ConsentFault? Consent = null, DateOnly? AwayUntil = null, HourShareFact? Hour = null);
