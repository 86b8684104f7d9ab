using PenguinMails.Core.Db;
using PenguinMails.Delivery.Guards;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Queue;

/// <summary>What a mailbox can bear of a campaign.</summary>
/// <param name="Capacity">Messages a day: its cap, halved while a guard slows it, or its warm-up's budget; 0 when it is sick.</param>
/// <param name="Sickness">Why it sends nothing by itself for now; empty while it is well.</param>
public sealed record PoolSender(Guid Mailbox, int Capacity, string Sickness);

/// <summary>The mailboxes that a campaign sends from: how much each gets, and where the unsent messages of a sick one go. In the caller's transaction.</summary>
public static class SenderPool
{
    const int SlotsMax = 1_000;
    const int FailuresOfSick = 5; // Tries of its server in a row, over about two and a half minutes.

    const string SelectGuards = "select key, level = 'pause' from delivery.guard where tenant_id = $1 and subject = 'mailbox' and level in ('slow', 'pause') limit 10000";

    const string SelectBudgets = "select key, budget, phase = 'paused' from delivery.warm_up where tenant_id = $1 and subject = 'mailbox' limit 100000";

    const string SelectTroubled = "select mailbox_id from delivery.lane where tenant_id = $1 and mailbox_id = any($2) and failures >= $3 limit 10000";

    // The lanes of both sides first, in one order: as whoever else changes many rows of a queue.
    const string LockLanes = "select 1 from delivery.lane where tenant_id = $1 and mailbox_id = any($2) order by mailbox_id limit 10000 for update";

    // Never tried, so no server has heard of them: nobody can get one twice, and no thread has begun.
    const string Move = """
        with unsent as (
          select m.id, row_number() over (order by m.due_at, m.id) - 1 as n
          from delivery.queue q
          join delivery.message m on m.tenant_id = q.tenant_id and m.id = q.message_id
          where q.tenant_id = $1 and q.campaign_id = $2 and q.mailbox_id = $3 and m.state = 'queued' and m.attempt = 0
          limit $5),
        moved as (
          update delivery.message m
          set mailbox_id = ($4::uuid[])[1 + u.n % cardinality($4::uuid[])]
          from unsent u
          where m.tenant_id = $1 and m.id = u.id
          returning m.id, m.mailbox_id)
        update delivery.queue q
        set mailbox_id = moved.mailbox_id, due_at = case when q.held in ('', 'campaign_paused') then q.due_at else $6 end, held = case when q.held = 'campaign_paused' then q.held else '' end
        from moved
        where q.tenant_id = $1 and q.message_id = moved.id
        """;

    /// <summary>Messages that are moved in one transaction.</summary>
    public const int MovedMax = 10_000;

    /// <returns>One for each that still exists, in the order given.</returns>
    public static async Task<IReadOnlyList<PoolSender>> Look(TenantTx tx, IReadOnlyList<Guid> mailboxes, CancellationToken ct)
    {
        var states = (await ReadSendingState.Within(tx, mailboxes, ct)).ToDictionary(state => state.Id.Value);
        var guards = (await tx.List(SelectGuards, row => (Key: row.GetString(0), IsPaused: row.GetBoolean(1)), ct, tx.Tenant)).ToLookup(guard => guard.Key, guard => guard.IsPaused);
        var budgets = (await tx.List(SelectBudgets, row => (Key: row.GetString(0), Budget: row.GetInt32(1), IsPaused: row.GetBoolean(2)), ct, tx.Tenant)).ToDictionary(b => b.Key);
        var troubled = (await tx.List(SelectTroubled, row => row.GetGuid(0), ct, tx.Tenant, mailboxes.ToArray(), FailuresOfSick)).ToHashSet();
        return [.. mailboxes.Where(states.ContainsKey).Select(id => Of(states[id], [.. guards[id.ToString("N")]], budgets.TryGetValue(id.ToString("N"), out var budget) ? budget : null, troubled.Contains(id)))];

        static PoolSender Of(SendingState state, bool[] guards, (string Key, int Budget, bool IsPaused)? warmUp, bool isTroubled)
        {
            var sickness = state.IsPaused ? "paused" : state.IsConsentLost ? "consent_lost" : guards.Contains(true) ? "guard_paused" : warmUp?.IsPaused == true ? "warm_up_paused" : isTroubled ? "unreachable" : "";
            var cap = guards.Length > 0 ? state.DailyCap * Guard.SlowedShare : state.DailyCap;
            return new(state.Id.Value, sickness.Length > 0 ? 0 : (int)Math.Ceiling(Math.Min(cap, warmUp is { } w && w.Budget > 0 ? w.Budget : cap)), sickness);
        }
    }

    /// <summary>Whose turn it is, message after message, again and again: each mailbox as often as its share of the capacity, spread evenly (smooth weighted round robin).</summary>
    /// <param name="senders">At least one. When none has any capacity, all count alike: what waits then waits fairly divided.</param>
    /// <returns>At most 1,000 places and at least one for each mailbox with capacity.</returns>
    public static Guid[] Turns(IReadOnlyList<PoolSender> senders)
    {
        var able = senders.Where(sender => sender.Capacity > 0).ToList();
        if (able.Count == 0) return [.. senders.Select(sender => sender.Mailbox)];
        var total = able.Sum(sender => (long)sender.Capacity);
        var weights = able.ConvertAll(sender => (int)Math.Max(1, Math.Round(sender.Capacity * Math.Min(1.0, (double)SlotsMax / total))));
        var (balance, turns) = (new long[able.Count], new Guid[weights.Sum()]);
        for (var turn = 0; turn < turns.Length; turn++)
        {
            var next = 0;
            for (var i = 0; i < able.Count; i++)
            {
                balance[i] += weights[i];
                if (balance[i] > balance[next]) next = i;
            }

            balance[next] -= turns.Length;
            turns[turn] = able[next].Mailbox;
        }

        return turns;
    }

    /// <summary>Moves what a sick mailbox has not begun to send to the others, by their shares. What was tried once stays with its sender.</summary>
    /// <param name="turns">Of those that are well; not empty.</param>
    /// <returns>Messages moved, at most <see cref="MovedMax"/>: call again until it is fewer.</returns>
    public static async Task<int> MoveUnsent(TenantTx tx, Guid campaign, Guid from, Guid[] turns, DateTimeOffset now, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfZero(turns.Length);
        var to = turns.Distinct().ToArray();
        await tx.Execute(LockLanes, ct, tx.Tenant, to.Append(from).ToArray());
        var moved = await tx.Execute(Move, ct, tx.Tenant, campaign, from, turns, MovedMax, now);
        if (moved > 0) await tx.Execute(EnqueueMessages.WakeLanes, ct, tx.Tenant, to, now);
        return moved;
    }
}
