using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Modules.Tests.Oversight.Kpis;

/// <summary>How long the API took to answer: counted in steps, written by week, told as the 95th percentile.</summary>
public sealed class ApiTimesTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.1, 0)]
    [InlineData(0.1001, 1)]
    [InlineData(0.105, 1)]
    [InlineData(100, 142)]
    [InlineData(3_600_000, 320)]
    public void Steps_are_five_percent_wide(double ms, short bucket) => Assert.Equal(bucket, ApiTimes.BucketOf(ms));

    [Fact]
    public void The_percentile_is_never_too_low_and_at_most_a_step_too_high()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var times = Enumerable.Range(0, 1 + random.Next(500)).Select(_ => Math.Exp(random.NextDouble() * 9)).Order().ToList();
            var exact = times[(int)Math.Ceiling(times.Count * 0.95) - 1];
            var told = ApiTimes.Percentile(times.GroupBy(ApiTimes.BucketOf).OrderBy(step => step.Key).Select(step => (step.Key, (long)step.Count())), 0.95);
            Assert.InRange(told, exact * 0.999999, exact * 1.05);
        }
    }

    [Fact]
    public async Task Weeks_with_enough_requests_are_told_and_forgotten_in_time()
    {
        var clock = new TestClock(); // A Monday of March 2026; no other test counts here.
        var monday = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var times = new ApiTimes(clock);
        for (var i = 0; i < 999; i++) times.Count(TimeSpan.FromMilliseconds(20));
        clock.Advance(TimeSpan.FromDays(7));
        for (var i = 0; i < 960; i++) times.Count(TimeSpan.FromMilliseconds(20));
        await times.Write(database.Db, Ct);
        for (var i = 0; i < 100; i++) times.Count(TimeSpan.FromMilliseconds(400));
        await times.Write(database.Db, Ct);
        await times.Write(database.Db, Ct); // Nothing new.
        var (week, ms) = Assert.Single(await ApiTimes.Read(database.Db, monday, monday.AddDays(14), Ct));
        Assert.Equal(monday.AddDays(7), week);
        Assert.InRange(ms, 400, 420);
        Assert.Empty(await ApiTimes.Read(database.Db, monday, monday.AddDays(7), Ct)); // The week that runs is not closed.
        clock.Advance(TimeSpan.FromDays(7));
        var told = Assert.Single(await CompanyFacts.Read([], database.Db, clock, Ct), fact => fact.Kpi == "api_p95").Value;
        Assert.Equal((week, ms, "ms", 2), (told.Start, told.Value ?? 0, told.Unit, told.Version));
        await ApiTimes.Forget(database.Db, monday.AddDays(14), Ct);
        Assert.Empty(await ApiTimes.Read(database.Db, monday, monday.AddDays(14), Ct));
    }

    [Fact]
    public async Task What_could_not_be_written_is_kept()
    {
        var clock = new TestClock();
        clock.Advance(TimeSpan.FromDays(-7 * 52));
        var (times, monday) = (new ApiTimes(clock), DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
        for (var i = 0; i < 1_000; i++) times.Count(TimeSpan.FromMilliseconds(1));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => times.Write(database.Db, cancelled.Token));
        await times.Write(database.Db, Ct);
        Assert.Equal(monday, Assert.Single(await ApiTimes.Read(database.Db, monday, monday.AddDays(7), Ct)).Week);
    }
}
