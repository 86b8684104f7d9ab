using System.Globalization;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Warmup;

namespace PenguinMails.Delivery.Conversations;

/// <summary>Where messages were found, as a signal of warm-ups.</summary>
static class Placements
{
    /// <summary>Fewer are not handed over yet: two of two in Junk on a quiet day would halve a mailbox.</summary>
    public const int LotMin = 10;

    static readonly TimeSpan LotAgeMax = TimeSpan.FromDays(7);

    const string SelectFrom = "select coalesce(placement_from, '-infinity') from delivery.warm_up where tenant_id = $1 and subject = $2 and key = $3";

    // What is in neither folder says nothing about Junk.
    const string Count = """
        select count(*) filter (where folder <> 'other'), count(*) filter (where folder = 'junk')
        from delivery.placement
        where tenant_id = $1 and mailbox_id = any($2) and found_at > greatest($3::timestamptz, $4::timestamptz) and found_at <= $5
        """;

    const string SetFrom = "update delivery.warm_up set placement_from = $4 where tenant_id = $1 and subject = $2 and key = $3";

    /// <summary>What was found since the last lot, at most seven days old, as soon as it is at least <see cref="LotMin"/>; 0 and 0 before.</summary>
    public static async Task<(int Seen, int InJunk)> Lot(TenantTx tx, string subject, string key, Guid[] mailboxes, DateTimeOffset now, CancellationToken ct)
    {
        var from = await tx.One(SelectFrom, row => row.GetFieldValue<DateTime>(0), ct, tx.Tenant, subject, key);
        var (seen, inJunk) = await tx.One(Count, row => ((int)row.GetInt64(0), (int)row.GetInt64(1)), ct, tx.Tenant, mailboxes, from, now - LotAgeMax, now);
        if (seen < LotMin) return (0, 0);
        await tx.Execute(SetFrom, ct, tx.Tenant, subject, key, now);
        return (seen, inJunk);
    }

    /// <summary>For the sentence of a step; empty when nothing was handed over.</summary>
    public static string Said(WarmUpSignals signals) => signals.Seen == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $" Of {signals.Seen} messages whose folder is known, {signals.InSpam} were in Junk; {signals.Replied} of {signals.Sent} were answered.");
}
