using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Reports;

/// <summary>Whether a kind of report is made by itself, once for each period.</summary>
/// <param name="NextPeriod">First day of the period that is made next.</param>
/// <param name="NextOn">Day from which on its figures are closed and it is made.</param>
public sealed record ReportSchedule(ReportKind Kind, bool IsOn, DateOnly NextPeriod, DateOnly NextOn);

/// <summary>Turns the making of a kind of report on or off. Refuses with <c>permission.missing</c> (needs <c>account:manage</c>; reading needs <c>oversight:read</c>).</summary>
public static class ScheduleReport
{
    public sealed record Input(ReportKind Kind, bool IsOn);

    const string Select = "select kind from oversight.report_schedule where tenant_id = $1 and is_on order by kind limit 4";

    const string SelectMade = "select kind, max(period) from oversight.report where tenant_id = $1 and is_scheduled group by kind limit 4";

    const string Upsert = """
        insert into oversight.report_schedule (tenant_id, kind, is_on, changed_by, changed_at)
        values ($1, $2, $3, $4, $5)
        on conflict (tenant_id, kind) do update
        set is_on = excluded.is_on, changed_by = excluded.changed_by, changed_at = excluded.changed_at
        """;

    public static async Task<Result<ReportSchedule>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        await tx.Execute(Upsert, ct, actor.Tenant, ReportPeriods.Word(input.Kind), input.IsOn, actor.Label, now);
        await tx.Append(actor, "report.scheduled", ReportPeriods.Word(input.Kind), new { is_on = input.IsOn }, now, ct);
        await tx.Commit(ct);
        return (await Read(actor, db, clock, ct)).Match<Result<ReportSchedule>>(page => page.Items.Single(one => one.Kind == input.Kind), problem => problem);
    }

    /// <summary>All kinds.</summary>
    public static async Task<Result<Page<ReportSchedule>>> Read(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var on = await Within(tx, ct);
        var made = (await tx.List(SelectMade, row => (Kind: ReportPeriods.Parse(row.GetString(0)), Period: row.GetFieldValue<DateOnly>(1)), ct, actor.Tenant)).ToDictionary(one => one.Kind, one => one.Period);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        return new Page<ReportSchedule>([.. Enum.GetValues<ReportKind>().Select(kind =>
        {
            var due = ReportPeriods.Due(kind, today);
            var next = made.TryGetValue(kind, out var last) && last >= due ? ReportPeriods.Following(kind, due) : due;
            return new ReportSchedule(kind, on.Contains(kind), next, ReportPeriods.DueOn(kind, next));
        })], null);
    }

    internal static async Task<IReadOnlyList<ReportKind>> Within(TenantTx tx, CancellationToken ct) => await tx.List(Select, row => ReportPeriods.Parse(row.GetString(0)), ct, tx.Tenant);

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/oversight/report-schedules", async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Read(actor, db, clock, ct)).ToHttp());
        api.MapPut("/oversight/report-schedules", async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, input, db, clock, ct)).ToHttp());
    }
}
