using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Links;

namespace PenguinMails.Delivery.Conversations;

/// <summary>The job of the pool: tells what was found, plans the day of each mailbox, and writes the messages that are due. While the platform does not offer the pool it ends what is under way.</summary>
static class Converse
{
    const int Seconds = 60;

    public static void AddTo(JobKinds jobs) => jobs.Every("delivery.converse", Seconds, (run, ct) =>
        Once(run.Db, run.Need<Tokens>(), run.Need<DeliveryOptions>().Pool, run.Need<TimeProvider>().GetUtcNow(), ct));

    public static async Task Once(TenantDb db, Tokens tokens, PoolOptions pool, DateTimeOffset now, CancellationToken ct)
    {
        await TellPlacements.Run(db, now, ct);
        if (!pool.IsOn)
        {
            await Silence(db, now, ct);
            return;
        }

        await PlanConversations.Run(db, pool, now, ct);
        await TakeTurns.Run(db, tokens, now, ct);
    }

    /// <summary>For a lane about to send: its mailbox's conversations end when the platform offers the pool no more.</summary>
    public static async Task SilenceLane(TenantDb db, TenantId tenant, Guid mailbox, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        if (!await PoolMembers.Is(tx, mailbox, ct)) return;
        await PoolMembers.Silence(tx, [mailbox], now, ct);
        await tx.Commit(ct);
    }

    static async Task Silence(TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var tenant in (await PoolMembers.All(db, ct)).GroupBy(member => member.Tenant, member => member.Mailbox))
        {
            await using var tx = await db.Begin(tenant.Key, ct);
            await PoolMembers.Silence(tx, [.. tenant], now, ct);
            await tx.Commit(ct);
        }
    }
}
