using Npgsql;
using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Guards;

/// <summary>A guard that is not clear, or that a person resumed.</summary>
/// <param name="Measure">bounce, complaint or block.</param>
/// <param name="Subject">mailbox, campaign, domain, ip (the outgoing server), tenant or provider.</param>
/// <param name="Key">Id of mailbox or campaign without its prefix, name of domain or server, key of the provider; <c>*</c> for the account.</param>
/// <param name="CountFrom">Only what was sent from here on counts; null for the whole window.</param>
/// <param name="ChangedAt">When it came to this level.</param>
/// <param name="JudgedAt">When it was looked at last.</param>
public sealed record KeptGuard(
    string Measure, string Subject, string Key, GuardLevel Level, DateTimeOffset? CountFrom, long Sent, long Hits, double Threshold, string Code, string Sentence, DateTimeOffset ChangedAt, DateTimeOffset JudgedAt)
{
    const string Select = """
        select measure, subject, key, level, count_from, sent, hits, threshold, code, sentence, changed_at, judged_at
        from delivery.guard
        where tenant_id = $1
        order by array_position(array['pause', 'slow', 'warn', 'clear'], level), changed_at desc
        limit 10000
        """;

    internal static Task<List<KeptGuard>> All(TenantTx tx, CancellationToken ct) => tx.List(Select, Read, ct, tx.Tenant);

    internal static KeptGuard Of(GuardVerdict verdict, string subject, string key, DateTimeOffset now) =>
        new(Word(verdict.Measure), subject, key, verdict.Level, verdict.Next.CountFrom, verdict.Sent, verdict.Hits, verdict.Threshold, verdict.Code, verdict.Sentence, now, now);

    /// <summary>The word of a level, measure or subject in columns and in the API.</summary>
    internal static string Word(Enum value) => value.ToString().ToLowerInvariant();

    static KeptGuard Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), Enum.GetValues<GuardLevel>().First(level => Word(level) == row.GetString(3)), row.Maybe<DateTimeOffset>(4), row.GetInt64(5), row.GetInt64(6),
        row.GetDouble(7), row.GetString(8), row.GetString(9), row.GetFieldValue<DateTimeOffset>(10), row.GetFieldValue<DateTimeOffset>(11));
}
