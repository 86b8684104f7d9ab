using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Accounts.Members;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Sessions;

/// <summary>Where this session acts from now on.</summary>
/// <remarks>Refuses with <c>tenant.not_found</c> or <c>workspace.not_found</c>, also for those of others.</remarks>
public static class ChooseWorkspace
{
    public sealed record Input(TenantId TenantId, WorkspaceId? WorkspaceId = null);

    const string Choose = "update accounts.session set tenant_id = $3, workspace_id = $4 where user_id = $1 and id = $2";

    static readonly Problem TenantUnknown = new(ProblemKind.NotFound, "tenant.not_found", "You do not belong to such an account.");

    public static async Task<Result<Done>> Handle(SignedIn person, Input input, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.Begin(input.TenantId, ct);
        var memberships = await Membership.Of(tx, person.User, ct);
        if (memberships.Count == 0) return TenantUnknown;
        if (input.WorkspaceId is { } id)
        {
            var mayEnter = memberships.Any(one => one.Workspace is null || one.Workspace == id);
            if (!mayEnter || await Workspace.Find(tx, id, ct) is not { ArchivedAt: null }) return Problems.WorkspaceUnknown;
        }

        await tx.Execute(Choose, ct, person.User, person.Session, input.TenantId, input.WorkspaceId);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/session/workspace",
        async (SignedIn person, Input input, TenantDb db, CancellationToken ct) => (await Handle(person, input, db, ct)).ToHttp()).NeedsSession();
}

/// <summary>Who is logged in, the accounts they belong to, and what they may do where they act now.</summary>
public static class WhoAmI
{
    public sealed record Tenant(TenantId Id, string Name);

    public sealed record Output(
        UserId UserId, string DisplayName, string Email, TenantId? TenantId, WorkspaceId? WorkspaceId, IReadOnlyList<string> Permissions, IReadOnlyList<Tenant> Tenants);

    const string SelectTenants = "select tenant_id from accounts.user_tenant where user_id = $1 order by tenant_id limit 200";

    const string SelectName = "select name from accounts.tenant where tenant_id = $1";

    public static async Task<Result<Output>> Handle(SignedIn person, TenantDb db, CancellationToken ct)
    {
        List<TenantId> ids;
        await using (var tx = await db.BeginUnscoped(ct)) ids = await tx.List(SelectTenants, row => new TenantId(row.GetGuid(0)), ct, person.User);
        var tenants = new List<Tenant>();
        foreach (var id in ids)
        {
            await using var tx = await db.Begin(id, ct);
            if (await tx.Maybe(SelectName, (NpgsqlDataReader row) => row.GetString(0), ct, id) is { } name) tenants.Add(new Tenant(id, name));
        }

        var actor = person.Actor;
        return new Output(person.User, person.DisplayName, person.Email, actor?.Tenant, actor?.Workspace, [.. actor?.Permissions.Order() ?? Enumerable.Empty<string>()], tenants);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/me",
        async (SignedIn person, TenantDb db, CancellationToken ct) => (await Handle(person, db, ct)).ToHttp()).NeedsSession();
}
