using System.Collections.Frozen;
using PenguinMails.Core;
using PenguinMails.Delivery.Messages;
using PenguinMails.Insight;
using PenguinMails.Oversight.Brief;

namespace PenguinMails.Modules.Tests.Oversight;

public sealed class BriefTests(TestDatabase database)
{
    static readonly DateTimeOffset Wednesday = new(2026, 3, 4, 9, 0, 0, TimeSpan.Zero);
    static readonly DateOnly FirstMonday = new(2025, 12, 1);

    [Fact]
    public async Task A_new_workspace_hears_what_is_missing()
    {
        var actor = Actor.System(database.NewTenant(), new WorkspaceId(Guid.CreateVersion7()));
        var brief = (await ReadBrief.Handle(actor, database.Db, database.Clock, TestContext.Current.CancellationToken)).Value;
        Assert.Equal(Direction.NotEnoughData, brief.Verdict.Direction);
        Assert.Equal(12, brief.Verdict.WeeksMissing);
        Assert.Equal(200, brief.Verdict.MessagesMissing);
        Assert.Equal(0, brief.Totals.Sent);
    }

    [Fact]
    public async Task Without_permission_nothing_is_told()
    {
        var actor = new Actor(ActorKind.Person, database.NewTenant(), null, null, "usr_x", FrozenSet<string>.Empty);
        var refused = await ReadBrief.Handle(actor, database.Db, database.Clock, TestContext.Current.CancellationToken);
        Assert.Equal("permission.missing", refused.Problem?.Code);
    }

    [Theory]
    [InlineData(11, Direction.NotEnoughData)]
    [InlineData(12, Direction.Improving)]
    [InlineData(13, Direction.Improving)]
    public void Twelve_closed_weeks_are_judged_and_eleven_are_not(int weeks, Direction expected)
    {
        var now = new DateTimeOffset(FirstMonday.AddDays(7 * weeks + 7), TimeOnly.MinValue, TimeSpan.Zero);
        var brief = ReadBrief.Judge([.. Enumerable.Range(0, weeks).Select(w => Day(FirstMonday.AddDays(7 * w), 100, 1 + w))], 0, now);
        Assert.Equal(expected, brief.Verdict.Direction);
    }

    [Fact]
    public void A_week_is_judged_only_once_its_answers_had_a_week_to_come()
    {
        var days = new[] { Day(new(2026, 2, 16), 10, 1), Day(new(2026, 2, 23), 10, 0), Day(new(2026, 3, 2), 10, 0) };
        var weeks = ReadBrief.Judge(days, 0, Wednesday).Weeks;
        Assert.Equal([false, true, true], weeks.Select(w => w.IsOpen));
    }

    [Fact]
    public void Days_from_Monday_to_Sunday_make_one_week()
    {
        var days = new[] { Day(new(2026, 2, 15), 1, 0), Day(new(2026, 2, 16), 2, 0), Day(new(2026, 2, 22), 3, 0), Day(new(2026, 2, 23), 4, 0) };
        var weeks = ReadBrief.Judge(days, 0, Wednesday).Weeks;
        Assert.Equal([(new DateOnly(2026, 2, 9), 1L), (new(2026, 2, 16), 5L), (new(2026, 2, 23), 4L)], weeks.Select(w => (w.Start, w.Sent)));
    }

    [Fact]
    public void Totals_reach_back_28_days_with_today()
    {
        var days = new[] { Day(new(2026, 2, 4), 100, 0), Day(new(2026, 2, 5), 10, 1), Day(new(2026, 3, 4), 1, 0) };
        var totals = ReadBrief.Judge(days, 3, Wednesday).Totals;
        Assert.Equal((11, 1, 3), (totals.Sent, totals.Answered, totals.InDoubt));
    }

    [Fact]
    public void More_answers_than_messages_still_standing_as_sent_are_judged_without_a_failure()
    {
        var day = new DayCounts(new(2026, 2, 2), 2, 0, 2, 1, 0, 0);
        Assert.Equal(Direction.NotEnoughData, ReadBrief.Judge([day], 0, Wednesday).Verdict.Direction);
    }

    static DayCounts Day(DateOnly day, long sent, long answered) => new(day, sent, sent, 0, answered, 0, 0);
}
