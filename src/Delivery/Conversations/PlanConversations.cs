using System.Buffers.Binary;
using System.Security.Cryptography;
using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Conversations;

/// <summary>Begins each mailbox's working day: how many conversations it starts, with whom, and when.</summary>
static class PlanConversations
{
    const string SelectRecent = """
        select from_mailbox, to_mailbox
        from delivery.conversation
        where started_at > $1 and (from_mailbox = any($2) or to_mailbox = any($2))
        limit 1000000
        """;

    const string MarkPlanned = "update delivery.pool_member set planned_on = $3 where tenant_id = $1 and mailbox_id = $2 and (planned_on is null or planned_on < $3)";

    // Two that plan at once do not bring the same two mailboxes together twice.
    const string LockPair = "select pg_advisory_xact_lock(hashtextextended($1, 9))";

    const string Insert = """
        insert into delivery.conversation (id, language, seed, turns, from_tenant, from_mailbox, to_tenant, to_mailbox, next_at, started_at, changed_at)
        select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10
        where not exists (
          select from delivery.conversation
          where started_at > $11 and ((from_mailbox = $6 and to_mailbox = $8) or (from_mailbox = $8 and to_mailbox = $6)))
        """;

    public static async Task Run(TenantDb db, PoolOptions pool, DateTimeOffset now, CancellationToken ct)
    {
        var members = await PoolMembers.All(db, ct);
        var due = members.Where(member => IsDue(member, now)).ToList();
        if (due.Count == 0) return;
        var rooms = await ReadRoom.Of(db, due, now, ct);
        due.RemoveAll(member => !rooms.ContainsKey(member.Mailbox)); // Paused, or its warm-up has not begun the day: asked again in a minute.
        if (due.Count == 0) return;
        var dueNow = due.Select(member => member.Mailbox).ToHashSet();
        foreach (var (mailbox, room) in await ReadRoom.Of(db, [.. members.Where(member => !dueNow.Contains(member.Mailbox))], now, ct)) rooms[mailbox] = room;
        var places = members.Where(member => rooms.ContainsKey(member.Mailbox)).Select(member =>
        {
            var room = rooms[member.Mailbox];
            return new PoolMember(member.Mailbox, member.Tenant, room.Provider, member.Language, dueNow.Contains(member.Mailbox) ? Starts(room, TurnTimes.Left(member.Window, now), pool) : 0, Math.Max(0, room.Quota - room.Received));
        }).ToList();
        var pairs = Pairing.Draw(places, await Recent(db, [.. dueNow], Since(pool, now), ct), now.UtcDateTime.Date.Ticks / TimeSpan.TicksPerDay).ToLookup(pair => pair.From, pair => pair.To);
        var byId = members.ToDictionary(member => member.Mailbox);
        foreach (var member in due) await Write(db, member, [.. pairs[member.Mailbox].Select(to => byId[to])], pool, now, ct);
    }

    // In its working hours, once on each of its days.
    static bool IsDue(Member member, DateTimeOffset now) => !(member.PlannedOn >= TurnTimes.DayOf(member.Window, now)) && member.Window.NextOpen(now) == now;

    /// <summary>As many as leave room for the answers it will owe; fewer when the day has begun already.</summary>
    internal static int Starts(Room room, double left, PoolOptions pool)
    {
        var free = room.Quota - room.Sent - room.Owed;
        return free <= 0 ? 0 : Math.Max(1, (int)Math.Round(free * (1 - (pool.ReplyPercent / 100.0)) * left));
    }

    static async Task<HashSet<(Guid, Guid)>> Recent(TenantDb db, Guid[] due, DateTimeOffset since, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        return [.. await tx.List(SelectRecent, row => Pair.Of(row.GetGuid(0), row.GetGuid(1)), ct, since, due)];
    }

    static async Task Write(TenantDb db, Member from, IReadOnlyList<Member> to, PoolOptions pool, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(from.Tenant, ct);
        // The mark and the day's conversations hold together: whoever plans again, also after a crash, finds the day planned or not begun.
        if (await tx.Execute(MarkPlanned, ct, from.Tenant, from.Mailbox, TurnTimes.DayOf(from.Window, now)) == 0) return;
        foreach (var (other, number) in to.OrderBy(other => Key(from, other), StringComparer.Ordinal).Select((other, number) => (other, number)))
        {
            await tx.Execute(LockPair, ct, Key(from, other));
            var seed = Seed(from.Mailbox, other.Mailbox, now);
            await tx.Execute(Insert, ct, Guid.CreateVersion7(now), from.Language, seed, (short)Talk.TurnsOf(seed, pool.ReplyPercent), from.Tenant, from.Mailbox, other.Tenant, other.Mailbox,
                TurnTimes.Start(from.Window, now, seed, number), now, Since(pool, now));
        }

        await tx.Commit(ct);
    }

    // Half a day less, because a day is not planned at the same minute as the one before.
    static DateTimeOffset Since(PoolOptions pool, DateTimeOffset now) => now.AddDays(-pool.PairDays).AddHours(12);

    static string Key(Member one, Member other)
    {
        var (first, second) = Pair.Of(one.Mailbox, other.Mailbox);
        return $"{first:N}{second:N}";
    }

    static long Seed(Guid from, Guid to, DateTimeOffset now) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData([.. from.ToByteArray(), .. to.ToByteArray(), .. BitConverter.GetBytes(now.UtcDateTime.Date.Ticks)]));
}
