using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;

namespace PenguinMails.Delivery.Evidence;

/// <summary>One place that was asked about a message in doubt, and what it said at the last look.</summary>
/// <param name="Source">delivery_log (of the node it was handed to), sent_folder (of its mailbox), or none where nobody can be asked.</param>
/// <param name="Verdict">accepted, not_accepted, nothing (nothing that decides it), or not_readable.</param>
/// <param name="Detail">A sentence for people, at most 500 characters.</param>
public sealed record EvidenceSeen(string Source, string Verdict, string Detail, DateTimeOffset FirstAt, DateTimeOffset At);

/// <summary>The SQL of <c>delivery.evidence</c>.</summary>
static class EvidenceBook
{
    public const string DeliveryLog = "delivery_log";
    public const string SentFolder = "sent_folder";
    public const string Nobody = "none";
    const int DetailLengthMax = 500;

    const string Select = """
        select source, verdict, detail, first_at, at
        from delivery.evidence
        where tenant_id = $1 and message_id = $2
        order by at, source
        limit 10
        """;

    const string Upsert = """
        insert into delivery.evidence (tenant_id, message_id, source, verdict, detail, first_at, at)
        values ($1, $2, $3, $4, $5, $6, $6)
        on conflict (tenant_id, message_id, source) do update set verdict = excluded.verdict, detail = excluded.detail, at = excluded.at
        """;

    public static async Task<IReadOnlyList<EvidenceSeen>> Read(TenantTx tx, MessageId message, CancellationToken ct) =>
        await tx.List(Select, row => new EvidenceSeen(row.GetString(0), row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3), row.GetFieldValue<DateTimeOffset>(4)), ct, tx.Tenant, message);

    public static Task Write(TenantTx tx, MessageId message, Finding found, DateTimeOffset now, CancellationToken ct) =>
        tx.Execute(Upsert, ct, tx.Tenant, message, found.Source, found.Word, found.Detail.Length <= DetailLengthMax ? found.Detail : found.Detail[..DetailLengthMax], now);
}

enum FindingVerdict { Accepted, NotAccepted, Nothing, NotReadable }

/// <summary>What one source said.</summary>
sealed record Finding(string Source, FindingVerdict Verdict, string Detail)
{
    public string Word => Verdict switch
    {
        FindingVerdict.Accepted => "accepted",
        FindingVerdict.NotAccepted => "not_accepted",
        FindingVerdict.Nothing => "nothing",
        FindingVerdict.NotReadable => "not_readable",
    };
}
