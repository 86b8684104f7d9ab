using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Modules.Tests.Delivery.Pacing;

/// <summary>When the next message of a mailbox may go, and why not before.</summary>
public sealed class PaceTests
{
    static readonly Schedule Office = Schedule.Office("Europe/Berlin", ClockOf.Recipient);
    static readonly Schedule Flat = Office with { HourWeights = [] };
    static readonly PaceRules Rules = new(30, 120, 0.5);

    static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text + "Z");

    static PaceVerdict Next(Schedule schedule, PaceRules rules, string now, DateTimeOffset[] sent, string? zone = null, RollingLimits? limits = null) =>
        Pace.Next(new(schedule, zone, rules, sent, 7), limits ?? new([]), ["mailbox"], Utc(now));

    [Fact]
    public void Goes_now_when_nothing_stands_in_the_way() =>
        Assert.Equal((Utc("2026-11-26T10:00"), PaceReason.Now), (Next(Flat, Rules, "2026-11-26T10:00", []).NotBefore, Next(Flat, Rules, "2026-11-26T10:00", []).Reason));

    [Theory]
    [InlineData(null, "2026-11-27T08:00")]
    [InlineData("America/New_York", "2026-11-26T17:00")]
    [InlineData("Asia/Tokyo", "2026-11-27T00:00")]
    public void Waits_for_the_window_on_the_recipients_clock(string? zone, string expected)
    {
        var verdict = Next(Flat, Rules, "2026-11-26T17:00", [], zone);
        Assert.Equal(Utc(expected), verdict.NotBefore);
        Assert.Equal(zone == "America/New_York" ? PaceReason.Now : PaceReason.WindowClosed, verdict.Reason);
    }

    [Fact]
    public void A_holiday_is_named()
    {
        var verdict = Next(Flat with { Holidays = new HashSet<DateOnly> { new(2026, 11, 27) } }, Rules, "2026-11-26T17:00", []);
        Assert.Equal((Utc("2026-11-30T08:00"), PaceReason.Holiday), (verdict.NotBefore, verdict.Reason));
        Assert.Equal("A holiday; not before Monday 30 November 09:00:00 in Europe/Berlin.", verdict.Sentence);
    }

    [Fact]
    public void Gap_is_never_shorter_and_at_most_the_jitter_longer()
    {
        var waits = Enumerable.Range(0, 2000).Select(i => Utc("2026-11-26T10:00").AddTicks(i))
            .Select(sent => (Pace.Next(new(Flat, null, Rules, [sent], 7), new([]), [], sent).NotBefore!.Value - sent).TotalSeconds).ToList();
        Assert.All(waits, wait => Assert.InRange(wait, 120, 180));
        Assert.True(waits.Max() - waits.Min() > 55, "the jitter uses its range");
        Assert.InRange(waits.Average(), 148, 152);
    }

    [Fact]
    public void The_same_question_gets_the_same_answer_and_another_seed_another()
    {
        PaceVerdict Ask(long seed) => Pace.Next(new(Office, null, Rules, [Utc("2026-11-26T10:00")], seed), new([]), [], Utc("2026-11-26T10:00"));
        Assert.Equal(Ask(1), Ask(1));
        Assert.NotEqual(Ask(1).NotBefore, Ask(2).NotBefore);
    }

    [Theory]
    [InlineData(29, PaceReason.Now, "2026-11-26T15:00")]
    [InlineData(30, PaceReason.WindowClosed, "2026-11-27T08:00")]
    [InlineData(31, PaceReason.WindowClosed, "2026-11-27T08:00")]
    public void Cap_of_the_day_holds(int sent, PaceReason reason, string expected)
    {
        var verdict = Next(Flat, Rules, "2026-11-26T15:00", [.. Enumerable.Range(0, sent).Select(i => Utc("2026-11-26T08:00").AddMinutes(i))]);
        Assert.Equal((Utc(expected), reason), (verdict.NotBefore, verdict.Reason));
    }

    [Fact]
    public void Rolling_limit_decides_and_is_named()
    {
        var limits = new RollingLimits([new("mailbox", new(1, 3600))]);
        limits.Record(["mailbox"], Utc("2026-11-26T10:00"));
        var verdict = Next(Flat, Rules, "2026-11-26T10:30", [], limits: limits);
        Assert.Equal((Utc("2026-11-26T11:00"), PaceReason.RollingLimit), (verdict.NotBefore, verdict.Reason));
        Assert.Contains("mailbox had 1 within 60 minutes", verdict.Sentence);
    }

    [Fact]
    public void Nothing_to_send_and_no_window_never_go()
    {
        Assert.Equal((null, PaceReason.Never), (Next(Flat, Rules with { PerDay = 0 }, "2026-11-26T10:00", []).NotBefore, Next(Flat, Rules with { PerDay = 0 }, "2026-11-26T10:00", []).Reason));
        Assert.Equal(PaceReason.Never, Next(Office with { HourWeights = new int[24] }, Rules, "2026-11-26T10:00", []).Reason);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(30)]
    [InlineData(47)]
    public void Quotas_of_the_hours_add_up_and_follow_the_weights(int total)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var slots = DayShape.Of(Office, new(2026, 11, 26), Office.ZoneFor(null), total, seed);
            Assert.Equal((8, total), (slots.Count, slots.Sum(slot => slot.Quota)));
            var sum = Office.HourWeights.Sum();
            for (var i = 0; i < 8; i++) Assert.InRange(slots[i].Quota, Math.Floor(total * Office.HourWeights[9 + i] / (double)sum), Math.Ceiling(total * Office.HourWeights[9 + i] / (double)sum));
        }
    }

    [Theory]
    [InlineData("2026-03-29", 23)]
    [InlineData("2026-10-25", 25)]
    public void Day_of_a_changing_clock_has_its_own_number_of_hours(string date, int hours)
    {
        var schedule = Schedule.Always with { Zone = "Europe/Berlin", HourWeights = [.. Enumerable.Repeat(1, 24)] };
        var slots = DayShape.Of(schedule, DateOnly.Parse(date), schedule.ZoneFor(null), 100, 1);
        Assert.Equal((hours, 100), (slots.Count, slots.Sum(slot => slot.Quota)));
    }

    // Two weeks over a change of the clock, sending whenever it says so.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whoever_obeys_breaks_no_rule(int seed)
    {
        var random = new Random(seed);
        string[] zones = ["Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kathmandu"];
        var zone = zones[random.Next(zones.Length)];
        var schedule = Schedule.Office(zone, ClockOf.Sender) with { Holidays = new HashSet<DateOnly> { new(2026, 10, 27) } };
        if (random.Next(3) == 0) schedule = schedule with { HourWeights = [] };
        var rules = new PaceRules(random.Next(1, 60), random.Next(10, 600), random.NextDouble());
        var limits = new RollingLimits([new("mailbox", new(random.Next(1, 20), 3600)), new("mailbox", new(rules.PerDay, 86400))]);
        var (now, sent) = (Utc("2026-10-20T00:00").AddMinutes(random.Next(2000)), new List<DateTimeOffset>());
        while (now < Utc("2026-11-04T00:00"))
        {
            var verdict = Pace.Next(new(schedule, null, rules, sent, seed), limits, ["mailbox"], now);
            Assert.True(verdict.NotBefore >= now, $"seed {seed}");
            Assert.Equal(verdict.NotBefore == now, verdict.Reason == PaceReason.Now);
            now = verdict.NotBefore!.Value;
            if (Pace.Next(new(schedule, null, rules, sent, seed), limits, ["mailbox"], now).Reason != PaceReason.Now) Assert.Fail($"seed {seed}: what it said does not hold at {now:O}");
            sent.Add(now);
            limits.Record(["mailbox"], now);
        }

        Check(schedule, rules, sent, seed);
    }

    static void Check(Schedule schedule, PaceRules rules, List<DateTimeOffset> sent, int seed)
    {
        var zone = schedule.ZoneFor(null);
        var walls = sent.ConvertAll(at => TimeZoneInfo.ConvertTime(at, zone));
        Assert.True(sent.Count >= rules.PerDay / 4, $"seed {seed} sent only {sent.Count}");
        Assert.All(walls, wall => Assert.True(wall.Hour is >= 9 and < 17 && wall.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && wall.Day != 27, $"seed {seed}: {wall}"));
        Assert.All(walls.GroupBy(wall => wall.Date), day => Assert.True(day.Count() <= rules.PerDay, $"seed {seed}: {day.Count()} on {day.Key}"));
        Assert.All(sent.Zip(sent.Skip(1)), pair => Assert.True((pair.Second - pair.First).TotalSeconds >= rules.GapSeconds, $"seed {seed}"));
        Assert.All(sent, begins => Assert.True(sent.Count(at => at >= begins && at < begins.AddDays(1)) <= rules.PerDay, $"seed {seed}"));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];
}
