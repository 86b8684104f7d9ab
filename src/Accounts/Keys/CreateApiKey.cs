using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Keys;

public readonly record struct ApiKeyId(Guid Value) : ITypedId<ApiKeyId>
{
    public static string Prefix => "key";
    public static ApiKeyId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out ApiKeyId id) => TypedId.TryParse(text, out id);
}

/// <summary>Makes a key for programs. Its text is shown once; only a SHA-256 is kept.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>name.invalid</c>, <c>api_key.scope_unknown</c>, <c>api_key.scope_too_high</c>,
/// <c>api_key.scope_not_confined</c>, <c>api_key.expiry_invalid</c>, <c>workspace.not_found</c> or <c>api_key.too_many</c>.</remarks>
public static class CreateApiKey
{
    /// <param name="Scopes">At least one permission, none that the creator lacks.</param>
    /// <param name="WorkspaceId">Binds the key to one workspace; null: all, chosen by the header X-Workspace.</param>
    /// <param name="ExpiresAt">In the future; null: never.</param>
    public sealed record Input(string Name, IReadOnlyList<string> Scopes, WorkspaceId? WorkspaceId = null, DateTimeOffset? ExpiresAt = null);

    public sealed record Output(ApiKeyId Id, string Key);

    const int KeysMax = 200;

    const string CountOpen = "select count(*) from accounts.api_key where tenant_id = $1 and revoked_at is null";

    const string Insert = """
        insert into accounts.api_key (tenant_id, id, name, hint, scopes, workspace_id, created_by, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    const string InsertLookup = "insert into accounts.api_key_lookup (key_hash, tenant_id, key_id) values ($1, $2, $3)";

    static readonly Problem TooMany = new(ProblemKind.Conflict, "api_key.too_many", $"At most {KeysMax} keys. Revoke one first.");

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (Refusal(actor, input, now) is { } refusal) return refusal;
        if (!Line.TryParse(input.Name, Problems.NameLengthMax, out var name)) return Problems.NameInvalid("name");
        string[] scopes = [.. input.Scopes.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (input.WorkspaceId is { } workspace && await Workspace.Find(tx, workspace, ct) is not { ArchivedAt: null }) return Problems.WorkspaceUnknown;
        if (await tx.One(CountOpen, row => row.GetInt64(0), ct, actor.Tenant) >= KeysMax) return TooMany;
        var (id, text) = (TypedId.New<ApiKeyId>(now), ApiKeyText.New());
        await tx.Execute(Insert, ct, actor.Tenant, id, name, ApiKeyText.Hint(text), scopes, input.WorkspaceId, actor.Label, now, input.ExpiresAt);
        await tx.Execute(InsertLookup, ct, Token.Hash(text), actor.Tenant, id);
        await tx.Append(actor, "api_key.created", id.ToString(), new { scopes, workspace = input.WorkspaceId, expires_at = input.ExpiresAt }, now, ct);
        await tx.Commit(ct);
        return new Output(id, text);
    }

    static Problem? Refusal(Actor actor, Input input, DateTimeOffset now)
    {
        if (actor.Lacks(Permissions.ApiKeysManage)) return Actor.Forbidden(Permissions.ApiKeysManage);
        if (input.Scopes.Count == 0 || input.Scopes.Any(scope => !Permissions.All.Contains(scope)))
            return Problem.Invalid("api_key.scope_unknown", new FieldProblem("scopes", "Give one or more of: " + string.Join(", ", Permissions.All) + "."));
        if (input.Scopes.FirstOrDefault(actor.Lacks) is { } lacking)
            return new Problem(ProblemKind.Forbidden, "api_key.scope_too_high", $"You cannot give {lacking}: you do not have it.");
        if (input.WorkspaceId is not null && input.Scopes.FirstOrDefault(Roles.IsOfAccount) is { } wide)
            return Problem.Invalid("api_key.scope_not_confined", new FieldProblem("scopes", $"{wide} concerns the whole account. Leave it out, or leave the workspace out."));
        if (input.ExpiresAt <= now)
            return Problem.Invalid("api_key.expiry_invalid", new FieldProblem("expires_at", "Give a time in the future, or leave it out."));
        // A key of one workspace must not make one for another.
        return actor.ConfinedTo(Permissions.ApiKeysManage) is { } bound && input.WorkspaceId != bound ? Problems.WorkspaceUnknown : null;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/api-keys",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created((string?)null, made))).AnswersSecret();
}

/// <summary>The keys of the tenant, newest first, revoked ones included. Who is confined to a workspace sees its keys alone.</summary>
/// <remarks>Refuses with <c>permission.missing</c> or <c>cursor.invalid</c>.</remarks>
public static class ListApiKeys
{
    /// <param name="Hint">The first characters, to tell keys apart.</param>
    /// <param name="LastUsedAt">To the minute; null: never used.</param>
    public sealed record ApiKey(
        ApiKeyId Id, string Name, string Hint, IReadOnlyList<string> Scopes, WorkspaceId? WorkspaceId, string CreatedBy, DateTimeOffset CreatedAt,
        DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt);

    const string Select = """
        select id, name, hint, scopes, workspace_id, created_by, created_at, expires_at, last_used_at, revoked_at
        from accounts.api_key
        where tenant_id = $1 and ($2::uuid is null or id < $2) and ($4::uuid is null or workspace_id = $4)
        order by id desc
        limit $3
        """;

    public static async Task<Result<Page<ApiKey>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ApiKeysManage)) return Actor.Forbidden(Permissions.ApiKeysManage);
        if (!Cursor.TryDecodeId(cursor, out var before)) return Cursor.Broken;
        var count = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<ApiKey>.Of(await tx.List(Select, Read, ct, actor.Tenant, before, count + 1, actor.ConfinedTo(Permissions.ApiKeysManage)), count, row => row.Id.Value.ToString("N"));
    }

    static ApiKey Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetString(2), row.GetFieldValue<string[]>(3),
        row.Maybe<Guid>(4) is { } workspace ? new WorkspaceId(workspace) : null, row.GetString(5), row.GetFieldValue<DateTimeOffset>(6),
        row.Maybe<DateTimeOffset>(7), row.Maybe<DateTimeOffset>(8), row.Maybe<DateTimeOffset>(9));

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/api-keys",
        async (Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, cursor, limit, db, ct)).ToHttp());
}

/// <summary>Ends a key at once. Ending it twice changes nothing.</summary>
/// <remarks>Refuses with <c>permission.missing</c> or <c>api_key.not_found</c>.</remarks>
public static class RevokeApiKey
{
    const string Revoke = "update accounts.api_key set revoked_at = coalesce(revoked_at, $3) where tenant_id = $1 and id = $2 and ($4::uuid is null or workspace_id = $4)";

    static readonly Problem Unknown = new(ProblemKind.NotFound, "api_key.not_found", "There is no such key in this account.");

    public static async Task<Result<Done>> Handle(Actor actor, ApiKeyId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ApiKeysManage)) return Actor.Forbidden(Permissions.ApiKeysManage);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Execute(Revoke, ct, actor.Tenant, id, now, actor.ConfinedTo(Permissions.ApiKeysManage)) == 0) return Unknown;
        await tx.Append(actor, "api_key.revoked", id.ToString(), new { }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapDelete("/api-keys/{id}",
        async (Actor actor, ApiKeyId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp());
}
