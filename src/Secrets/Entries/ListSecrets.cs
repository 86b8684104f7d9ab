using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Sealed;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Entries;

/// <summary>The names of the account's secrets in order, with version and plan. Opens nothing.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>cursor.invalid</c> or, for one, <c>secret.not_found</c>.</remarks>
public static class ListSecrets
{
    /// <param name="Query">Part of the path; null for all.</param>
    public sealed record Input(string? Query = null, string? Cursor = null, int? Limit = null);

    /// <param name="Versions">Lowest first.</param>
    public sealed record Detail(SecretEntry Secret, IReadOnlyList<VersionState> Versions);

    // Reads secret_path_once in order. Candidates of running rotations are not shown.
    const string Select = """
        select s.id, s.path, s.current_version, s.created_at, s.updated_at, p.kind, p.period_days, p.overlap_hours, p.due_at, p.rotated_at,
          r.id, r.state, r.failure_code, r.failure_detail, r.overlap_until
        from secrets.secret s
        left join secrets.rotation_plan p on p.tenant_id = s.tenant_id and p.secret_id = s.id
        left join lateral (
          select id, state, failure_code, failure_detail, overlap_until
          from secrets.rotation_run
          where tenant_id = s.tenant_id and secret_id = s.id
          order by id desc
          limit 1) r on true
        where s.tenant_id = $1 and s.current_version > 0 and not starts_with(s.path, 'rotation/') and ($2::text is null or position($2 in s.path) > 0) and ($3::text is null or s.path > $3)
        order by s.path
        limit $4
        """;

    const string SelectOne = """
        select s.id, s.path, s.current_version, s.created_at, s.updated_at, p.kind, p.period_days, p.overlap_hours, p.due_at, p.rotated_at,
          r.id, r.state, r.failure_code, r.failure_detail, r.overlap_until
        from secrets.secret s
        left join secrets.rotation_plan p on p.tenant_id = s.tenant_id and p.secret_id = s.id
        left join lateral (
          select id, state, failure_code, failure_detail, overlap_until
          from secrets.rotation_run
          where tenant_id = s.tenant_id and secret_id = s.id
          order by id desc
          limit 1) r on true
        where s.tenant_id = $1 and s.id = $2 and s.current_version > 0 and not starts_with(s.path, 'rotation/')
        """;

    const string SelectId = "select id from secrets.secret where tenant_id = $1 and path = $2";

    public static async Task<Result<Page<SecretEntry>>> Handle(Actor actor, Input input, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsRead)) return Actor.Forbidden(Permissions.SecretsRead);
        if (!Cursor.TryDecode(input.Cursor, out var after)) return Cursor.Broken;
        if (input.Query?.Contains('\0', StringComparison.Ordinal) == true) return new Page<SecretEntry>([], null); // No path holds one, and PostgreSQL takes none.
        var limit = Cursor.Limit(input.Limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<SecretEntry>.Of(await tx.List(Select, SecretEntry.Read, ct, actor.Tenant, input.Query is { Length: > 0 } query ? query.ToLowerInvariant() : null, after, limit + 1), limit, row => row.Path);
    }

    public static async Task<Result<Detail>> One(Actor actor, SecretId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsRead)) return Actor.Forbidden(Permissions.SecretsRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await Within(tx, id, ct) is not { } entry) return SecretProblems.NotFound;
        return new Detail(entry, await VersionRows.Of(tx, id.Value, ct));
    }

    internal static Task<SecretEntry?> Within(TenantTx tx, SecretId id, CancellationToken ct) => tx.Maybe(SelectOne, SecretEntry.Read, ct, tx.Tenant, id);

    /// <summary>The id behind a path; null when nothing was ever written there.</summary>
    internal static async Task<SecretId?> IdOf(TenantTx tx, SecretPath path, CancellationToken ct) =>
        await tx.List(SelectId, row => row.GetGuid(0), ct, tx.Tenant, path.Text) is [var id] ? new SecretId(id) : null;

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/secrets", async (Actor actor, string? query, string? cursor, int? limit, TenantDb db, CancellationToken ct) =>
            (await Handle(actor, new(query, cursor, limit), db, ct)).ToHttp());
        api.MapGet("/secrets/{id}", async (Actor actor, SecretId id, TenantDb db, CancellationToken ct) => (await One(actor, id, db, ct)).ToHttp());
    }
}
