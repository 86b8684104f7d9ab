using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Modules.Tests.Delivery.Pacing;

/// <summary>No limit is exceeded in any rolling window, and nothing waits longer than that takes.</summary>
public sealed class RollingLimitsTests
{
    static readonly DateTimeOffset Start = new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero);

    static RollingLimits Of(params (string Key, int Count, int Seconds)[] limits) => new(limits.Select(limit => new KeyedLimit(limit.Key, new(limit.Count, limit.Seconds))));

    [Fact]
    public void Count_is_free_and_the_next_waits_until_the_first_leaves_the_window()
    {
        var limits = Of(("a", 2, 60));
        Assert.Equal(new(Start, null), limits.Next(["a"], Start));
        limits.Record(["a"], Start);
        limits.Record(["a"], Start.AddSeconds(10));
        Assert.Equal(Start.AddSeconds(60), limits.Next(["a"], Start.AddSeconds(10)).At);
        Assert.Equal(Start.AddSeconds(60), limits.Next(["a"], Start.AddSeconds(60).AddTicks(-1)).At);
        Assert.Null(limits.Next(["a"], Start.AddSeconds(60)).Limit);
    }

    [Fact]
    public void Midnight_resets_nothing()
    {
        var (limits, late) = (Of(("a", 30, 86400)), new DateTimeOffset(2026, 11, 26, 23, 0, 0, TimeSpan.Zero));
        for (var i = 0; i < 30; i++) limits.Record(["a"], late.AddMinutes(i));
        Assert.Equal(late.AddDays(1), limits.Next(["a"], late.AddHours(2)).At);
    }

    [Fact]
    public void The_limit_that_decides_is_named_and_other_keys_are_free()
    {
        var limits = Of(("a", 1, 60), ("b", 1, 600));
        limits.Record(["a", "b"], Start);
        Assert.Equal(("b", Start.AddSeconds(600)), (limits.Next(["a", "b"], Start).Limit!.Key, limits.Next(["a", "b"], Start).At));
        Assert.Equal(("a", Start.AddSeconds(60)), (limits.Next(["a"], Start).Limit!.Key, limits.Next(["a"], Start).At));
        Assert.Null(limits.Next(["c"], Start).Limit);
    }

    [Fact]
    public void A_clock_that_jumped_back_finds_the_place_that_is_left()
    {
        var limits = Of(("a", 1, 60));
        limits.Record(["a"], Start);
        limits.Record(["a"], Start.AddSeconds(130));
        Assert.Equal(Start.AddSeconds(70), limits.Next(["a"], Start.AddSeconds(70)).At); // 60 s from either.
        Assert.Equal(Start.AddSeconds(190), limits.Next(["a"], Start.AddSeconds(71)).At);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_window_ever_holds_more_and_no_message_waits_in_vain(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 100; round++)
        {
            var all = Enumerable.Range(0, random.Next(1, 5)).Select(i => new KeyedLimit("k" + random.Next(3), new(random.Next(1, 6), random.Next(1, 40)))).ToList();
            var (limits, sent, now) = (new RollingLimits(all), new List<(long At, string[] Keys)>(), Start);
            for (var i = 0; i < 60; i++)
            {
                // Back behind the newest by at most the shortest window, so that every tape still knows what is needed.
                now = now.AddMilliseconds(random.Next(10) == 0 ? -random.Next(all.Min(limit => limit.Rate.Seconds) * 1000) : random.Next(8000));
                if (sent.Count > 0 && sent.Max(one => one.At) - (all.Min(limit => limit.Rate.Seconds) * TimeSpan.TicksPerSecond) is var earliest && now.UtcTicks < earliest) now = new(earliest, TimeSpan.Zero);
                string[] keys = [.. Enumerable.Range(0, 3).Where(_ => random.Next(2) == 0).Select(k => "k" + k)];
                var opening = limits.Next(keys, now);
                Assert.True(opening.At >= now, $"seed {seed}, round {round}");
                Assert.True(Holds(all, [.. sent, (opening.At.UtcTicks, keys)]), $"seed {seed}, round {round}, message {i} breaks a limit");
                if (opening.At > now) Assert.False(IsFreeBetween(all, sent, keys, now, opening.At), $"seed {seed}, round {round}, message {i} could have gone before");
                if (random.Next(4) == 0) continue; // Asked and not sent.
                if (random.Next(2) == 0) now = opening.At;
                else if (opening.At != now) continue;
                sent.Add((opening.At.UtcTicks, keys));
                limits.Record(keys, opening.At);
            }
        }
    }

    // By brute force: a window that begins at each message, and must not hold more.
    static bool Holds(List<KeyedLimit> all, List<(long At, string[] Keys)> sent) => all.All(limit =>
    {
        var moments = sent.Where(one => one.Keys.Contains(limit.Key)).Select(one => one.At).ToList();
        return moments.All(begins => moments.Count(moment => moment >= begins && moment < begins + limit.Rate.Window.Ticks) <= limit.Rate.Count);
    });

    // Freedom begins only at now, or at the end of a window that some message opened.
    static bool IsFreeBetween(List<KeyedLimit> all, List<(long At, string[] Keys)> sent, string[] keys, DateTimeOffset now, DateTimeOffset found) =>
        sent.SelectMany(one => all.Select(limit => one.At + limit.Rate.Window.Ticks)).Append(now.UtcTicks)
            .Where(moment => moment >= now.UtcTicks && moment < found.UtcTicks)
            .Any(moment => Holds(all, [.. sent, (moment, keys)]));

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];
}
