namespace PenguinMails.Delivery.Warmup;

/// <summary>Where a warm-up stands; see <c>docs/states/warm-up.md</c>.</summary>
public enum WarmUpPhase
{
    /// <summary>The level grew.</summary>
    Ramping,

    /// <summary>The level stays, for a reason.</summary>
    Holding,

    /// <summary>The level was cut, and rests at the lower one.</summary>
    BackingOff,

    /// <summary>At full volume.</summary>
    Warm,

    /// <summary>Nothing is sent, because a person or a guard wants it so.</summary>
    Paused,
}

/// <summary>Why a day's budget is what it is. Its snake_case name is the public reason code.</summary>
public enum WarmUpReason
{
    Started,

    /// <summary>A step more, because nothing spoke against it.</summary>
    Grew,

    /// <summary>At full volume.</summary>
    Full,

    /// <summary>The budget was not used, so nothing is known about more.</summary>
    HeldUnused,

    /// <summary>A signal that may be chance.</summary>
    HeldWatch,

    /// <summary>The days of rest after a cut.</summary>
    HeldAfterCut,

    /// <summary>Close to the level that brought trouble before: every other day only.</summary>
    HeldNearTrouble,

    /// <summary>The market curve or the doubling allows no more yet.</summary>
    HeldBound,

    CutDeferrals,
    CutBlocks,
    CutBounces,
    CutComplaints,
    CutPlacement,

    /// <summary>Nothing was sent for more than a week.</summary>
    CutIdle,

    /// <summary>Nothing was sent for more than 30 days, so providers have forgotten.</summary>
    RestartedIdle,

    /// <summary>A weekend or holiday: nothing is sent and nothing changes.</summary>
    RestDay,

    Paused,
    Resumed,
}

/// <summary>A day of sending that is over.</summary>
/// <param name="Counts">False for what lay before the last cut: its signals were answered.</param>
public sealed record WarmUpDay(DateOnly On, WarmUpSignals Signals, bool Counts);

/// <summary>A warm-up between two days; kept whole, and given back for the next.</summary>
/// <param name="Level">Messages a day before jitter, at least the profile's start.</param>
/// <param name="Budget">Messages of <paramref name="On"/>, warm-up and cold mail together; 0 on rest days and while paused.</param>
/// <param name="Day">Days whose budget was used so far, and this one.</param>
/// <param name="HoldDays">Days of sending left without growth.</param>
/// <param name="CleanDays">Days of sending in a row that were healthy.</param>
/// <param name="Trouble">Level that brought the last cut; 0 when that is long ago.</param>
/// <param name="WasUsed">Whether the last budget was used, so that the day says something about more.</param>
/// <param name="GoodSent">Messages of days without a cut, older ones counting less and less.</param>
/// <param name="GoodDeferred">Those of them that were deferred.</param>
/// <param name="On">The day the budget is for.</param>
/// <param name="History">The last days of sending, oldest first, at most <see cref="WarmUpReading.Days"/>.</param>
/// <param name="Reading">Band and cause of the last day of sending.</param>
/// <param name="Sentence">For people: what was decided, why, and what comes next.</param>
public sealed record WarmUpState(
    WarmUpPhase Phase, double Level, int Budget, int Day, int HoldDays, int CleanDays, double Trouble, bool WasUsed, double GoodSent, double GoodDeferred, DateOnly On, IReadOnlyList<WarmUpDay> History,
    WarmUpReading Reading, WarmUpReason Reason, string Sentence)
{
    public WarmUpBand Band => Reading.Band;
}
