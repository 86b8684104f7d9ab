using PenguinMails.Core;
using PenguinMails.Delivery.Conversations;

namespace PenguinMails.Modules.Tests.Delivery.Conversations;

/// <summary>Who writes whom, over pools drawn by chance; the seed is printed.</summary>
public sealed class PairingTests
{
    static readonly HashSet<(Guid, Guid)> NoPast = [];

    static Guid Id(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new(bytes);
    }

    static List<PoolMember> Pool(Random random, int members, int tenants, int providers, int languages = 1, int quota = 10)
    {
        var accounts = Enumerable.Range(0, tenants).Select(_ => new TenantId(Id(random))).ToList();
        return [.. Enumerable.Range(0, members).Select(i => new PoolMember(Id(random), accounts[i % tenants], $"p{random.Next(providers)}", $"l{random.Next(languages)}", random.Next(quota + 1), random.Next(quota + 1)))];
    }

    [Fact]
    public void Never_within_an_account_never_beyond_a_budget_never_again_and_always_the_same()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var pool = Pool(random, random.Next(0, 60), random.Next(1, 12), random.Next(1, 5), random.Next(1, 4));
            var past = Enumerable.Range(0, pool.Count * 2).Select(_ => Pair.Of(pool[random.Next(pool.Count)].Mailbox, pool[random.Next(pool.Count)].Mailbox)).ToHashSet();
            var pairs = Pairing.Draw(pool, past, round);
            var byId = pool.ToDictionary(member => member.Mailbox);
            Assert.All(pairs, pair => Assert.True(
                byId[pair.From].Tenant != byId[pair.To].Tenant && byId[pair.From].Language == byId[pair.To].Language && !past.Contains(pair.Both), $"seed {seed}, round {round}: {pair}"));
            Assert.Equal(pairs.Count, pairs.Select(pair => pair.Both).Distinct().Count());
            Assert.All(pool, member => Assert.True(
                pairs.Count(pair => pair.From == member.Mailbox) <= member.Starts && pairs.Count(pair => pair.To == member.Mailbox) <= member.Room, $"seed {seed}, round {round}: {member}"));
            Assert.Equal(pairs, Pairing.Draw([.. pool.OrderBy(_ => random.Next())], past, round));
        }
    }

    [Fact]
    public void Nobody_is_left_out_and_nobody_gets_much_more_than_the_others()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var pool = Pool(new Random(seed), 60, 20, 4).ConvertAll(member => member with { Starts = 5, Room = 10 });
            var pairs = Pairing.Draw(pool, NoPast, seed);
            Assert.Equal(300, pairs.Count);
            Assert.All(pool, member => Assert.InRange(pairs.Count(pair => pair.To == member.Mailbox), 3, 8));
            // Jain's index: 1 when all get the same.
            var got = pool.ConvertAll(member => (double)pairs.Count(pair => pair.To == member.Mailbox));
            Assert.True(Math.Pow(got.Sum(), 2) / (got.Count * got.Sum(n => n * n)) > 0.95);
        }
    }

    [Fact]
    public void Across_providers_where_there_are_two()
    {
        var pool = Pool(new Random(1), 40, 10, 2).ConvertAll(member => member with { Starts = 3, Room = 10 });
        var byId = pool.ToDictionary(member => member.Mailbox);
        Assert.All(Pairing.Draw(pool, NoPast, 1), pair => Assert.NotEqual(byId[pair.From].Provider, byId[pair.To].Provider));
    }

    [Fact]
    public void One_account_alone_has_nobody_to_write_to() => Assert.Empty(Pairing.Draw(Pool(new Random(1), 30, 1, 3), NoPast, 1));

    [Fact]
    public void A_thousand_mailboxes_are_paired_within_seconds()
    {
        var pool = Pool(new Random(1), 3_000, 300, 6).ConvertAll(member => member with { Starts = 5, Room = 10 });
        var began = TimeProvider.System.GetTimestamp();
        Assert.Equal(15_000, Pairing.Draw(pool, NoPast, 1).Count);
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20));
    }
}
