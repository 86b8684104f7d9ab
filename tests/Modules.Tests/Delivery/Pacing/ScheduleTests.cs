using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Modules.Tests.Delivery.Pacing;

/// <summary>Windows on a wall clock, through changes of the clock.</summary>
public sealed class ScheduleTests
{
    static Schedule EveryDay(string zone, int from, int to) => Schedule.Always with { Zone = zone, Windows = [.. Enum.GetValues<DayOfWeek>().Select(day => new DayWindow(day, from, to))] };

    static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text + "Z");

    static (DateTimeOffset, DateTimeOffset)? Next(Schedule schedule, string now) =>
        schedule.Next(Utc(now), schedule.ZoneFor(null)) is { } span ? (span.Opens, span.Closes) : null;

    [Theory]
    [InlineData("2026-11-26T07:59", "2026-11-26T08:00", "2026-11-26T16:00")] // Thursday, 8:59 in Berlin.
    [InlineData("2026-11-26T15:59", "2026-11-26T08:00", "2026-11-26T16:00")]
    [InlineData("2026-11-26T16:00", "2026-11-27T08:00", "2026-11-27T16:00")]
    [InlineData("2026-11-27T16:00", "2026-11-30T08:00", "2026-11-30T16:00")] // Friday five o'clock.
    [InlineData("2026-03-27T16:00", "2026-03-30T07:00", "2026-03-30T15:00")] // Summer time began between.
    [InlineData("2026-10-23T15:00", "2026-10-26T08:00", "2026-10-26T16:00")] // And ended.
    public void Office_hours_open_at_nine_on_the_wall(string now, string opens, string closes) =>
        Assert.Equal((Utc(opens), Utc(closes)), Next(Schedule.Office("Europe/Berlin", ClockOf.Sender), now));

    [Theory]
    [InlineData(120, 180, null, null)]                                          // 2 to 3 does not exist on 29 March.
    [InlineData(150, 240, "2026-03-29T01:00", "2026-03-29T02:00")]              // From the first moment after the gap.
    [InlineData(60, 150, "2026-03-29T00:00", "2026-03-29T01:00")]
    [InlineData(0, 1440, "2026-03-28T23:00", "2026-03-29T22:00")]               // 23 hours.
    public void Skipped_hour_is_left_out(int from, int to, string? opens, string? closes)
    {
        var schedule = EveryDay("Europe/Berlin", from, to);
        var spans = schedule.On(new(2026, 3, 29), schedule.ZoneFor(null)).ToList();
        if (opens is null) Assert.Empty(spans);
        else Assert.Equal((Utc(opens), Utc(closes!)), (spans[0].Opens, spans[0].Closes));
    }

    [Theory]
    [InlineData(120, 180, "2026-10-25T01:00", "2026-10-25T02:00")]              // The second two o'clock.
    [InlineData(60, 150, "2026-10-24T23:00", "2026-10-25T00:30")]               // Until the first half past two.
    [InlineData(0, 1440, "2026-10-24T22:00", "2026-10-25T23:00")]               // 25 hours.
    public void Repeated_hour_opens_once(int from, int to, string opens, string closes)
    {
        var schedule = EveryDay("Europe/Berlin", from, to);
        var span = Assert.Single(schedule.On(new(2026, 10, 25), schedule.ZoneFor(null)));
        Assert.Equal((Utc(opens), Utc(closes)), (span.Opens, span.Closes));
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("America/Sao_Paulo")]
    [InlineData("Australia/Lord_Howe")] // Half an hour.
    [InlineData("Asia/Kathmandu")]
    [InlineData("Africa/Cairo")]        // At midnight.
    [InlineData("America/Santiago")]
    [InlineData("Pacific/Apia")]
    [InlineData("Africa/Casablanca")]
    public void Inside_a_span_the_wall_shows_a_time_within_the_window(string id)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(id);
        foreach (var (from, to) in new[] { (0, 1440), (0, 90), (30, 60), (90, 150), (120, 180), (150, 170), (540, 1020), (1380, 1440), (1410, 1440) })
        {
            var schedule = EveryDay(id, from, to);
            for (var date = new DateOnly(2026, 1, 1); date.Year == 2026; date = date.AddDays(1))
                foreach (var span in schedule.On(date, zone))
                {
                    Assert.True(span.Closes > span.Opens);
                    foreach (var moment in new[] { span.Opens, span.Opens + ((span.Closes - span.Opens) / 2), span.Closes.AddSeconds(-1) })
                    {
                        var wall = TimeZoneInfo.ConvertTime(moment, zone).TimeOfDay.TotalMinutes;
                        Assert.True(wall >= from && wall < to, $"{id} {date} {from} to {to}: {moment:u} is minute {wall}");
                    }
                }
        }
    }

    [Fact]
    public void Day_that_a_zone_left_out_has_no_window() =>
        Assert.Empty(EveryDay("Pacific/Apia", 540, 1020).On(new(2011, 12, 30), TimeZoneInfo.FindSystemTimeZoneById("Pacific/Apia")));

    [Fact]
    public void Holidays_are_left_out_and_only_holidays_never_open()
    {
        var schedule = Schedule.Office("Europe/Berlin", ClockOf.Sender) with { Holidays = new HashSet<DateOnly> { new(2026, 12, 25) } };
        Assert.Equal(Utc("2026-12-28T08:00"), Next(schedule, "2026-12-24T16:00")?.Item1);
        var never = schedule with { Holidays = Enumerable.Range(0, 800).Select(i => new DateOnly(2026, 1, 1).AddDays(i)).ToHashSet() };
        Assert.Null(Next(never, "2026-06-01T00:00"));
    }

    [Fact]
    public void Several_windows_of_a_day_open_in_turn()
    {
        var schedule = Schedule.Always with { Windows = [new(DayOfWeek.Thursday, 840, 960), new(DayOfWeek.Thursday, 540, 720)] };
        Assert.Equal(Utc("2026-11-26T09:00"), Next(schedule, "2026-11-26T00:00")?.Item1);
        Assert.Equal(Utc("2026-11-26T14:00"), Next(schedule, "2026-11-26T12:00")?.Item1);
    }

    [Theory]
    [InlineData(ClockOf.Recipient, "America/New_York", "America/New_York")]
    [InlineData(ClockOf.Recipient, null, "Europe/Berlin")]
    [InlineData(ClockOf.Recipient, "Mars/Olympus", "Europe/Berlin")]
    [InlineData(ClockOf.Sender, "America/New_York", "Europe/Berlin")]
    public void Clock_is_the_recipients_where_it_is_known(ClockOf clock, string? recipient, string zone) =>
        Assert.Equal(zone, Schedule.Office("Europe/Berlin", clock).ZoneFor(recipient).Id);

    [Fact]
    public void Faults_are_said()
    {
        var office = Schedule.Office("Europe/Berlin", ClockOf.Sender);
        Assert.True(office.IsValid(out _));
        Assert.True(Schedule.Always.IsValid(out _));
        Assert.Contains("time zone", Fault(office with { Zone = "Nowhere" }));
        Assert.Contains("weekday", Fault(office with { Windows = [] }));
        Assert.Contains("end after", Fault(office with { Windows = [new(DayOfWeek.Monday, 540, 540)] }));
        Assert.Contains("end after", Fault(office with { Windows = [new(DayOfWeek.Monday, 540, 1441)] }));
        Assert.Contains("overlap", Fault(office with { Windows = [new(DayOfWeek.Monday, 540, 720), new(DayOfWeek.Monday, 719, 800)] }));
        Assert.True((office with { Windows = [new(DayOfWeek.Monday, 540, 720), new(DayOfWeek.Monday, 720, 800)] }).IsValid(out _));
        Assert.Contains("24", Fault(office with { HourWeights = [1, 2] }));
    }

    static string Fault(Schedule schedule) => schedule.IsValid(out var fault) ? "" : fault;
}
