using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.CheckIns;

/// <summary>What was said over time, newest first. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>) or <c>cursor.invalid</c>.</summary>
public static class ListCheckIns
{
    const string Select = """
        select id, subject, status, done, confidence, sentence, said_by, day, said_at
        from oversight.check_in
        where tenant_id = $1 and ($2::text is null or subject = $2) and ($3::uuid is null or id < $3)
        order by id desc
        limit $4
        """;

    /// <param name="subject">Kind/name; null for all.</param>
    public static async Task<Result<Page<CheckIn>>> Handle(Actor actor, string? subject, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        if (!Cursor.TryDecodeId(cursor, out var before)) return Cursor.Broken;
        if (subject is not null && subject.Any(char.IsControl)) return new Page<CheckIn>([], null);
        var count = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<CheckIn>.Of(await tx.List(Select, CheckIn.Read, ct, actor.Tenant, subject, before, count + 1), count, one => one.Id.ToString("N"));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/check-ins",
        async (Actor actor, string? subject, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, subject, cursor, limit, db, ct)).ToHttp());
}
