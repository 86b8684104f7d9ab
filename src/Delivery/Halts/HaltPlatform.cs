using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Halts;

/// <summary>Stops the sending of everybody on this platform, and lets it go on. For who runs it; not reachable over REST or pages.</summary>
public static class HaltPlatform
{
    // A person's stop takes the place of the program's own, which would end by itself.
    const string Insert = "insert into delivery.platform_halt as h (reason, at) values ($1, $2) on conflict (one) do update set reason = excluded.reason, at = excluded.at, by_disk = false where h.by_disk";

    const string InsertForDisk = "insert into delivery.platform_halt (reason, at, by_disk) values ($1, $2, true) on conflict (one) do nothing";

    const string Delete = "delete from delivery.platform_halt where $1 or by_disk";

    const string Wake = "update delivery.lane set ready_at = least(ready_at, $1), wakes = wakes + 1 where held = 'platform_halted'";

    const string CountUnderWay = "select coalesce(sum(cardinality(under_way)), 0), count(*) from delivery.lane where lease_until > $1";

    /// <summary>What is still on the wire.</summary>
    /// <param name="Messages">Passed the gate, no outcome written yet.</param>
    /// <param name="Lanes">Mailboxes held by a worker.</param>
    public sealed record UnderWay(long Messages, long Lanes);

    /// <param name="reason">3 to 500 characters; everybody's page of a waiting message shows it. Anything else is refused with <c>halt.invalid</c>.</param>
    /// <returns>False: it was stopped already.</returns>
    public static async Task<Result<bool>> Handle(string reason, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (HaltSending.Unclear(reason) is { } unclear) return unclear;
        await using var tx = await db.BeginUnscoped(ct);
        var stopped = await tx.Execute(Insert, ct, reason.Trim(), clock.GetUtcNow());
        await tx.Commit(ct);
        return stopped == 1;
    }

    /// <returns>False: it was not stopped.</returns>
    public static Task<bool> Lift(TenantDb db, TimeProvider clock, CancellationToken ct) => Lift(true, db, clock, ct);

    /// <summary>The program's own stop, while the database's disk has no room.</summary>
    internal static async Task ForDisk(string reason, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        await tx.Execute(InsertForDisk, ct, reason, clock.GetUtcNow());
        await tx.Commit(ct);
    }

    /// <summary>Ends the program's own stop and no person's.</summary>
    internal static Task<bool> LiftForDisk(TenantDb db, TimeProvider clock, CancellationToken ct) => Lift(false, db, clock, ct);

    static async Task<bool> Lift(bool alsoAPersons, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        var lifted = await tx.Execute(Delete, ct, alsoAPersons);
        if (lifted > 0) await tx.Execute(Wake, ct, clock.GetUtcNow());
        await tx.Commit(ct);
        return lifted > 0;
    }

    public static async Task<UnderWay> Look(TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        return await tx.One(CountUnderWay, row => new UnderWay(row.GetInt64(0), row.GetInt64(1)), ct, clock.GetUtcNow());
    }
}
