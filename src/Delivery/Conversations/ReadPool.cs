using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Guards;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Insight.Intervals;

namespace PenguinMails.Delivery.Conversations;

/// <summary>How an account takes part in the conversation pool, and what the last seven days brought to its mailboxes, or those of the workspace. Refuses with <c>permission.missing</c>.</summary>
public static class ReadPool
{
    public const int Days = 7;

    /// <param name="Reason">Why it stopped; empty while it is on.</param>
    /// <param name="PerDay">Messages to the pool on a working day, at most.</param>
    /// <param name="Sent">Its messages that a server took in the last seven days.</param>
    /// <param name="Answered">Of these, answered by the other mailbox.</param>
    /// <param name="Received">Messages of the pool that came into it in the last seven days.</param>
    /// <param name="Rescued">Of these, found in Junk and taken out.</param>
    /// <param name="Waiting">Of these, not filed away yet.</param>
    public sealed record Line(MailboxId Id, string Address, bool IsOn, string Reason, string Language, int PerDay, string Zone, long Sent, long Answered, long Received, long Rescued, long Waiting);

    /// <summary>Where the account's messages were found at one receiving provider, in the last seven days.</summary>
    /// <param name="Provider">Organisation behind the mail exchanger, or the recipient's domain where it is not known.</param>
    /// <param name="Found">Messages found in inbox or Junk: the rates are of these.</param>
    /// <param name="Elsewhere">In neither of the two three days later.</param>
    /// <param name="JunkLow">Share in Junk is at least this, with 90 % confidence (Wilson); null when fewer than 10 were found.</param>
    /// <param name="JunkHigh">And at most this.</param>
    public sealed record Placement(string Provider, long Found, long InInbox, long InJunk, long Elsewhere, double? JunkLow, double? JunkHigh);

    /// <param name="IsOffered">False: who runs the platform has not switched it on, and nothing happens.</param>
    /// <param name="JoinedAt">When an owner agreed; null while the account takes no part.</param>
    /// <param name="Terms">What an owner agrees to.</param>
    public sealed record Output(bool IsOffered, DateTimeOffset? JoinedAt, string Terms, IReadOnlyList<Line> Mailboxes, IReadOnlyList<Placement> Placements, DateTimeOffset AskedAt);

    const string SelectConsent = "select at from delivery.pool_consent where tenant_id = $1";

    const string SelectMailboxes = """
        select p.mailbox_id, p.is_on, p.reason, p.language, p.per_day, p.zone,
          (select count(*) from delivery.attempt a join delivery.message m on m.tenant_id = $1 and m.id = a.message_id where a.tenant_id = $1 and a.mailbox_id = p.mailbox_id and a.at > $2 and m.content_id is null and m.state = 'sent'),
          (select count(*) from delivery.attempt a join delivery.message m on m.tenant_id = $1 and m.id = a.message_id where a.tenant_id = $1 and a.mailbox_id = p.mailbox_id and a.at > $2 and m.content_id is null and m.replied_at is not null),
          c.came, c.rescued, c.waiting
        from delivery.pool_mailbox p
        cross join lateral (
          select count(*) as came, count(*) filter (where found_in = 'junk' and state <> 'found') as rescued, count(*) filter (where state in ('found', 'rescued')) as waiting
          from delivery.conversation_mail m
          where m.tenant_id = $1 and m.mailbox_id = p.mailbox_id and m.came_at > $2) c
        where p.tenant_id = $1
        order by p.is_on desc, p.mailbox_id
        limit 1000
        """;

    const string SelectPlacements = """
        select provider, count(*) filter (where folder = 'inbox'), count(*) filter (where folder = 'junk'), count(*) filter (where folder = 'other')
        from delivery.placement
        where tenant_id = $1 and found_at > $2 and mailbox_id = any($3)
        group by provider
        order by count(*) desc, provider
        limit 50
        """;

    public static async Task<Result<Output>> Handle(Actor actor, DeliveryOptions options, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        var joined = await tx.List(SelectConsent, row => row.GetFieldValue<DateTimeOffset>(0), ct, actor.Tenant);
        var lines = await tx.List(SelectMailboxes, Read, ct, actor.Tenant, now.AddDays(-Days));
        var states = (await ReadSendingState.Within(tx, lines.ConvertAll(line => line.Id.Value), ct)).ToDictionary(state => state.Id);
        List<Line> own = [.. lines.Where(line => states.TryGetValue(line.Id, out var state) && (actor.Workspace is null || state.Workspace == actor.Workspace)).Select(line => line with { Address = states[line.Id].Address })];
        var placements = await tx.List(SelectPlacements, ReadPlacement, ct, actor.Tenant, now.AddDays(-Days), own.Select(line => line.Id.Value).ToArray());
        return new Output(options.Pool.IsOn, joined is [var at] ? at : null, JoinPool.Terms, own, placements, now);
    }

    static Line Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), "", row.GetBoolean(1), row.GetString(2), row.GetString(3), row.GetInt16(4), row.GetString(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10));

    static Placement ReadPlacement(NpgsqlDataReader row)
    {
        var (inbox, junk) = (row.GetInt64(1), row.GetInt64(2));
        var bounds = inbox + junk >= Conversations.Placements.LotMin ? WilsonScore.Of(junk, inbox + junk, Guard.Alpha) : (Insight.Interval?)null;
        return new(row.GetString(0), inbox + junk, inbox, junk, row.GetInt64(3), bounds?.Low, bounds?.High);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/sending/conversations",
        async (Actor actor, DeliveryOptions options, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, options, db, clock, ct)).ToHttp());
}
