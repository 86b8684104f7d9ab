using System.Globalization;
using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Delivery.Warmup;

/// <summary>Decides each morning how much a mailbox, a domain or a sending address may send that day: a step more while all is well, a share less when it is not.</summary>
/// <remarks>Additive increase and multiplicative decrease (Chiu and Jain 1989), as networks find the rate that others bear without being told. Pure: the same state, signals, day and seed give the same step.</remarks>
public static class WarmUp
{
    const int IdleDays = 7;
    const int ForgottenDays = 30;      // SendGrid warms up anew after 30 days.
    const int CleanDaysToForget = 20;  // Then the level that brought trouble is one like any other.
    const double FarFromTrouble = 0.5; // Below this share of it the large step, from here on the small one.
    const double NearTrouble = 0.8;    // From this share of it on the small one every other day.
    const double GoodMemory = 0.95;    // Of what was usual, kept from one day of sending to the next.
    const double UsedShare = 0.8;      // Of the budget, to learn anything from the day.

    /// <summary>The first day.</summary>
    /// <param name="date">On the sender's calendar. A rest day begins with nothing.</param>
    public static WarmUpState Start(WarmUpProfile profile, DateOnly date, long seed, bool isHoliday)
    {
        var state = new WarmUpState(WarmUpPhase.Ramping, profile.Start, 0, 0, 0, 0, 0, true, 0, 0, date, [], new(WarmUpBand.Healthy, WarmUpCause.None, ""), WarmUpReason.Started, "");
        return Opened(state, profile, seed, isHoliday, First(profile));
    }

    /// <summary>The next day.</summary>
    /// <param name="signals">Of everything since the state was made: the day it was for, and what came in later.</param>
    /// <param name="date">A day at or before the state's changes nothing.</param>
    /// <param name="seed">The subject's own number; draws the jitter.</param>
    public static WarmUpState Next(WarmUpState state, WarmUpProfile profile, WarmUpSignals signals, DateOnly date, long seed, bool isHoliday)
    {
        if (date <= state.On) return state;
        var here = Remembered(state, signals) with { On = date };
        if (here.Phase == WarmUpPhase.Paused) return here;
        if (Rests(profile, date, isHoliday)) return Opened(here, profile, seed, isHoliday, "");
        if (here is { Day: 0, Phase: WarmUpPhase.Ramping }) return Opened(here with { Reason = WarmUpReason.Started }, profile, seed, isHoliday, First(profile));
        var idle = Idle(here, profile, date);
        if (idle is not null) return Opened(idle, profile, seed, isHoliday, idle.Sentence);
        // What was decided this far rests on days of sending: after a weekend Friday is judged, not Sunday.
        var reading = WarmUpReading.Of(profile.Subject, [.. here.History.Where(day => day.Counts).Select(day => day.Signals)], WarmUpReading.Usual(here.GoodSent, here.GoodDeferred));
        var decided = Decided(here with { Reading = reading }, profile);
        return Opened(decided, profile, seed, isHoliday, decided.Sentence);
    }

    /// <summary>Stops it, by a person or a guard.</summary>
    /// <param name="why">A sentence.</param>
    public static WarmUpState Pause(WarmUpState state, string why) =>
        state with { Phase = WarmUpPhase.Paused, Budget = 0, Reason = WarmUpReason.Paused, Sentence = why };

    /// <summary>Goes on at half the level, by a person, on the next day of sending.</summary>
    public static WarmUpState Resume(WarmUpState state, WarmUpProfile profile) => state.Phase != WarmUpPhase.Paused ? state : Answered(state) with
    {
        Phase = WarmUpPhase.BackingOff,
        Level = Math.Max(profile.Start, state.Level / 2),
        HoldDays = profile.StrainedHoldDays,
        CleanDays = 0,
        Reason = WarmUpReason.Resumed,
        Sentence = "Resumed by a person: it goes on at half of what it had reached.",
    };

    static WarmUpState Decided(WarmUpState state, WarmUpProfile profile) => state.Band switch
    {
        WarmUpBand.Harmed => Cut(state, profile, profile.HarmedFactor, profile.HarmedHoldDays),
        WarmUpBand.Strained => Cut(state, profile, profile.StrainedFactor, profile.StrainedHoldDays),
        WarmUpBand.Watch => Held(state with { CleanDays = 0, HoldDays = Math.Max(0, state.HoldDays - 1) }, profile, WarmUpReason.HeldWatch, $"{state.Reading.Words}: that may be chance, so no more for now."),
        WarmUpBand.Healthy => Healthy(state, profile),
    };

    static WarmUpState Cut(WarmUpState state, WarmUpProfile profile, double factor, int hold)
    {
        var level = Math.Max(profile.Start, state.Level * factor);
        var reason = state.Reading.Cause switch
        {
            WarmUpCause.Deferrals => WarmUpReason.CutDeferrals,
            WarmUpCause.Blocks => WarmUpReason.CutBlocks,
            WarmUpCause.Bounces => WarmUpReason.CutBounces,
            WarmUpCause.Complaints => WarmUpReason.CutComplaints,
            WarmUpCause.Placement or WarmUpCause.Replies or WarmUpCause.None => WarmUpReason.CutPlacement,
        };
        return Answered(state) with
        {
            Phase = WarmUpPhase.BackingOff,
            Level = level,
            HoldDays = hold,
            CleanDays = 0,
            Reason = reason,
            Trouble = state.HoldDays > 0 ? Math.Max(state.Trouble, state.Level) : state.Level, // Further cuts of one trouble do not hide where it began.
            Sentence = $"{state.Reading.Words}: down from {Number(state.Level)} to {Number(level)} a day, and {hold} days of sending without growth.",
        };
    }

    static WarmUpState Healthy(WarmUpState state, WarmUpProfile profile)
    {
        if (state.HoldDays > 0)
            return state with { Phase = WarmUpPhase.BackingOff, HoldDays = state.HoldDays - 1, Reason = WarmUpReason.HeldAfterCut, Sentence = $"All was well; it rests at {Number(state.Level)} a day after the cut." };
        if (!state.WasUsed) return Held(state, profile, WarmUpReason.HeldUnused, "Less was sent than it may send, which says nothing about more.");
        var clean = state with { CleanDays = state.CleanDays + 1, Trouble = state.CleanDays + 1 >= CleanDaysToForget ? 0 : state.Trouble };
        if (clean.Level >= profile.Max) return clean with { Phase = WarmUpPhase.Warm, Reason = WarmUpReason.Full, Sentence = $"Full volume: {Number(clean.Level)} a day." };
        if (clean.Level <= clean.Trouble && clean.Level >= NearTrouble * clean.Trouble && clean.CleanDays % 2 == 1)
            return Held(clean, profile, WarmUpReason.HeldNearTrouble, $"All was well; at {Number(clean.Trouble)} there was trouble, so it grows every other day only.");
        return Grown(clean, profile);
    }

    static WarmUpState Grown(WarmUpState state, WarmUpProfile profile)
    {
        var step = state.Trouble == 0 || state.Level < FarFromTrouble * state.Trouble ? profile.StepMax : profile.StepMin;
        var bound = Math.Min(profile.Max, MarketCurve.Of(profile.Curve).On(state.Day + 1));
        var level = Math.Max(state.Level, Math.Min(state.Level + step, bound));
        if (level <= state.Level) return Held(state, profile, WarmUpReason.HeldBound, $"All was well, but {Number(state.Level)} is the most on day {state.Day + 1}.");
        return level >= profile.Max
            ? state with { Phase = WarmUpPhase.Warm, Level = level, Reason = WarmUpReason.Full, Sentence = $"Full volume reached: {Number(level)} a day." }
            : state with { Phase = WarmUpPhase.Ramping, Level = level, Reason = WarmUpReason.Grew, Sentence = $"All was well: up from {Number(state.Level)} to {Number(level)} a day." };
    }

    static WarmUpState Held(WarmUpState state, WarmUpProfile profile, WarmUpReason reason, string sentence) => state with
    {
        Phase = state.HoldDays > 0 ? WarmUpPhase.BackingOff : state.Level >= profile.Max ? WarmUpPhase.Warm : WarmUpPhase.Holding,
        Reason = reason,
        Sentence = sentence,
    };

    static WarmUpState? Idle(WarmUpState state, WarmUpProfile profile, DateOnly date)
    {
        if (state.History is not [.., var last]) return null;
        var days = date.DayNumber - last.On.DayNumber;
        if (days > ForgottenDays)
            return Answered(state) with
            {
                Phase = WarmUpPhase.Ramping,
                Level = profile.Start,
                Day = 0,
                HoldDays = 0,
                CleanDays = 0,
                Trouble = 0,
                WasUsed = true,
                History = [],
                Reason = WarmUpReason.RestartedIdle,
                Sentence = $"Nothing was sent for {days} days, so providers have forgotten: it begins anew.",
            };
        if (days <= IdleDays || !last.Counts) return null; // Once for each time it was idle.
        var level = Math.Max(profile.Start, state.Level / 2);
        return Answered(state) with { Phase = WarmUpPhase.BackingOff, Level = level, HoldDays = 0, CleanDays = 0, Reason = WarmUpReason.CutIdle, Sentence = $"Nothing was sent for {days} days: it goes on at {Number(level)} a day." };
    }

    // A day of sending that is over joins the history; what came in on days without mail belongs to the one before.
    static WarmUpState Remembered(WarmUpState state, WarmUpSignals signals)
    {
        var here = state.Budget == 0 ? state : state with { WasUsed = signals.Sent >= UsedShare * state.Budget };
        if (signals.Sent > 0) return Learnt(here) with { History = [.. here.History.TakeLast(WarmUpReading.Days - 1), new(here.On, signals, true)] };
        return here.History.Count == 0 ? here : here with { History = [.. here.History.SkipLast(1), here.History[^1] with { Signals = here.History[^1].Signals + signals }] };
    }

    // What is usual here is learnt from days that were judged and not cut.
    static WarmUpState Learnt(WarmUpState state) => state.History is not [.., { Counts: true } judged] ? state : state with
    {
        GoodSent = (GoodMemory * state.GoodSent) + judged.Signals.Sent,
        GoodDeferred = (GoodMemory * state.GoodDeferred) + judged.Signals.Deferred,
    };

    static WarmUpState Answered(WarmUpState state) => state with { History = [.. state.History.Select(day => day with { Counts = false })] };

    static bool Rests(WarmUpProfile profile, DateOnly date, bool isHoliday) => isHoliday || profile.IsRestDay(date);

    // The budget of the day: the level with jitter, at most double of what was sent on the last day of sending; if that was not used, on the best of the week.
    static WarmUpState Opened(WarmUpState state, WarmUpProfile profile, long seed, bool isHoliday, string sentence)
    {
        if (Rests(profile, state.On, isHoliday)) return state with { Budget = 0, Reason = WarmUpReason.RestDay, Sentence = "A day of rest: nothing is sent, and the level stays." };
        var jittered = state.Level * (1 + (profile.Jitter * ((2 * Jitter.Of(seed, state.On.DayNumber)) - 1)));
        var sentMax = state.History.TakeLast(state.WasUsed ? 1 : WarmUpReading.Days).Select(day => day.Signals.Sent).DefaultIfEmpty(0).Max();
        var bound = Math.Min(profile.Max, Math.Max(profile.Start, 2 * sentMax));
        return state with { Budget = Math.Min(bound, (int)Math.Round(jittered)), Day = state.Day + (state.Day == 0 || state.WasUsed ? 1 : 0), Sentence = sentence };
    }

    static string First(WarmUpProfile profile) => $"The first day: {Number(profile.Start)} messages, and more each day while all is well.";

    static string Number(double level) => Math.Round(level).ToString("0", CultureInfo.InvariantCulture);
}
