using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Secrets.Rotations;

/// <summary>Rows of plans: when each secret is due.</summary>
static class PlanRows
{
    const string Upsert = """
        insert into secrets.rotation_plan (tenant_id, secret_id, kind, period_days, overlap_hours, due_at, rotated_at, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $7)
        on conflict (tenant_id, secret_id) do update
        set kind = excluded.kind, period_days = excluded.period_days, overlap_hours = excluded.overlap_hours,
          due_at = rotation_plan.rotated_at + make_interval(days => excluded.period_days)
        returning due_at
        """;

    const string Rotated = """
        update secrets.rotation_plan
        set rotated_at = $3::timestamptz, due_at = $3::timestamptz + make_interval(days => period_days)
        where tenant_id = $1 and secret_id = $2
        returning due_at
        """;

    const string Postpone = """
        update secrets.rotation_plan
        set due_at = greatest(due_at, $3)
        where tenant_id = $1 and secret_id = $2 and due_at is not null
        returning due_at
        """;

    sealed record Due(DateTimeOffset? At);

    public static async Task Set(TenantTx tx, Guid secret, string kind, int? periodDays, int overlapHours, DateTimeOffset now, CancellationToken ct) =>
        await Watch(tx, secret, await tx.One(Upsert, row => new Due(row.Maybe<DateTimeOffset>(0)), ct, tx.Tenant, secret, kind, periodDays, overlapHours,
            periodDays is { } days ? now.AddDays(days) : null, now), now, ct);

    /// <summary>The secret was changed now, by a rotation or by hand.</summary>
    public static async Task Renew(TenantTx tx, Guid secret, DateTimeOffset now, CancellationToken ct) =>
        await Watch(tx, secret, await tx.Maybe(Rotated, row => new Due(row.Maybe<DateTimeOffset>(0)), ct, tx.Tenant, secret, now), now, ct);

    /// <summary>A rotation was rolled back: one day later it is tried again, or when it is due anyway.</summary>
    public static async Task TryAgain(TenantTx tx, Guid secret, DateTimeOffset now, CancellationToken ct) =>
        await Watch(tx, secret, await tx.Maybe(Postpone, row => new Due(row.Maybe<DateTimeOffset>(0)), ct, tx.Tenant, secret, now.AddDays(1)), now, ct);

    static async Task Watch(TenantTx tx, Guid secret, Due? due, DateTimeOffset now, CancellationToken ct)
    {
        if (due?.At is not { } at) return;
        var order = new StartDue.Order(secret, at);
        await tx.Enqueue(new JobOrder<StartDue.Order>(StartDue.Kind, order) { DueAt = at, UniqueKey = $"{secret:N}/{at.ToUnixTimeSeconds()}" }, now, ct);
    }
}
