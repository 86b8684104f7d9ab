using PenguinMails.Core.Db;
using PenguinMails.Delivery.Warmup;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Conversations;

/// <summary>What a mailbox has room for today.</summary>
/// <param name="Provider">Who receives for it; its domain where that is not known.</param>
/// <param name="Quota">Messages to the pool today.</param>
/// <param name="Sent">Of these, asked for already.</param>
/// <param name="Owed">Conversations whose next message is its own.</param>
/// <param name="Received">Conversations that began towards it today.</param>
sealed record Room(string Provider, int Quota, int Sent, int Owed, int Received);

/// <summary>Reads what mailboxes have room for, each account in a transaction of its own. Those that cannot send now are left out.</summary>
static class ReadRoom
{
    const string SelectProvider = "select coalesce((select nullif(provider, '') from delivery.recipient_domain where domain = $1), $1)";

    const string SelectCounts = """
        select (select count(*) from delivery.conversation_turn where from_mailbox = $1 and asked_at >= $2),
          (select count(*) from delivery.conversation where not is_over and next_at is not null and turn > 0 and case when turn % 2 = 0 then from_mailbox else to_mailbox end = $1 and (from_mailbox = $1 or to_mailbox = $1)),
          (select count(*) from delivery.conversation where to_mailbox = $1 and started_at >= $2)
        """;

    public static async Task<Dictionary<Guid, Room>> Of(TenantDb db, IReadOnlyList<Member> members, DateTimeOffset now, CancellationToken ct)
    {
        var rooms = new Dictionary<Guid, Room>();
        foreach (var tenant in members.GroupBy(member => member.Tenant))
        {
            await using var tx = await db.Begin(tenant.Key, ct);
            var states = (await ReadSendingState.Within(tx, [.. tenant.Select(member => member.Mailbox)], ct)).ToDictionary(state => state.Id.Value);
            foreach (var member in tenant)
                if (states.TryGetValue(member.Mailbox, out var state) && await Of(tx, member, state, now, ct) is { } room) rooms[member.Mailbox] = room;
        }

        return rooms;
    }

    /// <returns>Null: it cannot send now.</returns>
    public static async Task<Room?> Of(TenantTx tx, Member member, SendingState state, DateTimeOffset now, CancellationToken ct)
    {
        if (state.IsPaused || state.IsConsentLost || state.DomainFault is not null) return null;
        var warmUp = await WarmUpFacts.Read(tx, state, now, ct);
        if (warmUp is { Budget: 0 }) return null; // A day of rest, a pause, or a day that has not begun.
        var provider = await tx.One(SelectProvider, row => row.GetString(0), ct, state.Domain);
        var (sent, owed, received) = await tx.One(SelectCounts, row => ((int)row.GetInt64(0), (int)row.GetInt64(1), (int)row.GetInt64(2)), ct, member.Mailbox, TurnTimes.DayBegins(member.Window, now));
        return new(provider, Quota(member.PerDay, state.DailyCap, warmUp), sent, owed, received);
    }

    /// <summary>At most half of what the mailbox may send today: the other half is for cold mail. Its own budget holds anyway.</summary>
    internal static int Quota(int perDay, int dailyCap, Decisions.WarmUpFact? warmUp) => Math.Min(perDay, (Math.Min(dailyCap, warmUp?.Budget ?? int.MaxValue) + 1) / 2);
}
