using System.Security.Cryptography;
using System.Text;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Limits;

/// <summary>How fast delays grow.</summary>
/// <param name="Free">Attempts without delay.</param>
/// <param name="FirstSeconds">Delay after the first attempt beyond; doubles with each further one.</param>
/// <param name="SecondsMax">Where it stops growing.</param>
public sealed record DelayRule(int Free, int FirstSeconds, int SecondsMax)
{
    public TimeSpan After(int failures) => failures <= Free
        ? TimeSpan.Zero
        : TimeSpan.FromSeconds(Math.Min(SecondsMax, FirstSeconds * Math.Pow(2, Math.Min(failures - Free - 1, 30))));
}

/// <summary>One counter: who or what is protected, and where attempts come from.</summary>
public sealed record Counter(string Subject, string Source, DelayRule Delay)
{
    internal byte[] SubjectHash => SHA256.HashData(Encoding.UTF8.GetBytes(Subject));
}

/// <summary>Counts attempts and delays the next one. An attempt counts before it is judged, so that many at once gain nothing.</summary>
public static class Throttle
{
    static readonly TimeSpan Forget = TimeSpan.FromHours(24);

    const string Ensure = """
        insert into accounts.login_throttle (subject, source, failures, blocked_until, last_at)
        values ($1, $2, 0, $3, $3)
        on conflict (subject, source) do nothing
        """;

    const string Lock = """
        select case when last_at < $3 then 0 else failures end, blocked_until
        from accounts.login_throttle
        where subject = $1 and source = $2
        for update
        """;

    const string Count = "update accounts.login_throttle set failures = $3, blocked_until = $4, last_at = $5 where subject = $1 and source = $2";

    const string Delete = "delete from accounts.login_throttle where subject = $1 and source = $2";

    // Restores what was before an attempt that turned out good: it could begin only because nothing blocked it.
    const string Uncount = """
        update accounts.login_throttle
        set failures = greatest(failures - 1, 0), blocked_until = $3
        where subject = $1 and source = $2
        """;

    const string DeleteOld = "delete from accounts.login_throttle where last_at < $1";

    sealed record State(int Failures, DateTimeOffset BlockedUntil);

    /// <summary>Null when the attempt may go on; it counts as failed in every counter until <see cref="Clear"/>.</summary>
    /// <param name="counters">At most a few; locked in this order, which must be the same everywhere.</param>
    public static async Task<Problem?> Enter(TenantDb db, IReadOnlyList<Counter> counters, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        var states = new List<State>();
        foreach (var counter in counters)
        {
            await tx.Execute(Ensure, ct, counter.SubjectHash, counter.Source, now);
            states.Add(await tx.One(Lock, row => new State(row.GetInt32(0), row.GetFieldValue<DateTimeOffset>(1)), ct, counter.SubjectHash, counter.Source, now - Forget));
        }

        var until = states.Max(state => state.BlockedUntil);
        if (until > now) return TooMany(until - now);
        foreach (var (counter, state) in counters.Zip(states))
        {
            var failures = state.Failures + 1;
            await tx.Execute(Count, ct, counter.SubjectHash, counter.Source, failures, now + counter.Delay.After(failures), now);
        }

        await tx.Commit(ct);
        return null;
    }

    /// <summary>The attempt was good: its counters start again.</summary>
    public static async Task Clear(TenantTx tx, IEnumerable<Counter> counters, CancellationToken ct)
    {
        foreach (var counter in counters) await tx.Execute(Delete, ct, counter.SubjectHash, counter.Source);
    }

    /// <summary>The attempt was good, but others from the same place may not be: takes back this one only.</summary>
    public static async Task TakeBack(TenantTx tx, IEnumerable<Counter> counters, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var counter in counters) await tx.Execute(Uncount, ct, counter.SubjectHash, counter.Source, now);
    }

    internal static Task<int> Sweep(TenantTx tx, DateTimeOffset now, CancellationToken ct) => tx.Execute(DeleteOld, ct, now - Forget);

    static Problem TooMany(TimeSpan wait)
    {
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        return new Problem(ProblemKind.TooMany, "attempts.too_many", $"Too many attempts. Try again in {seconds} seconds.") { RetryAfterSeconds = seconds };
    }
}
