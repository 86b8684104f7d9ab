using Npgsql;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Reviews;

/// <summary>A review that took place.</summary>
/// <param name="Review">Name of the plan's review.</param>
/// <param name="Period">What it looked at, such as 2026-11.</param>
/// <param name="PlanVersion">The version that was the newest then.</param>
/// <param name="By">Id of who recorded it.</param>
public sealed record ReviewHeld(Guid Id, string Review, string Period, DateOnly HeldOn, PlanVersionId PlanVersion, int PlanNumber, string Notes, string By, DateTimeOffset At)
{
    internal const string Select = """
        select r.id, r.review, r.period, r.held_on, r.plan_version_id, v.number, r.notes, r.said_by, r.said_at
        from oversight.review_held r
        join oversight.plan_version v on v.tenant_id = r.tenant_id and v.id = r.plan_version_id
        where r.tenant_id = $1 and r.plan = $2
        order by r.held_on desc, r.id desc
        limit 500
        """;

    internal static ReviewHeld Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetFieldValue<DateOnly>(3), new(row.GetGuid(4)), row.GetInt32(5), row.GetString(6), row.GetString(7), row.GetFieldValue<DateTimeOffset>(8));
}
