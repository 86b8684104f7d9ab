using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Modules.Tests.Delivery.Pacing;

/// <summary>Which days offices are closed.</summary>
public sealed class HolidayCalendarTests
{
    [Theory]
    [InlineData(1818, "03-22")] // The earliest there is.
    [InlineData(1943, "04-25")] // The latest.
    [InlineData(1954, "04-18")] // Two exceptions of the rule.
    [InlineData(1981, "04-19")]
    [InlineData(2000, "04-23")]
    [InlineData(2024, "03-31")]
    [InlineData(2026, "04-05")]
    [InlineData(2027, "03-28")]
    [InlineData(2038, "04-25")]
    public void Easter(int year, string date) => Assert.Equal(DateOnly.Parse($"{year}-{date}"), HolidayCalendar.EasterSunday(year));

    [Theory]
    [InlineData(2024, "05-05")]
    [InlineData(2025, "04-20")] // The same day as in the west.
    [InlineData(2026, "04-12")]
    [InlineData(2027, "05-02")]
    [InlineData(2083, "04-11")]
    public void Easter_of_the_eastern_churches(int year, string date) => Assert.Equal(DateOnly.Parse($"{year}-{date}"), HolidayCalendar.OrthodoxEasterSunday(year));

    [Theory]
    [InlineData("DE", "2026-01-01 2026-04-03 2026-04-06 2026-05-01 2026-05-14 2026-05-25 2026-10-03 2026-12-25 2026-12-26")]
    [InlineData("GB", "2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-26 2026-12-28")]
    [InlineData("US", "2026-01-01 2026-01-19 2026-02-16 2026-05-25 2026-06-19 2026-07-03 2026-07-04 2026-09-07 2026-10-12 2026-11-11 2026-11-26 2026-12-25")]
    [InlineData("FR", "2026-01-01 2026-04-06 2026-05-01 2026-05-08 2026-05-14 2026-05-25 2026-07-14 2026-08-15 2026-11-01 2026-11-11 2026-12-25")]
    [InlineData("GR", "2026-01-01 2026-01-06 2026-02-23 2026-03-25 2026-04-10 2026-04-13 2026-05-01 2026-06-01 2026-08-15 2026-10-28 2026-12-25 2026-12-26")]
    [InlineData("FI", "2026-01-01 2026-01-06 2026-04-03 2026-04-06 2026-05-01 2026-05-14 2026-06-19 2026-12-06 2026-12-24 2026-12-25 2026-12-26")]
    [InlineData("IS", "2026-01-01 2026-04-02 2026-04-03 2026-04-06 2026-04-23 2026-05-01 2026-05-14 2026-05-25 2026-06-17 2026-08-03 2026-12-25 2026-12-26")]
    [InlineData("CA", "2026-01-01 2026-04-03 2026-05-18 2026-07-01 2026-09-07 2026-09-30 2026-10-12 2026-11-11 2026-12-25 2026-12-26 2026-12-28")]
    [InlineData("IE", "2026-01-01 2026-02-02 2026-03-17 2026-04-06 2026-05-04 2026-06-01 2026-08-03 2026-10-26 2026-12-25 2026-12-26")]
    public void Days_of_2026(string country, string days) =>
        Assert.Equal(days.Split(' ').Select(day => DateOnly.Parse(day)), HolidayCalendar.Of(country)!.Between(2026, 2026).Order());

    [Fact]
    public void Two_days_on_a_weekend_move_to_two_weekdays() =>
        Assert.Equal([new(2027, 12, 25), new(2027, 12, 26), new(2027, 12, 27), new(2027, 12, 28)], HolidayCalendar.Of("GB")!.Between(2027, 2027).Where(day => day.Month == 12).Order());

    [Fact]
    public void New_years_day_on_a_saturday_is_observed_in_the_year_before() =>
        Assert.Contains(new DateOnly(2027, 12, 31), HolidayCalendar.Of("US")!.Between(2027, 2027));

    [Fact]
    public void Every_country_of_the_EEA_has_its_days() =>
        Assert.All("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO".Split(' '), country => Assert.NotNull(HolidayCalendar.Of(country)));

    [Fact]
    public void Unknown_country_has_none() => Assert.Null(HolidayCalendar.Of("XX"));

    [Fact]
    public void Every_calendar_is_whole() => Assert.All(HolidayCalendar.All, calendar =>
    {
        Assert.Matches("^[A-Z]{2}$", calendar.Country);
        Assert.InRange(calendar.Between(2026, 2036).Count(day => day.Year == 2030), 7, 16);
        Assert.NotEmpty(calendar.Source);
        Assert.All(calendar.Weekdays, weekday => Assert.True(weekday.Which is -1 or (>= 1 and <= 4)));
    });
}
