using PenguinMails.Delivery.Pacing;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Modules.Tests.Delivery.Queue;

/// <summary>Windows on a wall clock, through changes of the clock, holidays, and the hours of a day.</summary>
public sealed class SendWindowTests
{
    static SendWindow EveryDay(string zone, int from, int to) => new(zone, 127, from, to);

    static readonly SendWindow Office = new("Europe/Berlin", 0b001_1111, 9 * 60, 17 * 60);

    static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text + "Z");

    [Theory]
    [InlineData("2026-11-26T07:59", "2026-11-26T08:00", "2026-11-26T16:00")] // Thursday, 8:59 in Berlin.
    [InlineData("2026-11-26T15:59", "2026-11-26T08:00", "2026-11-26T16:00")]
    [InlineData("2026-11-26T16:00", "2026-11-27T08:00", "2026-11-27T16:00")]
    [InlineData("2026-11-27T16:00", "2026-11-30T08:00", "2026-11-30T16:00")] // Friday five o'clock.
    [InlineData("2026-03-27T16:00", "2026-03-30T07:00", "2026-03-30T15:00")] // Summer time began between.
    [InlineData("2026-10-23T15:00", "2026-10-26T08:00", "2026-10-26T16:00")] // And ended.
    public void Office_hours_open_at_nine_on_the_wall(string now, string opens, string closes) => Assert.Equal(new(Utc(opens), Utc(closes)), Office.Next(Utc(now)));

    [Theory]
    [InlineData(120, 180, "2026-03-30T00:00", "2026-03-30T01:00")]              // 2 to 3 does not exist on 29 March: the day after.
    [InlineData(150, 240, "2026-03-29T01:00", "2026-03-29T02:00")]              // From the first moment after the gap.
    [InlineData(60, 150, "2026-03-29T00:00", "2026-03-29T01:00")]
    [InlineData(0, 1440, "2026-03-28T23:00", "2026-03-29T22:00")]               // 23 hours.
    public void A_skipped_hour_is_left_out(int from, int to, string opens, string closes) =>
        Assert.Equal(new(Utc(opens), Utc(closes)), EveryDay("Europe/Berlin", from, to).Next(Utc("2026-03-28T23:00")));

    [Theory]
    [InlineData(120, 180, "2026-10-25T01:00", "2026-10-25T02:00")]              // The second two o'clock.
    [InlineData(60, 150, "2026-10-24T23:00", "2026-10-25T00:30")]               // Until the first half past two.
    [InlineData(0, 1440, "2026-10-24T22:00", "2026-10-25T23:00")]               // 25 hours.
    public void A_repeated_hour_opens_once(int from, int to, string opens, string closes) =>
        Assert.Equal(new(Utc(opens), Utc(closes)), EveryDay("Europe/Berlin", from, to).Next(Utc("2026-10-24T22:00")));

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("Australia/Lord_Howe")] // Half an hour.
    [InlineData("Asia/Kathmandu")]
    [InlineData("Africa/Cairo")]        // At midnight.
    [InlineData("America/Santiago")]
    [InlineData("Pacific/Apia")]
    [InlineData("Africa/Casablanca")]
    public void Inside_a_window_the_wall_shows_a_time_within_it(string id)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(id);
        foreach (var (from, to) in new[] { (0, 1440), (0, 90), (30, 60), (90, 150), (120, 180), (150, 170), (540, 1020), (1380, 1440), (1410, 1440) })
        {
            var window = EveryDay(id, from, to);
            for (var span = window.Next(Utc("2026-01-01T00:00")); span.Opens.Year == 2026; span = window.Next(span.Closes))
            {
                Assert.True(span.Closes > span.Opens);
                foreach (var moment in new[] { span.Opens, span.Opens + ((span.Closes - span.Opens) / 2), span.Closes.AddSeconds(-1) })
                {
                    var wall = TimeZoneInfo.ConvertTime(moment, zone).TimeOfDay.TotalMinutes;
                    Assert.True(wall >= from && wall < to, $"{id} {from} to {to}: {moment:u} is minute {wall}");
                }
            }
        }
    }

    [Fact]
    public void A_day_that_a_zone_left_out_has_no_window() =>
        Assert.Equal(Utc("2011-12-30T19:00"), EveryDay("Pacific/Apia", 540, 1020).NextOpen(Utc("2011-12-30T04:00"))); // From Thursday 29th straight to Saturday 31st.

    [Fact]
    public void Holidays_are_left_out_where_the_recipient_is()
    {
        var plan = new SendPlan(Office, ClockOf.Sender, DayShape.None, true);
        RecipientWindow For(string country, string zone) => plan.For(new(new(country, default, default), zone));
        var (german, american, unknown) = (For("DE", "Europe/Berlin"), For("US", ""), For("", ""));
        var unityEve = Utc("2025-10-02T15:00"); // The Day of German Unity 2025 was a Friday.
        Assert.Equal((Utc("2025-10-06T07:00"), Utc("2025-10-03T07:00"), Utc("2025-10-03T07:00")), (german.NextOpen(unityEve), american.NextOpen(unityEve), unknown.NextOpen(unityEve)));
        Assert.Equal(Utc("2026-11-27T08:00"), american.NextOpen(Utc("2026-11-26T08:00"))); // Thanksgiving.
        Assert.True(german.IsHoliday(Utc("2025-10-02T22:00")) && !german.IsHoliday(Utc("2025-10-02T21:59"))); // Midnight in Berlin.
        Assert.Null((plan with { SkipsHolidays = false }).For(new(new("DE", default, default), "")).Holidays);
    }

    [Theory]
    [InlineData(ClockOf.Recipient, "America/New_York", "America/New_York")]
    [InlineData(ClockOf.Recipient, "", "Europe/Berlin")]
    [InlineData(ClockOf.Recipient, "Mars/Olympus", "Europe/Berlin")]
    [InlineData(ClockOf.Sender, "America/New_York", "Europe/Berlin")]
    public void The_clock_is_the_recipients_where_it_is_known(ClockOf clock, string recipient, string zone) =>
        Assert.Equal(zone, new SendPlan(Office, clock, DayShape.None, false).For(RecipientFacts.Unknown with { Zone = recipient }).Window.Zone);

    /// <summary>80 over eight hours: ten an hour when flat, as the working day has it else, and all of them at the end.</summary>
    [Fact]
    public void The_hours_share_the_day()
    {
        var span = Office.Next(Utc("2026-11-26T08:00"));
        long[] Most(DayShape shape, long budget) => [.. DayShapes.Hours(shape, span, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), budget).Select(hour => hour.Most)];
        Assert.Equal([10, 20, 30, 40, 50, 60, 70, 80], Most(DayShape.Flat, 80));
        Assert.Equal([12, 26, 38, 44, 53, 65, 74, 81], Most(DayShape.WorkingDay, 81)); // Of 69 parts: 10, 12, 10, 5, 8, 10, 8, 6.
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1], Most(DayShape.Flat, 1));
        Assert.Empty(Most(DayShape.None, 80));
    }
}
