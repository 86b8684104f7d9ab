using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Warmup;

namespace PenguinMails.Modules.Tests.Delivery.Warmup;

/// <summary>The warm-up grows while all is well and gives way when it is not.</summary>
public sealed class WarmUpTests
{
    static readonly WarmUpProfile Profile = WarmUpProfile.Of(GuardSubject.Mailbox) with { Jitter = 0 };
    static readonly DateOnly Monday = new(2026, 11, 30);

    static WarmUpState Begin(WarmUpProfile? profile = null) => WarmUp.Start(profile ?? Profile, Monday, 7, false);

    // Sends the whole budget of each day.
    static WarmUpState Days(WarmUpState state, int days, Func<int, WarmUpSignals>? signals = null, WarmUpProfile? profile = null)
    {
        for (var i = 0; i < days; i++) state = WarmUp.Next(state, profile ?? Profile, state.Budget == 0 ? WarmUpSignals.None : signals?.Invoke(state.Budget) ?? Clean(state.Budget), state.On.AddDays(1), 7, false);
        return state;
    }

    static WarmUpSignals Clean(int sent) => WarmUpSignals.None with { Sent = sent, Replied = sent / 3 };

    static WarmUpState At(int level, WarmUpPhase phase = WarmUpPhase.Ramping) => Days(Begin(), 3) with { Level = level, Budget = level, Day = 30, Phase = phase, History = [new(new(2026, 12, 2), Clean(level), true)] };

    [Fact]
    public void Begins_at_five_and_grows_by_two_on_weekdays()
    {
        var (state, budgets) = (Begin(), new List<int>());
        for (var i = 0; i < 14; i++)
        {
            budgets.Add(state.Budget);
            state = Days(state, 1);
        }

        Assert.Equal([5, 7, 9, 11, 13, 0, 0, 15, 17, 19, 21, 23, 0, 0], budgets);
    }

    [Fact]
    public void Reaches_full_volume_after_24_days_of_sending_and_stays()
    {
        var state = Days(Begin(), 30);
        Assert.Equal((49, WarmUpPhase.Ramping), (state.Budget, state.Phase));
        state = Days(state, 1);
        Assert.Equal((50, WarmUpPhase.Warm, WarmUpReason.Full, 24), (state.Budget, state.Phase, state.Reason, state.Day));
        Assert.Equal((50, WarmUpPhase.Warm), (Days(state, 7).Budget, Days(state, 7).Phase));
    }

    [Theory]
    [InlineData(1, WarmUpBand.Watch, WarmUpReason.HeldWatch, 20)]
    [InlineData(2, WarmUpBand.Watch, WarmUpReason.HeldWatch, 20)]
    [InlineData(3, WarmUpBand.Strained, WarmUpReason.CutDeferrals, 15)]
    [InlineData(7, WarmUpBand.Strained, WarmUpReason.CutDeferrals, 15)]
    [InlineData(8, WarmUpBand.Harmed, WarmUpReason.CutDeferrals, 10)]
    public void Deferrals_of_twenty_hold_or_cut(int deferred, WarmUpBand band, WarmUpReason reason, int level)
    {
        var state = Next(At(20) with { History = [] }, Clean(20) with { Deferred = deferred });
        Assert.Equal((band, reason, level), (state.Band, state.Reason, state.Level));
        Assert.Contains($"{deferred} of 20 deferred", state.Sentence);
    }

    [Theory]
    [InlineData(1, WarmUpReason.HeldWatch)]
    [InlineData(2, WarmUpReason.CutBounces)]
    public void Bounces_that_the_list_is_to_blame_for(int bounced, WarmUpReason reason) => Assert.Equal(reason, Next(At(20), Clean(20) with { Bounced = bounced }).Reason);

    [Theory]
    [InlineData(1, WarmUpReason.HeldWatch)]
    [InlineData(2, WarmUpReason.CutComplaints)]
    public void Complaints(int complained, WarmUpReason reason) => Assert.Equal(reason, Next(At(20), Clean(20) with { Complained = complained }).Reason);

    [Theory]
    [InlineData(3, WarmUpReason.HeldWatch)] // Of the 40 in the window.
    [InlineData(4, WarmUpReason.CutBlocks)]
    public void Refusals_of_the_sender(int blocked, WarmUpReason reason) => Assert.Equal(reason, Next(At(20), Clean(20) with { Blocked = blocked }).Reason);

    [Theory]
    [InlineData(0, WarmUpReason.Grew)]
    [InlineData(1, WarmUpReason.Grew)] // 5 %.
    [InlineData(2, WarmUpReason.HeldWatch)]
    [InlineData(7, WarmUpReason.CutPlacement)]
    public void Mail_found_in_junk(int inSpam, WarmUpReason reason) => Assert.Equal(reason, Next(At(20), Clean(20) with { Seen = 20, InSpam = inSpam }).Reason);

    [Fact]
    public void Nobody_answering_a_hundred_messages_holds()
    {
        var state = At(30) with { History = [.. Enumerable.Range(0, 6).Select(i => new WarmUpDay(Monday.AddDays(i), new(30, 0, 0, 0, 0, 0, 0, 0), true))] };
        Assert.Equal((WarmUpReason.HeldWatch, WarmUpCause.Replies), (Next(state, new(30, 0, 0, 0, 0, 0, 0, 0)).Reason, Next(state, new(30, 0, 0, 0, 0, 0, 0, 0)).Reading.Cause));
        Assert.Equal(WarmUpReason.Grew, Next(state, new(30, 0, 0, 0, 0, 0, 0, 4)).Reason);
    }

    [Fact]
    public void One_hit_holds_for_its_day_and_a_complaint_for_the_week()
    {
        Assert.Equal(WarmUpReason.Grew, Next(Next(At(20), Clean(20) with { Deferred = 1, Bounced = 1 }), Clean(20)).Reason);
        Assert.Equal(WarmUpReason.HeldWatch, Next(Next(At(20), Clean(20) with { Complained = 1 }), Clean(20)).Reason);
    }

    [Theory]
    [InlineData(0, WarmUpReason.CutDeferrals)]
    [InlineData(20, WarmUpReason.HeldWatch)] // 4 % are usual here, so five of fifty are not yet trouble.
    public void What_a_provider_always_defers_is_no_trouble(int usual, WarmUpReason reason) =>
        Assert.Equal(reason, Next(At(50) with { History = [], GoodSent = 450, GoodDeferred = usual }, Clean(50) with { Deferred = 5 }).Reason);

    [Fact]
    public void After_a_cut_it_rests_two_days_then_grows_by_one_and_near_the_trouble_every_other_day()
    {
        var state = Next(At(20) with { History = [] }, Clean(20) with { Deferred = 4 });
        Assert.Equal((15, WarmUpPhase.BackingOff), (state.Level, state.Phase));
        var levels = new List<(double, WarmUpReason)>();
        for (var i = 0; i < 14; i++)
        {
            state = Days(state, 1);
            if (state.Budget > 0) levels.Add((state.Level, state.Reason));
        }

        Assert.Equal([15, 15, 16, 17, 17, 18, 18, 19], levels.Take(8).Select(step => step.Item1));
        Assert.Equal((WarmUpReason.HeldAfterCut, WarmUpReason.HeldAfterCut), (levels[0].Item2, levels[1].Item2));
    }

    [Fact]
    public void One_cut_answers_its_signals_once()
    {
        var state = Next(At(40), Clean(40) with { Deferred = 8 });
        Assert.Equal(30, state.Level);
        Assert.Equal(30, Next(state, Clean(30)).Level);
        Assert.Equal(22.5, Next(state, Clean(30) with { Deferred = 9 }).Level);
    }

    [Fact]
    public void Never_below_the_start() => Assert.Equal(5, Enumerable.Range(0, 20).Aggregate(At(20), (state, _) => Days(state, 1, sent => Clean(sent) with { Deferred = sent })).Level);

    [Fact]
    public void Budget_that_is_not_used_earns_no_more()
    {
        Assert.Equal((WarmUpReason.HeldUnused, 20), (Next(At(20), Clean(15)).Reason, Next(At(20), Clean(15)).Level));
        Assert.Equal(WarmUpReason.Grew, Next(At(20), Clean(16)).Reason);
        var idle = Days(Begin(), 5, _ => WarmUpSignals.None);
        Assert.Equal((5, 1), (idle.Level, idle.Day));
    }

    [Fact]
    public void Idle_for_more_than_a_week_halves_once_and_for_more_than_a_month_begins_anew()
    {
        WarmUpState After(int days) => WarmUp.Next(At(40), Profile, WarmUpSignals.None, new DateOnly(2026, 12, 2).AddDays(days), 7, false);
        Assert.Equal(40, After(7).Level);
        Assert.Equal((20, WarmUpReason.CutIdle), (After(8).Level, After(8).Reason));
        Assert.Equal(20, Days(After(8), 6, _ => WarmUpSignals.None).Level);
        Assert.Equal((20, WarmUpReason.CutIdle), (After(30).Level, After(30).Reason));
        Assert.Equal((5, WarmUpReason.RestartedIdle, 1), (After(33).Level, After(33).Reason, After(33).Day));
    }

    [Fact]
    public void Rest_days_change_nothing_and_friday_is_judged_on_monday()
    {
        var friday = Days(Begin(), 4);
        var saturday = WarmUp.Next(friday, Profile, Clean(friday.Budget) with { Deferred = 9 }, friday.On.AddDays(1), 7, false);
        Assert.Equal((0, WarmUpReason.RestDay, friday.Level), (saturday.Budget, saturday.Reason, saturday.Level));
        var monday = Days(saturday, 2);
        Assert.Equal((DayOfWeek.Monday, WarmUpReason.CutDeferrals), (monday.On.DayOfWeek, monday.Reason));
        Assert.Equal(WarmUpReason.RestDay, WarmUp.Next(Begin(), Profile, Clean(5), Monday.AddDays(1), 7, isHoliday: true).Reason);
    }

    [Fact]
    public void Begun_on_a_saturday_the_first_day_is_monday()
    {
        var saturday = WarmUp.Start(Profile, new(2026, 11, 28), 7, false);
        Assert.Equal((0, 0, WarmUpReason.RestDay), (saturday.Budget, saturday.Day, saturday.Reason));
        var monday = Next(saturday, WarmUpSignals.None);
        Assert.Equal((5, 1, WarmUpReason.Started, DayOfWeek.Monday), (monday.Budget, monday.Day, monday.Reason, monday.On.DayOfWeek));
        Assert.Equal(7, Next(monday, Clean(5)).Budget);
    }

    [Fact]
    public void The_same_day_twice_is_one_step()
    {
        var state = Days(Begin(), 2);
        Assert.Same(state, WarmUp.Next(state, Profile, Clean(9), state.On, 7, false));
    }

    [Fact]
    public void Paused_sends_nothing_until_a_person_resumes_at_half()
    {
        var paused = WarmUp.Pause(At(40), "The bounce guard paused the mailbox.");
        Assert.Equal((0, WarmUpPhase.Paused), (paused.Budget, paused.Phase));
        Assert.Equal((0, WarmUpPhase.Paused), (Next(paused, WarmUpSignals.None).Budget, Next(paused, WarmUpSignals.None).Phase));
        var resumed = Days(WarmUp.Resume(paused, Profile), 1);
        Assert.Equal((20, WarmUpPhase.BackingOff, 20), (resumed.Level, resumed.Phase, resumed.Budget));
    }

    // The next day of sending.
    static WarmUpState Next(WarmUpState state, WarmUpSignals signals)
    {
        var next = WarmUp.Next(state, Profile, signals, state.On.AddDays(1), 7, false);
        return next.Reason == WarmUpReason.RestDay ? Next(next, WarmUpSignals.None) : next;
    }
}
