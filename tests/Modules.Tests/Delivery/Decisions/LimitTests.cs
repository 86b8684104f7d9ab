using System.Collections.Concurrent;
using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Transport;

namespace PenguinMails.Modules.Tests.Delivery.Decisions;

/// <summary>No limit is ever exceeded in any stretch of time, however many workers take at once and whatever they give back.</summary>
public sealed class LimitTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static readonly LimitPlace Known = new("sender.example", "mail.sender.example");

    static readonly LimitPlace New = new("sender.example", "smtp.office365.com", "0123456789abcdef0123456789abcdef", IsNew: true);

    static Claimed Message(string address, string provider) => new(new(Guid.CreateVersion7()), default, default, default, address, "{}", 0, SendWindow.Always, provider);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task No_stretch_of_time_ever_holds_more_than_the_limit(int seed)
    {
        var random = new Random(seed);
        var place = seed % 2 == 0 ? Known : New;
        SendLimit[] limits =
        [
            new("account", "*", 3600, random.Next(20, 40)), new("account", "*", 300, random.Next(3, 9)), new("company", "*", 1800, 3), new("company", "big.example", 1800, 6), new("provider", "google", 600, 4),
        ];
        var book = new LimitBook(place, limits);
        var tenant = database.NewTenant();
        var taken = new List<(DateTimeOffset At, Claimed Message)>();
        var now = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
        for (var turn = 0; turn < 120; turn++)
        {
            now = now.AddSeconds(random.Next(0, 120) * (random.Next(10) == 0 ? 20 : 1));
            var wishes = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Message(random.Next(3) switch { 0 => "a@big.example", 1 => "b@small.example", _ => "c@other.example" }, random.Next(2) == 0 ? "google" : "zoho")).ToList();
            await using var tx = await database.Db.Begin(tenant, Ct);
            await book.LockAll(tx, wishes, Ct);
            var refused = await book.Take(tx, wishes, now, Ct);
            var passed = wishes.Where(m => !refused.ContainsKey(m.Id.Value)).ToList();
            var unused = passed.Where(_ => random.Next(5) == 0).ToList();
            await book.Return(tx, unused.Select(m => (m, now)), Ct);
            await tx.Commit(Ct);
            taken.AddRange(passed.Except(unused).Select(m => (now, m)));
            Assert.All(refused.Values, fact => Assert.True(fact.Until > now));
        }

        Assert.True(taken.Count > 40, $"only {taken.Count} were taken");
        AssertKept(place, limits, taken);
    }

    [Fact]
    public async Task Several_workers_at_once_keep_the_limit_together()
    {
        SendLimit[] limits = [new("account", "*", 60, 25), new("company", "*", 60, 10)];
        var book = new LimitBook(new("sender.example", "mail.sender.example"), limits);
        var tenant = database.NewTenant();
        var taken = new ConcurrentBag<(DateTimeOffset, Claimed)>();
        var start = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
        await Parallel.ForEachAsync(Enumerable.Range(0, 80), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (turn, ct) =>
        {
            var now = start.AddSeconds(turn / 2);
            Claimed[] wishes = [Message("a@big.example", ""), Message("b@small.example", "")];
            await using var tx = await database.Db.Begin(tenant, ct);
            await book.LockAll(tx, wishes, ct);
            var refused = await book.Take(tx, wishes, now, ct);
            await tx.Commit(ct);
            foreach (var message in wishes.Where(m => !refused.ContainsKey(m.Id.Value))) taken.Add((now, message));
        });
        Assert.Equal(20, taken.Count); // Ten for each company, and room for both in the account's.
        AssertKept(Known, limits, [.. taken]);
    }

    /// <summary>T-Online takes 30 an hour from who is new to it, and Microsoft 365 30 a minute from one of its mailboxes.</summary>
    [Fact]
    public async Task Several_workers_at_once_keep_the_numbers_of_providers_together()
    {
        var book = new LimitBook(New, []);
        var tenant = database.NewTenant();
        var taken = new ConcurrentBag<(DateTimeOffset, Claimed)>();
        var start = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
        await Parallel.ForEachAsync(Enumerable.Range(0, 60), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (turn, ct) =>
        {
            var now = start.AddSeconds(turn * 2);
            Claimed[] wishes = [Message("a@t-online.de", "t_online"), Message("b@t-online.de", "t_online"), Message("c@firm.example", "mx:firm.example"), Message("d@firm.example", "mx:firm.example")];
            await using var tx = await database.Db.Begin(tenant, ct);
            await book.LockAll(tx, wishes, ct);
            var refused = await book.Take(tx, wishes, now, ct);
            await tx.Commit(ct);
            foreach (var message in wishes.Where(m => !refused.ContainsKey(m.Id.Value))) taken.Add((now, message));
        });
        Assert.InRange(taken.Count(one => one.Item2.Provider == "t_online"), 1, 30);
        Assert.InRange(taken.Count, 40, 60); // Two minutes of thirty.
        AssertKept(New, [], [.. taken]);
    }

    [Fact]
    public void A_providers_number_holds_for_who_is_new_to_it_until_the_account_sets_another()
    {
        LimitUse[] Hourly(LimitPlace place, params SendLimit[] limits) => [.. place.Uses(limits, "a@t-online.de", "t_online").Where(use => use.Scope == "domain_provider")];
        Assert.Equal([new("domain_provider", "sender.example/t_online", 3600, 30, IsDefault: true)], Hourly(New));
        Assert.Empty(Hourly(New with { IsNew = false }));
        Assert.Equal([new("domain_provider", "sender.example/t_online", 3600, 500)], Hourly(New, new SendLimit("domain_provider", "sender.example/t_online", 3600, 500)));
        Assert.Equal([new("domain_provider", "sender.example/t_online", 3600, 10)], Hourly(New, new SendLimit("domain_provider", "*", 3600, 10)));
        Assert.Equal([30, 1], Hourly(New, new SendLimit("domain_provider", "*", 60, 1)).Select(use => use.Most).OrderDescending()); // Over another stretch both hold.
        Assert.DoesNotContain(New.Uses([], "a@firm.example", ""), use => use.Scope == "domain_provider"); // Who receives is not known yet.
    }

    [Fact]
    public void A_mailbox_at_a_provider_keeps_to_what_that_takes()
    {
        Assert.Equal([(60, 30), (86400, 10000)], New.Uses([], "a@firm.example", "").Select(use => (use.WindowSeconds, use.Most)));
        Assert.Empty(Known.Uses([], "a@firm.example", ""));
        Assert.Equal([(86400, 10000), (60, 5)], New.Uses([new("mailbox", "*", 60, 5)], "a@firm.example", "").Select(use => (use.WindowSeconds, use.Most)).OrderByDescending(use => use.WindowSeconds));
        Assert.True(New.HasDefaults);
        Assert.False(Known.HasDefaults);
    }

    [Fact]
    public async Task A_limit_of_nothing_lets_nothing_through_and_names_no_time()
    {
        var book = new LimitBook(new("sender.example", "mail.sender.example"), [new("domain", "sender.example", 60, 0)]);
        var wish = Message("a@big.example", "");
        await using var tx = await database.Db.Begin(database.NewTenant(), Ct);
        Assert.Null(Assert.Single(await book.Take(tx, [wish], database.Clock.GetUtcNow(), Ct)).Value.Until);
        Assert.Null(Assert.Single(await book.Full(tx, [new(wish.Address, "")], database.Clock.GetUtcNow(), Ct)).Value.Until);
    }

    [Fact]
    public async Task A_recipient_at_a_consumer_provider_has_no_company()
    {
        var book = new LimitBook(new("sender.example", "mail.sender.example"), [new("company", "*", 60, 1)]);
        await using var tx = await database.Db.Begin(database.NewTenant(), Ct);
        Assert.Empty(await book.Take(tx, [Message("a@gmail.com", "google"), Message("b@gmail.com", "google")], database.Clock.GetUtcNow(), Ct));
    }

    // By the definition: every stretch that ends with a message.
    static void AssertKept(LimitPlace place, IReadOnlyList<SendLimit> limits, IReadOnlyList<(DateTimeOffset At, Claimed Message)> taken)
    {
        foreach (var key in taken.SelectMany(t => place.Uses(limits, t.Message.Address, t.Message.Provider)).Distinct())
        {
            var times = taken.Where(t => place.Uses(limits, t.Message.Address, t.Message.Provider).Contains(key)).Select(t => t.At).ToList();
            foreach (var end in times)
                Assert.True(times.Count(at => at <= end && at > end.AddSeconds(-key.WindowSeconds)) <= key.Most, $"{key} at {end}");
        }
    }
}
