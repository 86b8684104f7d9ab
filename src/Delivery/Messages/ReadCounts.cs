using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Messages;

/// <summary>Messages by state, and how many of them brought something back. Counted from the ledger itself, so it cannot disagree with it. Messages of conversations are not among them.</summary>
/// <param name="Sent">Accepted by a server and not bounced since.</param>
public sealed record Counts(
    long Total, long Queued, long Sending, long Sent, long Deferred, long Bounced, long Failed, long Dropped, long InDoubt,
    long Replied, long AutoReplied, long Complained, long Unsubscribed, long Clicked);

/// <summary>Counts of one campaign, or of the workspace. Refuses with <c>permission.missing</c>.</summary>
public static class ReadCounts
{
    const string Select = """
        select count(*),
          count(*) filter (where state = 'queued'), count(*) filter (where state = 'sending'), count(*) filter (where state = 'sent'),
          count(*) filter (where state = 'deferred'), count(*) filter (where state = 'bounced'), count(*) filter (where state = 'failed'),
          count(*) filter (where state = 'dropped'), count(*) filter (where state = 'in_doubt'),
          count(replied_at), count(auto_replied_at), count(complained_at), count(unsubscribed_at), count(clicked_at)
        from delivery.message
        where tenant_id = $1 and content_id is not null and ($2::uuid is null or workspace_id = $2) and ($3::uuid is null or campaign_id = $3)
        """;

    /// <param name="campaign">Null: the whole workspace.</param>
    public static async Task<Result<Counts>> Handle(Actor actor, Guid? campaign, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MessagesRead) && actor.Lacks(Permissions.OverviewRead)) return Actor.Forbidden(Permissions.OverviewRead); // Numbers, no addresses.
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await tx.One(Select, Read, ct, actor.Tenant, actor.Workspace, campaign);
    }

    static Counts Read(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6),
        row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10), row.GetInt64(11), row.GetInt64(12), row.GetInt64(13));
}

/// <summary>One day of sending in a workspace.</summary>
/// <param name="Attempted">Messages whose last attempt was that day (UTC).</param>
/// <param name="Answered">Of these, how many a person answered, whenever.</param>
public sealed record DayCounts(DateOnly Day, long Attempted, long Sent, long Bounced, long Answered, long Complained, long Unsubscribed, long Failed = 0);

/// <summary>The last days, oldest first, days without an attempt left out. Refuses with <c>permission.missing</c>.</summary>
public static class ReadDailyCounts
{
    public const int DaysMax = 400;

    const int DaysBetweenWishAndAttempt = 60;

    // Ids are version 7 and grow with time, so the primary key bounds how far back is read.
    const string Select = """
        select (attempted_at at time zone 'UTC')::date as day, count(*), count(*) filter (where state = 'sent'), count(*) filter (where state = 'bounced'),
          count(replied_at), count(complained_at), count(unsubscribed_at), count(*) filter (where state = 'failed')
        from delivery.message
        where tenant_id = $1 and content_id is not null and ($2::uuid is null or workspace_id = $2) and attempted_at >= $3 and id >= $4
        group by 1
        order by 1
        limit 400
        """;

    /// <param name="days">1 to 400, today included.</param>
    public static async Task<Result<List<DayCounts>>> Handle(Actor actor, int days, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days, DaysMax);
        if (actor.Lacks(Permissions.OverviewRead)) return Actor.Forbidden(Permissions.OverviewRead);
        var today = new DateTimeOffset(clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var from = today.AddDays(1 - days);
        return await tx.List(Select, Read, ct, actor.Tenant, actor.Workspace, from, FirstId(from));
    }

    internal static Guid FirstId(DateTimeOffset from) => new(Guid.CreateVersion7(from.AddDays(-DaysBetweenWishAndAttempt)).ToByteArray(bigEndian: true).AsSpan(0, 6).ToArray().Concat(new byte[10]).ToArray(), bigEndian: true);

    static DayCounts Read(NpgsqlDataReader row) => new(row.GetFieldValue<DateOnly>(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7));
}

/// <summary>Messages sent in a month, by workspace, as <see cref="ReadDailyCounts"/> counts them. Whoever calls has asked for the permission.</summary>
public static class ReadSentByWorkspace
{
    const string Select = """
        select workspace_id, count(*)
        from delivery.message
        where tenant_id = $1 and content_id is not null and state = 'sent' and attempted_at >= $2 and attempted_at < $3 and id >= $4
        group by workspace_id
        order by workspace_id
        limit 100000
        """;

    /// <param name="month">First day (UTC).</param>
    /// <returns>A workspace that sent nothing is left out.</returns>
    public static async Task<Dictionary<WorkspaceId, long>> Within(TenantTx tx, DateOnly month, CancellationToken ct)
    {
        var from = new DateTimeOffset(month.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var sent = await tx.List(Select, row => KeyValuePair.Create(new WorkspaceId(row.GetGuid(0)), row.GetInt64(1)), ct, tx.Tenant, from, from.AddMonths(1), ReadDailyCounts.FirstId(from));
        return sent.ToDictionary();
    }
}
