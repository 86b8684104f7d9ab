using System.Collections.Frozen;
using Npgsql;
using PenguinMails.Accounts.Keys;
using PenguinMails.Accounts.Members;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Sessions;

/// <summary>Who acts, from a session's token or an API key.</summary>
public sealed class ActorResolver(TenantDb db, TimeProvider clock)
{
    static readonly TimeSpan SeenStep = TimeSpan.FromMinutes(1); // So that a busy client writes once a minute, not once a request.

    const string FindSession = """
        select s.id, s.user_id, s.last_seen_at, u.display_name, u.email, u.lockout_end,
          coalesce(
            (select t.tenant_id from accounts.user_tenant t where t.user_id = s.user_id and t.tenant_id = s.tenant_id),
            (select t.tenant_id from accounts.user_tenant t where t.user_id = s.user_id order by t.tenant_id limit 1)),
          s.workspace_id
        from accounts.session s
        join accounts.user_account u on u.id = s.user_id
        where s.token_hash = $1 and s.revoked_at is null and s.idle_until > $2 and s.absolute_until > $2
        """;

    const string TouchSession = """
        update accounts.session
        set last_seen_at = $2, idle_until = least($3, absolute_until)
        where id = $1
        """;

    const string OldestWorkspace = """
        select id, name, sender_name, postal_address, created_at, archived_at
        from accounts.workspace
        where tenant_id = $1 and archived_at is null and ($2::uuid[] is null or id = any($2))
        order by id
        limit 1
        """;

    const string FindLookup = "select tenant_id, key_id from accounts.api_key_lookup where key_hash = $1";

    const string FindKey = """
        select scopes, workspace_id, last_used_at
        from accounts.api_key
        where tenant_id = $1 and id = $2 and revoked_at is null and (expires_at is null or expires_at > $3)
        """;

    const string TouchKey = "update accounts.api_key set last_used_at = $3 where tenant_id = $1 and id = $2";

    public static readonly Problem Missing =
        new(ProblemKind.Unauthenticated, "auth.missing", "Send an API key or a session token as Authorization: Bearer, or log in.");

    public static readonly Problem Invalid =
        new(ProblemKind.Unauthenticated, "auth.invalid", "This key or session is not valid: it is mistyped, expired or revoked.");

    static readonly Problem HeaderInvalid =
        Problem.Invalid("workspace.id_invalid", new FieldProblem("X-Workspace", "Give a workspace's id: wsp_ and 26 characters."));

    sealed record Found(SessionId Id, UserId User, DateTimeOffset SeenAt, string Name, string Email, DateTimeOffset? LockedUntil, TenantId? Tenant, WorkspaceId? Workspace);

    sealed record Key(TenantId Tenant, ApiKeyId Id);

    sealed record Grant(string[] Scopes, WorkspaceId? Workspace, DateTimeOffset? UsedAt);

    /// <summary>A person always acts in a workspace: the one asked for, else the session's choice, else the oldest they may enter.</summary>
    /// <param name="workspace">From X-Workspace; null when not sent.</param>
    public async Task<Result<SignedIn>> FromSession(string? token, string? workspace, CancellationToken ct)
    {
        if (token is null || !Token.IsWellFormed(token, Token.SessionPrefix)) return Invalid;
        if (!TryParse(workspace, out var asked)) return HeaderInvalid;
        var now = clock.GetUtcNow();
        if (await Find(token, now, ct) is not { } found || found.LockedUntil > now) return Invalid;
        var person = new SignedIn(found.Id, found.User, found.Name, found.Email, null);
        if (found.Tenant is not { } tenant) return person;

        await using var tx = await db.Begin(tenant, ct);
        var memberships = await Membership.Of(tx, found.User, ct);
        if (memberships.Count == 0) return person;
        var chosen = await Enter(tx, memberships, asked ?? found.Workspace, ct);
        if (asked is not null && chosen is null) return Problems.WorkspaceUnknown;
        chosen ??= await Enter(tx, memberships, null, ct);
        var wide = memberships.Where(one => one.Workspace is null).SelectMany(one => Roles.Permissions(one.Role)).ToFrozenSet();
        var confined = memberships.Where(one => one.Workspace is not null && one.Workspace == chosen).SelectMany(one => Roles.ConfinedPermissions(one.Role)).Except(wide).ToFrozenSet();
        return person with { Actor = new Actor(ActorKind.Person, tenant, chosen, found.User, found.User.ToString(), wide.Union(confined).ToFrozenSet()) { Confined = confined } };
    }

    /// <param name="workspace">From X-Workspace; must be the key's own when the key is bound to one.</param>
    public async Task<Result<Actor>> FromApiKey(string? text, string? workspace, CancellationToken ct)
    {
        if (text is null || !ApiKeyText.IsWellFormed(text)) return Invalid;
        if (!TryParse(workspace, out var asked)) return HeaderInvalid;
        if (await Find(text, ct) is not { } key) return Invalid;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(key.Tenant, ct);
        if (await tx.Maybe(FindKey, ReadGrant, ct, key.Tenant, key.Id, now) is not { } grant) return Invalid;
        if (asked is not null && grant.Workspace is not null && asked != grant.Workspace) return Problems.WorkspaceUnknown;
        if ((asked ?? grant.Workspace) is { } id && await Workspace.Find(tx, id, ct) is not { ArchivedAt: null }) return Problems.WorkspaceUnknown;
        if (grant.UsedAt is null || now - grant.UsedAt >= SeenStep) await tx.Execute(TouchKey, ct, key.Tenant, key.Id, now);
        await tx.Commit(ct);
        if (grant.Workspace is null) return new Actor(ActorKind.ApiKey, key.Tenant, asked, null, key.Id.ToString(), grant.Scopes.ToFrozenSet());
        var confined = grant.Scopes.Where(scope => !Roles.IsOfAccount(scope)).ToFrozenSet();
        return new Actor(ActorKind.ApiKey, key.Tenant, grant.Workspace, null, key.Id.ToString(), confined) { Confined = confined };
    }

    // Null when there is no such workspace for this person; without a wish, the oldest.
    static async Task<WorkspaceId?> Enter(TenantTx tx, List<Membership> memberships, WorkspaceId? wish, CancellationToken ct)
    {
        Guid[]? reach = memberships.Any(one => one.Workspace is null) ? null : [.. memberships.Select(one => one.Workspace?.Value ?? default)];
        if (wish is { } id) reach = reach is null || reach.Contains(id.Value) ? [id.Value] : [];
        return (await tx.Maybe(OldestWorkspace, Workspace.Read, ct, tx.Tenant, reach))?.Id;
    }

    async Task<Found?> Find(string token, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        var found = await tx.Maybe(FindSession, ReadSession, ct, Token.Hash(token), now);
        if (found is null || now - found.SeenAt < SeenStep) return found;
        await tx.Execute(TouchSession, ct, found.Id, now, now + SessionRows.Idle);
        await tx.Commit(ct);
        return found;
    }

    async Task<Key?> Find(string text, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        return await tx.Maybe(FindLookup, row => new Key(new(row.GetGuid(0)), new(row.GetGuid(1))), ct, Token.Hash(text));
    }

    static bool TryParse(string? header, out WorkspaceId? asked)
    {
        asked = null;
        if (string.IsNullOrEmpty(header)) return true;
        if (!WorkspaceId.TryParse(header, null, out var id)) return false;
        asked = id;
        return true;
    }

    static Found ReadSession(NpgsqlDataReader row) => new(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetFieldValue<DateTimeOffset>(2),
        row.GetString(3), row.GetString(4), row.Maybe<DateTimeOffset>(5), row.Maybe<Guid>(6) is { } tenant ? new TenantId(tenant) : null,
        row.Maybe<Guid>(7) is { } workspace ? new WorkspaceId(workspace) : null);

    static Grant ReadGrant(NpgsqlDataReader row) => new(row.GetFieldValue<string[]>(0),
        row.Maybe<Guid>(1) is { } workspace ? new WorkspaceId(workspace) : null, row.Maybe<DateTimeOffset>(2));
}
