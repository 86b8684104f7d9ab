using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Decisions;

namespace PenguinMails.Modules.Tests.Delivery.Conversations;

/// <summary>People write in their working hours, and how much is bounded by what the mailbox may send.</summary>
public sealed class TurnTimesTests
{
    [Theory]
    [InlineData("Etc/UTC")]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("Asia/Kolkata")]
    public void Starts_and_replies_lie_in_working_hours_after_now_also_when_clocks_change(string name)
    {
        var (window, zone) = (Member.WindowOf(name), TimeZoneInfo.FindSystemTimeZoneById(name));
        for (var hour = 0; hour < 24 * 40; hour++)
        {
            var now = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero).AddHours(hour);
            foreach (var at in new[] { TurnTimes.Start(window, now, hour, 1), TurnTimes.Reply(window, now, hour, 1) })
            {
                var local = TimeZoneInfo.ConvertTime(at, zone);
                Assert.True(at >= now && local.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday), $"{now:u} gave {local:u}");
                Assert.InRange(local.TimeOfDay, TimeSpan.FromHours(9), TimeSpan.FromHours(17.5));
            }

            Assert.InRange(TurnTimes.Reply(window, now, hour, 1) - now, TimeSpan.FromMinutes(4), TimeSpan.FromDays(4));
        }
    }

    [Fact]
    public void Delays_differ_from_minutes_to_a_day()
    {
        var now = new DateTimeOffset(2026, 3, 3, 9, 0, 0, TimeSpan.Zero);
        var delays = Enumerable.Range(0, 500).Select(seed => TurnTimes.Reply(Member.WindowOf("Etc/UTC"), now, seed, 1) - now).ToList();
        Assert.True(delays.Count(delay => delay < TimeSpan.FromMinutes(30)) > 100 && delays.Count(delay => delay > TimeSpan.FromHours(5)) > 100);
        Assert.True(delays.Distinct().Count() > 450);
    }

    [Theory]
    [InlineData("2026-03-02T08:00:00Z", 1)]
    [InlineData("2026-03-02T09:00:00Z", 1)]
    [InlineData("2026-03-02T13:15:00Z", 0.5)]
    [InlineData("2026-03-02T17:30:00Z", 0)]
    [InlineData("2026-03-07T12:00:00Z", 0)]
    public void What_is_left_of_the_day(string now, double left) => Assert.Equal(left, TurnTimes.Left(Member.WindowOf("Etc/UTC"), DateTimeOffset.Parse(now)), 3);

    [Theory]
    [InlineData(10, 1000, null, 10)]
    [InlineData(10, 6, null, 3)]
    [InlineData(10, 1000, 5, 3)]
    [InlineData(2, 1000, 50, 2)]
    [InlineData(20, 1000, 0, 0)]
    [InlineData(20, 1000, 1, 1)]
    public void At_most_half_of_what_the_mailbox_may_send_is_for_the_pool(int perDay, int cap, int? budget, int quota) =>
        Assert.Equal(quota, ReadRoom.Quota(perDay, cap, budget is { } most ? new WarmUpFact("mailbox", "a", most, 0, default) : null));

    [Theory]
    [InlineData(10, 0, 0, 1, 7)]
    [InlineData(10, 0, 4, 1, 4)]
    [InlineData(10, 6, 4, 1, 0)]
    [InlineData(10, 0, 0, 0.5, 4)]
    [InlineData(1, 0, 0, 0.1, 1)]
    [InlineData(0, 0, 0, 1, 0)]
    public void Starts_leave_room_for_answers(int quota, int sent, int owed, double left, int starts) =>
        Assert.Equal(starts, PlanConversations.Starts(new Room("x", quota, sent, owed, 0), left, new PoolOptions()));
}
