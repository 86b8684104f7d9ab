using PenguinMails.Core;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Delivery.Guards;

/// <summary>What a guard counts, of what was sent.</summary>
public enum GuardMeasure
{
    /// <summary>Refusals that are the list's doing: the address or its domain does not exist or is dead.</summary>
    Bounce,

    /// <summary>Reports as spam.</summary>
    Complaint,

    /// <summary>Refusals of the sender: reputation, authentication, content, policy.</summary>
    Block,
}

/// <summary>Whose mail is counted together.</summary>
public enum GuardSubject
{
    Mailbox,
    Campaign,
    Domain,
    Ip,
    Tenant,

    /// <summary>Everything of a tenant towards one provider.</summary>
    Provider,
}

/// <summary>The thresholds of one measure on one subject: a line of <c>guards.json</c>.</summary>
/// <param name="Warn">Rate from which people are told.</param>
/// <param name="Slow">Rate from which half as much is sent.</param>
/// <param name="Pause">Rate from which nothing is sent.</param>
/// <param name="VolumeMin">Messages below which nothing is judged.</param>
/// <param name="Days">The rolling window.</param>
/// <param name="Source">Where the thresholds come from.</param>
public sealed record GuardRule(
    GuardMeasure Measure, GuardSubject Subject, double Warn, double Slow, double Pause, int VolumeMin, int Days, string Source, DateOnly AsOf)
{
    public static readonly IReadOnlyList<GuardRule> All = EmbeddedJson.Read<GuardRule[]>("guards.json");

    public static GuardRule Of(GuardMeasure measure, GuardSubject subject) => All.Single(rule => rule.Measure == measure && rule.Subject == subject);

    /// <summary>The measure that a refusal or report counts for; null when it counts for none.</summary>
    /// <remarks>A full mailbox, a network fault or an automatic answer says nothing about the list or the sender.</remarks>
    public static GuardMeasure? MeasureOf(BounceVerdict verdict) => verdict switch
    {
        { Class: BounceClass.Complaint } => GuardMeasure.Complaint,
        { Class: BounceClass.Hard, Blame: BounceBlame.List } => GuardMeasure.Bounce,
        { Class: BounceClass.Block, Blame: BounceBlame.Us or BounceBlame.Mixed } => GuardMeasure.Block,
        _ => null,
    };
}
