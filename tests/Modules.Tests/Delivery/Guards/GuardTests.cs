using PenguinMails.Delivery.Guards;
using PenguinMails.Insight.Intervals;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Modules.Tests.Delivery.Guards;

/// <summary>Guards warn, slow and pause, and only a person resumes.</summary>
public sealed class GuardTests
{
    static readonly GuardRule Mailbox = GuardRule.Of(GuardMeasure.Bounce, GuardSubject.Mailbox);
    static readonly GuardRule Campaign = GuardRule.Of(GuardMeasure.Bounce, GuardSubject.Campaign);
    static readonly GuardRule Complaints = GuardRule.Of(GuardMeasure.Complaint, GuardSubject.Domain);
    static readonly DateTimeOffset Now = new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero);

    static GuardVerdict Judge(GuardRule rule, long hits, long sent, GuardLevel from = GuardLevel.Clear) => Guard.Judge(rule, new(from, null), new(sent, hits), "mailbox anna@firm.example");

    [Theory]
    [InlineData(49, 49, GuardLevel.Clear, "bounce.too_few")]
    [InlineData(0, 50, GuardLevel.Clear, "bounce.clear")]
    [InlineData(1, 50, GuardLevel.Warn, "bounce.warn")]  // 2.0 %
    [InlineData(1, 51, GuardLevel.Clear, "bounce.clear")] // 1.96 %
    [InlineData(2, 50, GuardLevel.Warn, "bounce.warn")]  // At least 1.5 %.
    [InlineData(3, 50, GuardLevel.Slow, "bounce.slow")]  // At least 2.9 %.
    [InlineData(4, 50, GuardLevel.Pause, "bounce.pause")] // At least 4.3 %.
    [InlineData(0, 0, GuardLevel.Clear, "bounce.too_few")]
    public void Mailbox_with_few_messages_is_judged_by_what_is_known(long hits, long sent, GuardLevel level, string code) =>
        Assert.Equal((level, code), (Judge(Mailbox, hits, sent).Level, Judge(Mailbox, hits, sent).Code));

    [Theory]
    [InlineData(1.9, GuardLevel.Clear)]
    [InlineData(2.0, GuardLevel.Warn)]
    [InlineData(2.1, GuardLevel.Slow)]
    [InlineData(2.9, GuardLevel.Slow)]
    [InlineData(3.1, GuardLevel.Pause)]
    public void With_many_messages_the_thresholds_are_those_of_the_rule(double percent, GuardLevel level) =>
        Assert.Equal(level, Judge(Mailbox, (long)(percent * 10_000), 1_000_000).Level);

    [Theory]
    [InlineData(2.5, GuardLevel.Warn)]
    [InlineData(3.2, GuardLevel.Slow)]
    [InlineData(4.9, GuardLevel.Slow)]
    [InlineData(5.1, GuardLevel.Pause)]
    public void Campaign_pauses_at_five_percent(double percent, GuardLevel level) => Assert.Equal(level, Judge(Campaign, (long)(percent * 10_000), 1_000_000).Level);

    [Theory]
    [InlineData(0.07, GuardLevel.Clear)]
    [InlineData(0.09, GuardLevel.Warn)]
    [InlineData(0.12, GuardLevel.Slow)]
    [InlineData(0.28, GuardLevel.Slow)]
    [InlineData(0.32, GuardLevel.Pause)]
    public void Complaints_follow_the_numbers_of_google(double percent, GuardLevel level) => Assert.Equal(level, Judge(Complaints, (long)(percent * 10_000), 1_000_000).Level);

    [Fact]
    public void One_complaint_warns_and_pauses_nobody()
    {
        Assert.Equal(GuardLevel.Warn, Judge(Complaints, 1, 300).Level);
        Assert.Equal(GuardLevel.Pause, Judge(Complaints, 3, 300).Level);
    }

    [Theory]
    [InlineData(GuardLevel.Slow, 1.6, GuardLevel.Slow)]
    [InlineData(GuardLevel.Slow, 1.59, GuardLevel.Clear)]
    [InlineData(GuardLevel.Warn, 1.6, GuardLevel.Warn)]
    [InlineData(GuardLevel.Warn, 1.59, GuardLevel.Clear)]
    [InlineData(GuardLevel.Clear, 1.99, GuardLevel.Clear)]
    public void Level_is_left_a_fifth_below_what_raised_it(GuardLevel from, double percent, GuardLevel to) =>
        Assert.Equal(to, Judge(Mailbox, (long)Math.Round(percent * 10_000), 1_000_000, from).Level);

    [Fact]
    public void Few_messages_leave_a_level_as_it_is() => Assert.Equal(GuardLevel.Slow, Judge(Mailbox, 0, 49, GuardLevel.Slow).Level);

    [Fact]
    public void Pause_never_ends_by_itself_and_a_person_resumes_slowly_with_a_new_count()
    {
        var paused = Judge(Mailbox, 0, 1_000_000, GuardLevel.Pause);
        Assert.Equal((GuardLevel.Pause, "bounce.held"), (paused.Level, paused.Code));
        var resumed = Guard.Resume(paused.Next, Now);
        Assert.Equal(new GuardState(GuardLevel.Slow, Now), resumed);
        Assert.Equal(Now, Guard.CountedFrom(Mailbox, resumed, Now.AddDays(27)));
        Assert.Equal(Now.AddDays(1), Guard.CountedFrom(Mailbox, resumed, Now.AddDays(29)));
        Assert.Equal(Now.AddDays(-28), Guard.CountedFrom(Mailbox, GuardState.Clear, Now));
        Assert.Equal(GuardLevel.Pause, Guard.Judge(Mailbox, resumed, new(50, 4), "").Level);
    }

    [Theory]
    [InlineData(GuardLevel.Clear)]
    [InlineData(GuardLevel.Warn)]
    [InlineData(GuardLevel.Slow)]
    public void Resuming_what_is_not_paused_changes_nothing(GuardLevel level) => Assert.Equal(new(level, null), Guard.Resume(new(level, null), Now));

    [Fact]
    public void Verdict_carries_what_it_rests_on()
    {
        var verdict = Judge(Mailbox, 4, 50);
        Assert.Equal((4L, 50L, 0.08, 0.03), (verdict.Hits, verdict.Sent, verdict.Rate, verdict.Threshold));
        Assert.Equal(WilsonScore.Of(4, 50, 0.2), new(verdict.Low, verdict.High));
        Assert.Equal("Mailbox anna@firm.example: 4 bounces that the list is to blame for of 50 messages in 28 days (8 %, at least 4.3 % with 90 % confidence). "
            + "Sending is paused, because that is 3 % or more. Addresses on the list do not exist: check where they come from and verify them. Then resume it, with a reason.", verdict.Sentence);
    }

    [Theory]
    [InlineData(550, "5.1.1", "no such user", GuardMeasure.Bounce)]
    [InlineData(550, "5.1.2", "host unknown", GuardMeasure.Bounce)]
    [InlineData(552, "5.2.2", "mailbox full", null)]
    [InlineData(421, "4.7.28", "unusual rate of unsolicited mail", GuardMeasure.Block)]
    [InlineData(550, "5.7.26", "this mail is unauthenticated", GuardMeasure.Block)]
    [InlineData(554, "5.7.1", "rejected as spam", GuardMeasure.Block)]
    [InlineData(0, null, "connection timed out", null)]
    public void Only_what_the_list_is_to_blame_for_counts_as_a_bounce(int code, string? enhanced, string text, GuardMeasure? measure) =>
        Assert.Equal(measure, GuardRule.MeasureOf(BounceClassifier.Classify(code, enhanced, text)));

    [Fact]
    public void Every_category_of_the_list_is_a_bounce_and_no_other()
    {
        foreach (var category in Enum.GetValues<BounceCategory>())
        {
            var verdict = BounceClassifier.Of(category, "test", 1);
            Assert.Equal(verdict is { Class: BounceClass.Hard, Blame: BounceBlame.List }, GuardRule.MeasureOf(verdict) == GuardMeasure.Bounce);
        }

        Assert.Equal(GuardMeasure.Complaint, GuardRule.MeasureOf(BounceClassifier.Of(BounceCategory.Feedback, "test", 1)));
        Assert.Null(GuardRule.MeasureOf(BounceClassifier.Of(BounceCategory.Vacation, "test", 1)));
    }

    [Fact]
    public void Every_measure_has_its_thresholds_for_every_subject_in_order()
    {
        Assert.Equal(Enum.GetValues<GuardMeasure>().Length * Enum.GetValues<GuardSubject>().Length, GuardRule.All.Select(rule => (rule.Measure, rule.Subject)).Distinct().Count());
        Assert.All(GuardRule.All, rule => Assert.True(rule is { Warn: > 0, VolumeMin: >= 30, Days: >= 7 and <= 28 } && rule.Warn <= rule.Slow && rule.Slow < rule.Pause && rule.Source.Length > 20));
    }
}
