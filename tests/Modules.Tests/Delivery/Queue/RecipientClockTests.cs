using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Modules.Tests.Delivery.Queue;

/// <summary>When a message leaves, for recipients in different places. The clock of these tests begins on Monday 2 March 2026, 9 o'clock UTC.</summary>
public sealed class RecipientClockTests(TestDatabase database)
{
    static readonly SendWindow Office = new("Etc/UTC", 0b001_1111, 9 * 60, 17 * 60);
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static RecipientFacts In(string country, string zone) => new(new(country, RecipientKind.Employee, LawfulBasis.None), zone);

    async Task<Dictionary<string, ExplainMessage.Output>> Why(SendingWorld world)
    {
        var all = new Dictionary<string, ExplainMessage.Output>();
        foreach (var message in await world.Messages()) all[message.Address] = (await ExplainMessage.Handle(world.Actor, message.Id, database.Db, world.Clock, Ct)).Value;
        return all;
    }

    static string[] Got(SendingWorld world) => [.. world.Received.Select(delivery => delivery.Recipients[0].Text).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task Each_gets_it_in_the_morning_of_their_own_day()
    {
        await using var world = await SendingWorld.Create(database, plan: new(Office, ClockOf.Recipient, DayShape.None, false));
        await world.Enqueue("tokyo@firm.example", In("", "Asia/Tokyo"));       // 18:00 there: tomorrow.
        await world.Enqueue("denver@firm.example", In("", "America/Denver"));  // 2:00 there: in seven hours.
        await world.Enqueue("nowhere@firm.example", In("", ""));               // Nobody knows: the campaign's zone.
        await world.Dispatch();
        Assert.Equal(["nowhere@firm.example"], Got(world));
        var why = await Why(world);
        Assert.Equal(("window_closed", "window_closed", world.Clock.GetUtcNow().AddHours(7)), (why["denver@firm.example"].Code, why["denver@firm.example"].StoredCode, why["denver@firm.example"].Until!.Value));
        Assert.Equal(world.Clock.GetUtcNow().AddHours(15), why["tokyo@firm.example"].Until);
        Assert.Contains("Asia/Tokyo", why["tokyo@firm.example"].Reason, StringComparison.Ordinal);

        world.Clock.Advance(TimeSpan.FromHours(7));
        await world.Dispatch();
        Assert.Equal(["denver@firm.example", "nowhere@firm.example"], Got(world));
        world.Clock.Advance(TimeSpan.FromHours(8));
        await world.Dispatch();
        Assert.Equal(3, Got(world).Length);
    }

    /// <summary>A window that closed for one, found when the message is taken, holds back nobody elsewhere.</summary>
    [Fact]
    public async Task A_window_that_closed_for_one_is_open_for_another()
    {
        await using var world = await SendingWorld.Create(database, plan: new(Office, ClockOf.Recipient, DayShape.None, false));
        await world.Enqueue("late@firm.example", In("", "Asia/Kolkata")); // 14:30 there, open until 11:30 UTC.
        await world.Enqueue("here@firm.example", In("", "Europe/Lisbon"));
        world.Clock.Advance(TimeSpan.FromHours(4));
        await world.Dispatch();
        Assert.Equal(["here@firm.example"], Got(world));
        Assert.Equal(new DateTimeOffset(2026, 3, 3, 3, 30, 0, TimeSpan.Zero), (await Why(world))["late@firm.example"].Until);
    }

    [Fact]
    public async Task A_zone_learnt_later_reaches_what_waits()
    {
        await using var world = await SendingWorld.Create(database, plan: new(Office with { FromMinute = 12 * 60 }, ClockOf.Recipient, DayShape.None, false));
        var contact = await world.Enqueue("anna@firm.example", In("", ""));
        await world.Dispatch();
        Assert.Empty(world.Received);
        await world.InTenant(tx => RefreshRecipients.Within(tx, [new(contact, "anna@firm.example", In("", "Asia/Dubai"))], world.Clock.GetUtcNow(), Ct)); // 13:00 there.
        await world.Dispatch();
        Assert.Single(world.Received);
    }

    [Fact]
    public async Task A_holiday_of_the_recipients_country_is_left_out()
    {
        await using var world = await SendingWorld.Create(database, plan: new(Office, ClockOf.Sender, DayShape.None, true));
        world.Clock.Advance(TimeSpan.FromDays(32)); // Good Friday, 3 April 2026.
        await world.Enqueue("gb@firm.example", In("GB", "Europe/London") with { Consent = new("GB", RecipientKind.Employee, LawfulBasis.LegitimateInterest) });
        await world.Enqueue("us@firm.example", In("US", ""));
        await world.Dispatch();
        Assert.Equal(["us@firm.example"], Got(world));
        var why = (await Why(world))["gb@firm.example"];
        Assert.Equal(("caps", "holiday", "holiday", new DateTimeOffset(2026, 4, 7, 9, 0, 0, TimeSpan.Zero)), (why.Step, why.Code, why.StoredCode, why.Until!.Value)); // Easter Monday is one, too.
        world.Clock.Advance(TimeSpan.FromDays(4));
        await world.Dispatch();
        Assert.Equal(2, Got(world).Length);
    }

    [Fact]
    public async Task Who_is_away_gets_it_after_the_day_of_return_and_an_answer_ends_the_absence()
    {
        await using var world = await SendingWorld.Create(database, window: Office);
        await world.InTenant(tx => NoteAbsence.Within(tx, "anna@firm.example", new(2026, 3, 6), world.Clock.GetUtcNow(), Ct));
        await world.InTenant(tx => NoteAbsence.Within(tx, "bert@firm.example", new(2030, 3, 6), world.Clock.GetUtcNow(), Ct)); // A wrong year.
        await world.Enqueue("anna@firm.example", "bert@firm.example");
        await world.Dispatch();
        Assert.Equal(["bert@firm.example"], Got(world));
        var why = (await Why(world))["anna@firm.example"];
        Assert.Equal(("caps", "recipient_away", "recipient_away", new DateTimeOffset(2026, 3, 9, 9, 0, 0, TimeSpan.Zero)), (why.Step, why.Code, why.StoredCode, why.Until!.Value)); // Friday; Monday at nine.
        Assert.Contains("6 March 2026", why.Reason, StringComparison.Ordinal);

        await world.InTenant(tx => NoteAbsence.Within(tx, "anna@firm.example", new(2026, 3, 3), world.Clock.GetUtcNow(), Ct)); // The latest notice counts.
        await world.Dispatch();
        Assert.Equal(new DateTimeOffset(2026, 3, 4, 9, 0, 0, TimeSpan.Zero), (await Why(world))["anna@firm.example"].Until);
        await world.InTenant(tx => NoteAbsence.IsBack(tx, "anna@firm.example", world.Clock.GetUtcNow(), Ct));
        await world.Dispatch();
        Assert.Equal(2, Got(world).Length);
    }

    [Fact]
    public async Task The_hour_gives_its_share_and_the_next_one_more()
    {
        await using var world = await SendingWorld.Create(database, cap: 16, plan: new(Office, ClockOf.Sender, DayShape.Flat, false));
        await world.Enqueue([.. Enumerable.Range(0, 20).Select(i => $"r{i:00}@firm.example")]);
        await world.Dispatch();
        Assert.Equal(2, world.Received.Count);
        var why = (await Why(world)).Values.First(one => one.State == "queued");
        Assert.Equal(("caps", "hour_share", "hour_share", world.Clock.GetUtcNow().AddHours(1)), (why.Step, why.Code, why.StoredCode, why.Until!.Value));
        world.Clock.Advance(TimeSpan.FromMinutes(59));
        await world.Dispatch();
        Assert.Equal(2, world.Received.Count);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Dispatch();
        Assert.Equal(4, world.Received.Count);
        world.Clock.Advance(TimeSpan.FromHours(6)); // 16:00: what the hours between did not use is not lost.
        await world.Dispatch();
        Assert.Equal(16, world.Received.Count);
        Assert.Equal("daily_cap", (await Why(world)).Values.First(one => one.State == "queued").Code);
    }

    /// <summary>A warm-up's budget is spread like a cap, when it is less.</summary>
    [Fact]
    public void A_warm_up_budget_is_spread_as_well()
    {
        var now = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
        var when = new SendPlan(Office, ClockOf.Sender, DayShape.Flat, false).For(RecipientFacts.Unknown);
        Assert.Null(new HourShares(8, []).Full(when, 0, now));
        Assert.Equal(new(1, 1, now.AddHours(1)), new HourShares(8, []).Full(when, 1, now));
        Assert.Equal(new(3, 1, now.AddHours(3)), new HourShares(8, [new(now, 3)]).Full(when, 0, now));
        Assert.Equal(new(8, 8, now.AddHours(24)), new HourShares(8, [new(now, 8)]).Full(when, 0, now.AddHours(7.5))); // All of it: tomorrow.
        Assert.Null(new HourShares(8, [new(now.AddMinutes(-5), 8)]).Full(when, 0, now)); // Before the window opened.
    }

    /// <summary>Random windows, shapes, caps and gaps, served by several workers at random times: no hour, no stretch of 24 hours and no gap ever holds more than it may.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task No_limit_is_passed_in_any_stretch_of_time(int seed)
    {
        var random = new Random(seed);
        var from = random.Next(0, 10) * 60 + random.Next(0, 4) * 15;
        var window = new SendWindow(random.Next(2) == 0 ? "Europe/Berlin" : "America/St_Johns", 127, from, from + random.Next(4, 13) * 60 + random.Next(0, 4) * 15);
        var (cap, gap) = (random.Next(5, 40), random.Next(2) * random.Next(20, 400));
        var plan = new SendPlan(window, ClockOf.Sender, random.Next(2) == 0 ? DayShape.Flat : DayShape.WorkingDay, true);
        await using var world = await SendingWorld.Create(database, cap: cap, gap: gap, connections: gap > 0 ? 1 : random.Next(1, 4), plan: plan);
        await world.Enqueue([.. Enumerable.Range(0, 150).Select(i => $"r{i}@firm{i % 7}.example")]);
        for (var turn = 0; turn < 160; turn++)
        {
            await Task.WhenAll(world.Dispatch(), world.Dispatch());
            world.Clock.Advance(TimeSpan.FromSeconds(random.Next(1, 3600)));
        }

        List<DateTimeOffset> sent = [];
        await world.InTenant(async tx => sent = await tx.List("select at from delivery.attempt where tenant_id = $1 order by at limit 1000", row => row.GetFieldValue<DateTimeOffset>(0), Ct, world.Tenant));
        Assert.True(sent.Count > cap, $"only {sent.Count} were sent at a cap of {cap}");
        var zone = TimeZoneInfo.FindSystemTimeZoneById(window.Zone);
        for (var i = 0; i < sent.Count; i++)
        {
            var span = window.Next(sent[i]);
            Assert.True(sent[i] >= span.Opens, $"{sent[i]:u} is outside the window");
            var most = DayShapes.Hours(plan.Shape, span, zone, cap).First(hour => hour.Ends > sent[i]).Most;
            Assert.True(sent.Count(at => at >= span.Opens && at <= sent[i]) <= most, $"more than {most} by {sent[i]:u}");
            Assert.True(sent.Count(at => at <= sent[i] && at > sent[i].AddHours(-24)) <= cap, $"more than {cap} in 24 hours by {sent[i]:u}");
            if (i > 0) Assert.True((sent[i] - sent[i - 1]).TotalSeconds >= gap, $"{sent[i]:u} is too soon");
        }
    }
}
