using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Reports;

/// <summary>A person asks for the weekly report by mail, or for none. Everybody decides for themselves.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>), <c>report.invalid</c>, or <c>report.person_needed</c> for an API key.</remarks>
public static class MailWeekly
{
    /// <param name="Weekday">1 (Monday) to 7; null: no mail.</param>
    public sealed record Input(int? Weekday);

    public sealed record Output(int? Weekday);

    const string Select = "select weekday from oversight.report_reader where tenant_id = $1 and user_id = $2 limit 1";

    const string Delete = "delete from oversight.report_reader where tenant_id = $1 and user_id = $2";

    const string Upsert = """
        insert into oversight.report_reader (tenant_id, user_id, weekday, mailed_week, since)
        values ($1, $2, $3, $4, $5)
        on conflict (tenant_id, user_id) do update
        set weekday = excluded.weekday
        """;

    static readonly Problem PersonNeeded = new(ProblemKind.Forbidden, "report.person_needed", "The weekly mail goes to a person who is signed in; a key has no mailbox.");

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        if (actor.User is not { } user) return PersonNeeded;
        if (input.Weekday is < 1 or > 7) return Problem.Invalid("report.invalid", new FieldProblem("weekday", "1 is Monday, 7 is Sunday; null is no mail."));
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (input.Weekday is { } weekday) await tx.Execute(Upsert, ct, actor.Tenant, user, (short)weekday, Past(now, weekday), now);
        else await tx.Execute(Delete, ct, actor.Tenant, user);
        await tx.Append(actor, input.Weekday is null ? "report.mail_stopped" : "report.mail_asked", user.ToString(), new { weekday = input.Weekday }, now, ct);
        await tx.Commit(ct);
        return new Output(input.Weekday);
    }

    public static async Task<Result<Output>> Read(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        if (actor.User is not { } user) return PersonNeeded;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return new Output((await tx.List(Select, row => (int?)row.GetInt16(0), ct, actor.Tenant, user)).SingleOrDefault());
    }

    // Whose weekday has passed hears from the next week on.
    static DateOnly? Past(DateTimeOffset now, int weekday)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        return WeekdayOf(today) > weekday ? Kpis.AccountFacts.Monday(today) : null;
    }

    internal static int WeekdayOf(DateOnly day) => ((int)day.DayOfWeek + 6) % 7 + 1;

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/oversight/report-mail", async (Actor actor, TenantDb db, CancellationToken ct) => (await Read(actor, db, ct)).ToHttp());
        api.MapPut("/oversight/report-mail", async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, input, db, clock, ct)).ToHttp());
    }
}
