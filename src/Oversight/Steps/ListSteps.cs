using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Steps;

/// <summary>Process steps: those without an owner first, then by the day they are due. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>), <c>step.state_unknown</c> or <c>cursor.invalid</c>.</summary>
public static class ListSteps
{
    const string Select = """
        select id, kind, subject, sentence, owner_name, owner_id, due_on, state, note, opened_by, opened_at, closed_by, closed_at
        from oversight.process_step
        where tenant_id = $1 and ($2::text is null or state = $2)
          and ($3::boolean is null or (owner_id is not null, due_on, id) > ($3, $4::date, $5::uuid))
        order by owner_id is not null, due_on, id
        limit $6
        """;

    /// <param name="state">open, done or dropped; null for all.</param>
    public static async Task<Result<Page<ProcessStep>>> Handle(Actor actor, string? state, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        if (state is not null && !ProcessStep.States.Contains(state)) return Problem.Invalid("step.state_unknown", new FieldProblem("state", "One of open, done, dropped."));
        if (!Cursor.TryDecode(cursor, out var key) || !IsPlace(key, out var owned, out var due, out var id)) return Cursor.Broken;
        var count = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<ProcessStep>.Of(await tx.List(Select, ProcessStep.Read, ct, actor.Tenant, state, owned, due, id, count + 1), count,
            one => string.Create(CultureInfo.InvariantCulture, $"{(one.Owner is null ? 0 : 1)} {one.DueOn:yyyy-MM-dd} {one.Id.Value:N}"));
    }

    static bool IsPlace(string? key, out bool? owned, out DateOnly? due, out Guid? id)
    {
        (owned, due, id) = (null, null, null);
        if (key is null) return true;
        if (key.Split(' ') is not [("0" or "1") and var first, var second, var third] || !DateOnly.TryParseExact(second, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || !Guid.TryParseExact(third, "N", out var value)) return false;
        (owned, due, id) = (first == "1", day, value);
        return true;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/steps",
        async (Actor actor, string? state, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, state, cursor, limit, db, ct)).ToHttp());
}
