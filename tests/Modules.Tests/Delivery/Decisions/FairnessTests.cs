using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Transport;

namespace PenguinMails.Modules.Tests.Delivery.Decisions;

/// <summary>100 accounts compete for few places; one of them has 200 mailboxes with a million messages. In a database of its own, because lanes are claimed across all accounts.</summary>
public sealed class FairnessTests
{
    const int Accounts = 100, LanesOfTheLarge = 200, Places = 8, Rounds = 500;
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_account_with_a_million_messages_gets_its_share_and_no_more()
    {
        var folder = Path.Combine(Path.GetTempPath(), "penguin-fair-" + Environment.ProcessId);
        try
        {
            await using var cluster = await PrivateCluster.Start(folder, durable: false, TimeProvider.System, Ct);
            await using var owner = cluster.Database.OpenAsOwner();
            await Migrator.Apply(owner, [.. AllModules.List.SelectMany(m => Migrator.From(m.Assembly))], TimeProvider.System, Ct);
            await using var source = cluster.Database.Open();
            var db = new TenantDb(source, new Subscribers(), new JobSignal());
            var served = await Compete(db);
            var jain = Math.Pow(served.Values.Sum(), 2) / (Accounts * served.Values.Sum(n => n * n));
            Assert.Equal(Accounts, served.Count);
            Assert.True(jain > 0.95, $"Jain {jain:F3}: {string.Join(' ', served.Values.Order())}");
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    // A place is free again after one to four rounds, as stretches of different length end.
    static async Task<Dictionary<TenantId, double>> Compete(TenantDb db)
    {
        var (random, clock) = (new Random(7), new TestClock());
        await FillLanes(db, clock.GetUtcNow());
        var (served, busy) = (new Dictionary<TenantId, double>(), new List<(Lane Lane, int Until)>());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (lane, _) in busy.Where(b => b.Until <= round))
                await Lanes.Release(db, lane, clock.GetUtcNow(), 0, "", "", clock.GetUtcNow(), Ct);
            busy.RemoveAll(b => b.Until <= round);
            clock.Advance(TimeSpan.FromSeconds(1));
            foreach (var lane in await Lanes.Claim(db, Places - busy.Count, TimeSpan.FromSeconds(60), clock.GetUtcNow(), Ct))
            {
                var length = random.Next(1, 5);
                busy.Add((lane, round + length));
                served[lane.Tenant] = served.GetValueOrDefault(lane.Tenant) + length;
            }
        }

        return served;
    }

    // Each lane has one message that is always due: what waits behind it makes no difference to the claim.
    static async Task FillLanes(TenantDb db, DateTimeOffset now)
    {
        await using var tx = await db.BeginUnscoped(Ct);
        for (var account = 0; account < Accounts; account++)
            for (var (lane, tenant) = (0, Guid.CreateVersion7()); lane < (account == 0 ? LanesOfTheLarge : 1); lane++)
            {
                var mailbox = Guid.CreateVersion7();
                await tx.Execute("insert into delivery.lane (mailbox_id, tenant_id, ready_at) values ($1, $2, $3)", Ct, mailbox, tenant, now);
                await tx.Execute("insert into delivery.queue (tenant_id, message_id, campaign_id, mailbox_id, due_at) values ($1, $2, $3, $4, $5)", Ct, tenant, Guid.CreateVersion7(), Guid.CreateVersion7(), mailbox, now);
            }

        await tx.Commit(Ct);
    }
}
