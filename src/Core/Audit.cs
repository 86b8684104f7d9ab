using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using PenguinMails.Core.Db;

namespace PenguinMails.Core;

/// <summary>One line of the tenant's record of who did what.</summary>
/// <param name="Seq">1, 2, 3 without a gap.</param>
/// <param name="Detail">JSON; ids and words, never secrets.</param>
public sealed record AuditEntry(long Seq, DateTimeOffset At, string Actor, string Action, string Subject, string Detail);

/// <summary>Result of checking a chain.</summary>
/// <param name="BrokenAt">Sequence number of the first entry that was altered, removed or added; null when the chain holds.</param>
public sealed record AuditVerdict(long Entries, long? BrokenAt, string Reason);

/// <summary>Append-only record of what people and keys did, chained by SHA-256 per tenant so that any change or gap shows.</summary>
public static class Audit
{
    static readonly byte[] Origin = new byte[32];

    const string EnsureHead = "insert into core.audit_head (tenant_id, seq, hash) values ($1, 0, $2) on conflict (tenant_id) do nothing";
    const string LockHead = "select seq, hash from core.audit_head where tenant_id = $1 for update";
    const string MoveHead = "update core.audit_head set seq = $2, hash = $3 where tenant_id = $1";

    const string Insert = """
        insert into core.audit_entry (tenant_id, seq, at, actor, action, subject, detail, prev_hash, hash)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    const string ReadFrom = """
        select seq, at, actor, action, subject, detail, prev_hash, hash
        from core.audit_entry
        where tenant_id = $1 and seq > $2
        order by seq
        limit 1000
        """;

    const string ReadNewest = """
        select seq, at, actor, action, subject, detail
        from core.audit_entry
        where tenant_id = $1 and ($2::bigint is null or seq < $2)
        order by seq desc
        limit $3
        """;

    const string ReadPeople = """
        select distinct actor, split_part(action, '.', 1)
        from core.audit_entry
        where tenant_id = $1 and at >= $2 and at < $3 and starts_with(actor, 'usr_')
        limit 100000
        """;

    const string ReadHead = "select seq, hash from core.audit_head where tenant_id = $1";

    sealed record Link(long Seq, byte[] Hash);

    sealed record Chained(AuditEntry Entry, byte[] PrevHash, byte[] Hash);

    /// <summary>Appends in the caller's transaction. Call it last: it holds the tenant's chain until commit.</summary>
    /// <param name="action">Noun and verb: <c>campaign.launched</c>.</param>
    /// <param name="subject">Id of what was acted on.</param>
    /// <returns>The sequence number of the new entry.</returns>
    public static async Task<long> Append<T>(this TenantTx tx, Actor actor, string action, string subject, T detail, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Execute(EnsureHead, ct, tx.Tenant, Origin).ConfigureAwait(false);
        var head = await tx.One(LockHead, ReadLink, ct, tx.Tenant).ConfigureAwait(false);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()); // The database keeps microseconds; the hash must see what it will read back.
        var entry = new AuditEntry(head.Seq + 1, at, actor.Label, action, subject, Json.Write(detail));
        var hash = Hash(tx.Tenant, entry, head.Hash);
        await tx.Execute(Insert, ct, tx.Tenant, entry.Seq, at, entry.Actor, action, subject, entry.Detail, head.Hash, hash).ConfigureAwait(false);
        await tx.Execute(MoveHead, ct, tx.Tenant, entry.Seq, hash).ConfigureAwait(false);
        return entry.Seq;
    }

    /// <summary>Newest first.</summary>
    /// <param name="before">Sequence number to continue below; null starts at the newest.</param>
    public static async Task<List<AuditEntry>> Newest(TenantDb db, TenantId tenant, long? before, int limit, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct).ConfigureAwait(false);
        return await tx.List(ReadNewest, ReadEntry, ct, tenant, before, limit).ConfigureAwait(false);
    }

    /// <summary>Who of the people did something in a stretch of time, and with which nouns (<c>campaign</c>, <c>domain</c>). Keys and the program itself are left out.</summary>
    public static Task<List<(string Person, string Noun)>> People(TenantTx tx, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) =>
        tx.List(ReadPeople, row => (row.GetString(0), row.GetString(1)), ct, tx.Tenant, from, to);

    /// <summary>Recomputes the whole chain of one tenant.</summary>
    public static async Task<AuditVerdict> Verify(TenantDb db, TenantId tenant, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct).ConfigureAwait(false);
        var (seq, hash) = (0L, Origin);
        while (await tx.List(ReadFrom, ReadChained, ct, tenant, seq).ConfigureAwait(false) is { Count: > 0 } batch)
        {
            foreach (var link in batch)
            {
                if (link.Entry.Seq != seq + 1) return new(seq, seq + 1, $"Entry {seq + 1} is missing.");
                if (!link.PrevHash.AsSpan().SequenceEqual(hash)) return new(seq, link.Entry.Seq, $"Entry {link.Entry.Seq} does not follow from the one before it.");
                if (!link.Hash.AsSpan().SequenceEqual(Hash(tenant, link.Entry, hash))) return new(seq, link.Entry.Seq, $"Entry {link.Entry.Seq} was altered.");
                (seq, hash) = (link.Entry.Seq, link.Hash);
            }
        }

        var head = await tx.Maybe(ReadHead, ReadLink, ct, tenant).ConfigureAwait(false) ?? new Link(0, Origin);
        if (head.Seq != seq) return new(seq, seq + 1, $"The chain ends at {seq}, but {head.Seq} entries were written.");
        return head.Hash.AsSpan().SequenceEqual(hash) ? new(seq, null, "Every entry is in place.") : new(seq, seq, $"Entry {seq} is not the one that was written last.");
    }

    // Every field with its length in front, so that no two different entries give the same bytes.
    static byte[] Hash(TenantId tenant, AuditEntry entry, byte[] previous)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(previous);
        string[] fields = [tenant.Value.ToString("N"), entry.Seq.ToString(CultureInfo.InvariantCulture),
            entry.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), entry.Actor, entry.Action, entry.Subject, entry.Detail];
        Span<byte> length = stackalloc byte[4];
        foreach (var field in fields)
        {
            var bytes = Encoding.UTF8.GetBytes(field);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            sha.AppendData(length);
            sha.AppendData(bytes);
        }

        return sha.GetHashAndReset();
    }

    static Link ReadLink(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetFieldValue<byte[]>(1));

    static AuditEntry ReadEntry(NpgsqlDataReader row) =>
        new(row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5));

    static Chained ReadChained(NpgsqlDataReader row) => new(ReadEntry(row), row.GetFieldValue<byte[]>(6), row.GetFieldValue<byte[]>(7));
}
