using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Secrets.Accesses;

/// <summary>Who reached for which secret, newest first.</summary>
/// <remarks>Refuses with <c>permission.missing</c> or <c>cursor.invalid</c>.</remarks>
public static class ListAccesses
{
    /// <param name="Path">Exactly this secret; null for all.</param>
    public sealed record Input(string? Path = null, string? Cursor = null, int? Limit = null);

    /// <param name="Path">"" where the whole account was meant.</param>
    /// <param name="Outcome"><c>ok</c>, or the code of the refusal.</param>
    /// <param name="AuditSeq">The line of the activity log that says the same and is chained.</param>
    public sealed record Access(Guid Id, DateTimeOffset At, string Verb, string Path, int? Version, string Actor, string Reason, string Source, string Outcome, string Store, long AuditSeq);

    // Reads the key, or access_of_path with a path.
    const string Select = """
        select id, at, verb, path, version, actor, reason, source, outcome, store, audit_seq
        from secrets.access
        where tenant_id = $1 and ($2::text is null or path = $2) and ($3::uuid is null or id < $3)
        order by id desc
        limit $4
        """;

    public static async Task<Result<Page<Access>>> Handle(Actor actor, Input input, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsRead)) return Actor.Forbidden(Permissions.SecretsRead);
        if (!Cursor.TryDecodeId(input.Cursor, out var before)) return Cursor.Broken;
        if (input.Path?.Contains('\0', StringComparison.Ordinal) == true) return new Page<Access>([], null); // No path holds one, and PostgreSQL takes none.
        var limit = Cursor.Limit(input.Limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<Access>.Of(await tx.List(Select, Read, ct, actor.Tenant, input.Path, before, limit + 1), limit, row => row.Id.ToString("N"));
    }

    static Access Read(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3), row.Maybe<int>(4), row.GetString(5), row.GetString(6),
        row.GetString(7), row.GetString(8), row.GetString(9), row.GetInt64(10));

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/secret-accesses",
        async (Actor actor, string? path, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, new(path, cursor, limit), db, ct)).ToHttp());
}
