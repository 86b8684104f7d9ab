using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Entries;

namespace PenguinMails.Secrets.Rotations;

/// <summary>The calendar: planned secrets, the most overdue first, those on demand last.</summary>
/// <remarks>Refuses with <c>permission.missing</c> or <c>cursor.invalid</c>.</remarks>
public static class ListRotations
{
    const string Never = "9999-12-31T00:00:00Z";

    const string Select = """
        select s.id, s.path, s.current_version, s.created_at, s.updated_at, p.kind, p.period_days, p.overlap_hours, p.due_at, p.rotated_at,
          r.id, r.state, r.failure_code, r.failure_detail, r.overlap_until
        from secrets.rotation_plan p
        join secrets.secret s on s.tenant_id = p.tenant_id and s.id = p.secret_id
        left join lateral (
          select id, state, failure_code, failure_detail, overlap_until
          from secrets.rotation_run
          where tenant_id = s.tenant_id and secret_id = s.id
          order by id desc
          limit 1) r on true
        where p.tenant_id = $1 and ($2::timestamptz is null or (coalesce(p.due_at, '9999-12-31T00:00:00Z'), p.secret_id) > ($2, $3::uuid))
        order by coalesce(p.due_at, '9999-12-31T00:00:00Z'), p.secret_id
        limit $4
        """;

    public static async Task<Result<Page<SecretEntry>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsRead)) return Actor.Forbidden(Permissions.SecretsRead);
        if (!Cursor.TryDecode(cursor, out var key)) return Cursor.Broken;
        var (after, id) = ((DateTimeOffset?)null, (Guid?)null);
        if (key is not null)
        {
            var parts = key.Split('|');
            if (parts.Length != 2 || !DateTimeOffset.TryParse(parts[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) || !Guid.TryParse(parts[1], out var last)) return Cursor.Broken;
            (after, id) = (at, last);
        }

        var count = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<SecretEntry>.Of(await tx.List(Select, SecretEntry.Read, ct, actor.Tenant, after, id, count + 1), count,
            row => $"{row.DueAt?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) ?? Never}|{row.Id.Value:N}");
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/secret-rotations",
        async (Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, cursor, limit, db, ct)).ToHttp());
}
