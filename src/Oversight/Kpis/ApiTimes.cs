using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Kpis;

/// <summary>How long the API takes to answer, counted by week in steps of 5 %. From any thread; kept in memory until it is written.</summary>
public sealed class ApiTimes(TimeProvider clock)
{
    /// <summary>Requests in a week below which nothing is said of it.</summary>
    internal const long RequestsMin = 1_000;

    const double FirstMs = 0.1;
    const double Step = 1.05;
    const short LastBucket = 320; // About ten minutes: what takes longer is counted here.

    const string Add = """
        insert into oversight.api_time (week, bucket, requests)
        select w.week, w.bucket, w.requests
        from unnest($1::date[], $2::smallint[], $3::bigint[]) as w (week, bucket, requests)
        on conflict (week, bucket) do update set requests = oversight.api_time.requests + excluded.requests
        """;

    const string Select = "select week, bucket, requests from oversight.api_time where week >= $1 and week < $2 order by week, bucket limit 50000";

    const string Delete = "delete from oversight.api_time where week < $1";

    readonly Lock _lock = new();
    Dictionary<(DateOnly Week, short Bucket), long> _counts = [];

    /// <param name="took">From the request's arrival to the end of the answer.</param>
    public void Count(TimeSpan took)
    {
        var key = (AccountFacts.Monday(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime)), BucketOf(took.TotalMilliseconds));
        lock (_lock) _counts[key] = _counts.GetValueOrDefault(key) + 1;
    }

    /// <summary>Adds what was counted to the table; what could not be written is kept for the next time.</summary>
    public async Task Write(TenantDb db, CancellationToken ct)
    {
        Dictionary<(DateOnly Week, short Bucket), long> taken;
        lock (_lock) (taken, _counts) = (_counts, []);
        if (taken.Count == 0) return;
        var isWritten = false;
        try
        {
            await using var tx = await db.BeginUnscoped(ct);
            await tx.Execute(Add, ct, taken.Keys.Select(key => key.Week).ToArray(), taken.Keys.Select(key => key.Bucket).ToArray(), taken.Values.ToArray());
            await tx.Commit(ct);
            isWritten = true;
        }
        finally
        {
            if (!isWritten) PutBack(taken);
        }
    }

    void PutBack(Dictionary<(DateOnly Week, short Bucket), long> taken)
    {
        lock (_lock)
            foreach (var (key, requests) in taken) _counts[key] = _counts.GetValueOrDefault(key) + requests;
    }

    /// <summary>The 95th percentile of each week with enough requests, in milliseconds: the end of its step, so at most 5 % too high.</summary>
    internal static async Task<List<(DateOnly Week, double Ms)>> Read(TenantDb db, DateOnly from, DateOnly before, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        var rows = await tx.List(Select, row => (Week: row.GetFieldValue<DateOnly>(0), Bucket: row.GetInt16(1), Requests: row.GetInt64(2)), ct, from, before);
        return [.. from week in rows.GroupBy(row => row.Week) where week.Sum(row => row.Requests) >= RequestsMin select (week.Key, Percentile(week.Select(row => (row.Bucket, row.Requests)), 0.95))];
    }

    internal static async Task Forget(TenantDb db, DateOnly before, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        await tx.Execute(Delete, ct, before);
        await tx.Commit(ct);
    }

    /// <param name="counts">By bucket, the fastest first.</param>
    internal static double Percentile(IEnumerable<(short Bucket, long Requests)> counts, double share)
    {
        var all = counts.ToList();
        var (wanted, seen) = (share * all.Sum(one => one.Requests), 0L);
        var bucket = all.First(one => (seen += one.Requests) >= wanted).Bucket;
        return FirstMs * Math.Pow(Step, bucket);
    }

    /// <summary>Bucket 0 ends at 0.1 ms, each following one 5 % later.</summary>
    internal static short BucketOf(double ms) => ms <= FirstMs ? (short)0 : (short)Math.Min(LastBucket, Math.Ceiling(Math.Log(ms / FirstMs) / Math.Log(Step)));
}
