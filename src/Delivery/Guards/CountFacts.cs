using System.Text.Json;
using Npgsql;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Delivery.Guards;

/// <summary>Counts an account's new facts by hour, mailbox, campaign and receiving provider. Misses none that commits late, counts none twice (docs/adr/0006-facts.md).</summary>
/// <remarks>What comes back counts for the hour in which its message was sent, so that a rate compares like with like. A deferral counts when it was the first try.</remarks>
static class CountFacts
{
    const string Consumer = "tally";
    const int BatchFacts = 5_000;

    const string SelectCursor = "select xid::text, fact_id from delivery.fact_cursor where tenant_id = $1 and consumer = $2 for update";

    const string Select = """
        select f.xid::text, f.id, f.kind, f.detail, m.mailbox_id, m.campaign_id,
          coalesce((select r.provider from delivery.recipient_domain r where r.domain = split_part(m.address, '@', -1) limit 1), ''),
          date_trunc('hour', case when f.kind = 'replied' then f.at else coalesce(m.sent_at, m.attempted_at, f.at) end, 'UTC'), m.reason, coalesce(m.bounce_category, ''), m.attempt
        from delivery.fact f
        cross join lateral (
          select m.mailbox_id, m.campaign_id, m.address, m.sent_at, m.attempted_at, m.reason, m.bounce_category, m.attempt
          from delivery.message m
          where m.tenant_id = f.tenant_id and m.id = f.message_id
          limit 1) m
        where f.tenant_id = $1 and (f.xid, f.id) > ($2::text::xid8, $3) and f.xid < pg_snapshot_xmin(pg_current_snapshot())
        order by f.xid, f.id
        limit $4
        """;

    const string Add = """
        insert into delivery.tally as t (tenant_id, hour, mailbox_id, campaign_id, provider, sent, deferred, bounced, blocked, complained, replied)
        select $1, n.hour, n.mailbox_id, n.campaign_id, n.provider, n.sent, n.deferred, n.bounced, n.blocked, n.complained, n.replied
        from unnest($2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[], $6::integer[], $7::integer[], $8::integer[], $9::integer[], $10::integer[], $11::integer[])
          as n (hour, mailbox_id, campaign_id, provider, sent, deferred, bounced, blocked, complained, replied)
        on conflict (tenant_id, hour, mailbox_id, campaign_id, provider) do update
        set sent = t.sent + excluded.sent, deferred = t.deferred + excluded.deferred, bounced = t.bounced + excluded.bounced,
          blocked = t.blocked + excluded.blocked, complained = t.complained + excluded.complained, replied = t.replied + excluded.replied
        """;

    const string Keep = """
        insert into delivery.fact_cursor (tenant_id, consumer, xid, fact_id)
        values ($1, $2, $3::text::xid8, $4)
        on conflict (tenant_id, consumer) do update set xid = excluded.xid, fact_id = excluded.fact_id
        """;

    sealed record Cursor(string Xid, Guid Fact);

    sealed record Place(DateTimeOffset Hour, Guid Mailbox, Guid Campaign, string Provider);

    sealed record Counts(int Sent, int Deferred, int Bounced, int Blocked, int Complained, int Replied);

    sealed record Row(Cursor At, string Kind, string Detail, Place Place, string Reason, string Category, int Attempt);

    /// <returns>Facts read; fewer than a batch when it is at the end.</returns>
    public static async Task<int> Batch(TenantTx tx, CancellationToken ct)
    {
        var from = await tx.Maybe(SelectCursor, row => new Cursor(row.GetString(0), row.GetGuid(1)), ct, tx.Tenant, Consumer) ?? new Cursor("0", Guid.Empty);
        var rows = await tx.List(Select, Read, ct, tx.Tenant, from.Xid, from.Fact, BatchFacts);
        if (rows.Count == 0) return 0;
        var sums = rows.GroupBy(row => row.Place).Select(group => (Place: group.Key, Counts: group.Select(Of).Aggregate(Sum))).Where(sum => sum.Counts != new Counts(0, 0, 0, 0, 0, 0))
            .OrderBy(sum => sum.Place.Hour).ThenBy(sum => sum.Place.Mailbox).ThenBy(sum => sum.Place.Campaign).ThenBy(sum => sum.Place.Provider, StringComparer.Ordinal).ToList();
        await tx.Execute(Add, ct, tx.Tenant, sums.Select(s => s.Place.Hour).ToArray(), sums.Select(s => s.Place.Mailbox).ToArray(), sums.Select(s => s.Place.Campaign).ToArray(), sums.Select(s => s.Place.Provider).ToArray(),
            sums.Select(s => s.Counts.Sent).ToArray(), sums.Select(s => s.Counts.Deferred).ToArray(), sums.Select(s => s.Counts.Bounced).ToArray(),
            sums.Select(s => s.Counts.Blocked).ToArray(), sums.Select(s => s.Counts.Complained).ToArray(), sums.Select(s => s.Counts.Replied).ToArray());
        foreach (var kind in rows.GroupBy(row => row.Kind).OrderBy(group => group.Key, StringComparer.Ordinal)) await tx.Execute(Metrics.Add, ct, "penguin_messages_total", kind.Key, (double)kind.Count());
        await tx.Execute(Keep, ct, tx.Tenant, Consumer, rows[^1].At.Xid, rows[^1].At.Fact);
        return rows.Count;
    }

    static Counts Of(Row row)
    {
        var measure = row.Kind == "bounced" && Category(row.Category) is { } category ? GuardRule.MeasureOf(BounceClassifier.Of(category, "", 1)) : null;
        var isSent = row.Kind == "sent" || (row.Kind == "bounced" && row.Reason == "refused"); // A report comes to a message that was counted when it was sent.
        return new(isSent ? 1 : 0, row is { Kind: "deferred", Detail: "deferred", Attempt: 1 } ? 1 : 0, measure == GuardMeasure.Bounce ? 1 : 0, measure == GuardMeasure.Block ? 1 : 0,
            row.Kind == "complained" ? 1 : 0, row.Kind == "replied" ? 1 : 0);
    }

    static Counts Sum(Counts a, Counts b) => new(a.Sent + b.Sent, a.Deferred + b.Deferred, a.Bounced + b.Bounced, a.Blocked + b.Blocked, a.Complained + b.Complained, a.Replied + b.Replied);

    static BounceCategory? Category(string word) => Enum.GetValues<BounceCategory>().Where(category => JsonNamingPolicy.SnakeCaseLower.ConvertName(category.ToString()) == word).Select(category => (BounceCategory?)category).FirstOrDefault();

    static Row Read(NpgsqlDataReader row) => new(
        new(row.GetString(0), row.GetGuid(1)), row.GetString(2), row.GetString(3), new(row.GetFieldValue<DateTimeOffset>(7), row.GetGuid(4), row.GetGuid(5), row.GetString(6)),
        row.GetString(8), row.GetString(9), row.GetInt16(10));
}
