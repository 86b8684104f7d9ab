using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Accounts.Keys;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Members;

/// <summary>Who belongs to the tenant, in the order they joined; one line for each role a person holds.</summary>
/// <remarks>Who is confined to workspaces, person or key, sees those who hold a role there or in the whole account, and no other workspace's people.
/// Refuses with <c>permission.missing</c> or <c>cursor.invalid</c>.</remarks>
public static class ListMembers
{
    public sealed record Member(UserId UserId, string DisplayName, string Email, Role Role, WorkspaceId? WorkspaceId, DateTimeOffset JoinedAt);

    // A page is cut between people, never between the roles of one.
    const string Select = """
        select m.user_id, u.display_name, u.email, m.role, m.workspace_id, m.created_at
        from (
          select distinct user_id
          from accounts.membership
          where tenant_id = $1 and ($2::uuid is null or user_id > $2) and ($4::uuid[] is null or workspace_id is null or workspace_id = any($4))
          order by user_id
          limit $3) as page
        join accounts.membership m on m.tenant_id = $1 and m.user_id = page.user_id
        join accounts.user_account u on u.id = m.user_id
        where $4::uuid[] is null or m.workspace_id is null or m.workspace_id = any($4)
        order by m.user_id, m.workspace_id nulls first
        limit 100000
        """;

    const string SelectKeyReach = "select workspace_id from accounts.api_key where tenant_id = $1 and id = $2";

    public static async Task<Result<Page<Member>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MembersRead)) return Actor.Forbidden(Permissions.MembersRead);
        if (!Cursor.TryDecodeId(cursor, out var after)) return Cursor.Broken;
        var count = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var rows = await tx.List(Select, Read, ct, actor.Tenant, after, count + 1, await Reach(tx, actor, ct));
        var people = rows.Select(row => row.UserId).Distinct().ToList();
        if (people.Count <= count) return new Page<Member>(rows, null);
        return new Page<Member>([.. rows.Where(row => row.UserId != people[^1])], Cursor.Encode(people[^2].Value.ToString("N")));
    }

    // Null: the whole account.
    static async Task<Guid[]?> Reach(TenantTx tx, Actor actor, CancellationToken ct)
    {
        if (ApiKeyId.TryParse(actor.Label, null, out var key)) return await tx.List(SelectKeyReach, row => row.Maybe<Guid>(0), ct, actor.Tenant, key) is [{ } bound] ? [bound] : null;
        if (actor.User is not { } user) return null; // The program itself.
        var held = await Membership.Of(tx, user, ct);
        return held.Exists(one => one.Workspace is null) ? null : [.. held.Select(one => one.Workspace?.Value ?? default)];
    }

    static Member Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetString(2), Roles.Parse(row.GetString(3)),
        row.Maybe<Guid>(4) is { } workspace ? new WorkspaceId(workspace) : null, row.GetFieldValue<DateTimeOffset>(5));

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/members",
        async (Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, cursor, limit, db, ct)).ToHttp());
}

/// <summary>Gives a member one role in place of all they hold.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>member.not_found</c>, <c>member.role_too_high</c>, <c>member.role_not_confined</c>,
/// <c>workspace.not_found</c> or <c>member.last_owner</c>.</remarks>
public static class ChangeRole
{
    public sealed record Input(Role Role, WorkspaceId? WorkspaceId = null);

    internal const string DeleteAll = "delete from accounts.membership where tenant_id = $1 and user_id = $2";

    internal static readonly Problem Unknown = new(ProblemKind.NotFound, "member.not_found", "This person is no member of the account.");

    internal static readonly Problem LastOwner = new(ProblemKind.Conflict, "member.last_owner", "The account needs an owner. Make somebody else an owner first.");

    public static async Task<Result<Done>> Handle(Actor actor, UserId user, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MembersManage)) return Actor.Forbidden(Permissions.MembersManage);
        if (!Roles.MayGive(actor, input.Role)) return Problems.RoleTooHigh;
        if (input.WorkspaceId is not null && !Roles.MayBeConfined(input.Role)) return Problems.RoleNotConfined;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var isLastOwner = await Membership.IsLastOwner(tx, user, ct);
        var held = await Membership.Of(tx, user, ct);
        if (held.Count == 0) return Unknown;
        if (held.Any(one => !Roles.MayGive(actor, one.Role))) return Problems.RoleTooHigh;
        if (isLastOwner && input.Role != Role.Owner) return LastOwner;
        if (input.WorkspaceId is { } workspace && await Workspace.Find(tx, workspace, ct) is not { ArchivedAt: null }) return Problems.WorkspaceUnknown;
        var now = clock.GetUtcNow();
        await tx.Execute(DeleteAll, ct, actor.Tenant, user);
        await Membership.Insert(tx, user, input.WorkspaceId, input.Role, now, ct);
        await tx.Append(actor, "member.role_changed", user.ToString(), new { role = input.Role, workspace = input.WorkspaceId }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPatch("/members/{id}",
        async (Actor actor, UserId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, clock, ct)).ToHttp());
}

/// <summary>Takes a person out of the tenant, or lets them leave it. The API keys they made end with them.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>member.not_found</c>, <c>member.role_too_high</c> or <c>member.last_owner</c>.</remarks>
public static class RemoveMember
{
    public sealed record Output(int ApiKeysRevoked);

    const string DeleteLookup = "delete from accounts.user_tenant where user_id = $1 and tenant_id = $2";

    const string RevokeKeys = "update accounts.api_key set revoked_at = $3 where tenant_id = $1 and created_by = $2 and revoked_at is null";

    public static async Task<Result<Output>> Handle(Actor actor, UserId user, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var leaves = actor.User == user;
        if (!leaves && actor.Lacks(Permissions.MembersManage)) return Actor.Forbidden(Permissions.MembersManage);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var isLastOwner = await Membership.IsLastOwner(tx, user, ct);
        var held = await Membership.Of(tx, user, ct);
        if (held.Count == 0) return ChangeRole.Unknown;
        if (!leaves && held.Any(one => !Roles.MayGive(actor, one.Role))) return Problems.RoleTooHigh;
        if (isLastOwner) return ChangeRole.LastOwner;
        var now = clock.GetUtcNow();
        await tx.Execute(ChangeRole.DeleteAll, ct, actor.Tenant, user);
        await tx.Execute(DeleteLookup, ct, user, actor.Tenant);
        await SessionRows.Leave(tx, user, ct);
        var keys = await tx.Execute(RevokeKeys, ct, actor.Tenant, user.ToString(), now);
        await tx.Append(actor, "member.removed", user.ToString(), new { api_keys_revoked = keys }, now, ct);
        await tx.Commit(ct);
        return new Output(keys);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapDelete("/members/{id}",
        async (Actor actor, UserId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp());
}
