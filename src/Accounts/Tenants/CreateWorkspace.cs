using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Tenants;

/// <summary>Adds a workspace to the tenant.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>name.invalid</c>, <c>workspace.*_invalid</c>, <c>workspace.name_taken</c> or <c>workspace.too_many</c>.</remarks>
public static class CreateWorkspace
{
    /// <param name="SenderName">At most 100 characters; empty takes the workspace's name.</param>
    /// <param name="PostalAddress">At most 500 characters in lines; may follow later, but campaigns need it.</param>
    public sealed record Input(string Name, string SenderName = "", string PostalAddress = "");

    public sealed record Output(WorkspaceId Id);

    const int WorkspacesMax = 1000;

    const string Count = "select count(*) from accounts.workspace where tenant_id = $1 and archived_at is null";

    static readonly Problem TooMany = new(ProblemKind.Conflict, "workspace.too_many", $"An account holds at most {WorkspacesMax} workspaces.");

    internal static readonly Problem NameTaken = new(ProblemKind.Conflict, "workspace.name_taken", "Another workspace has this name.");

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.WorkspacesManage)) return Actor.Forbidden(Permissions.WorkspacesManage);
        if (!Line.TryParse(input.Name, Problems.NameLengthMax, out var name)) return Problems.NameInvalid("name");
        if (Check(input.SenderName.Length == 0 ? name : input.SenderName, out var sender, input.PostalAddress, out var address) is { } invalid) return invalid;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.One(Count, row => row.GetInt64(0), ct, actor.Tenant) >= WorkspacesMax) return TooMany;
        var now = clock.GetUtcNow();
        var id = TypedId.New<WorkspaceId>(now);
        if (!await Workspace.Insert(tx, id, name, sender, address, now, ct)) return NameTaken;
        await tx.Append(actor, "workspace.created", id.ToString(), new { name }, now, ct);
        await tx.Commit(ct);
        return new Output(id);
    }

    internal static Problem? Check(string senderName, out string sender, string postalAddress, out string address)
    {
        address = "";
        if (!Line.TryParse(senderName, Problems.NameLengthMax, out sender))
            return Problem.Invalid("workspace.sender_name_invalid", new FieldProblem("sender_name", $"1 to {Problems.NameLengthMax} characters in one line."));
        return Line.TryParseBlock(postalAddress, Workspace.PostalAddressLengthMax, out address)
            ? null
            : Problem.Invalid("workspace.postal_address_invalid", new FieldProblem("postal_address", $"At most {Workspace.PostalAddressLengthMax} characters."));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/workspaces",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/workspaces/{made.Id}", made)));
}

/// <summary>Changes name, sender, postal address, or archives a workspace; what is left out stays.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.not_found</c>, <c>name.invalid</c>, <c>workspace.*_invalid</c>,
/// <c>workspace.name_taken</c> or <c>workspace.last</c>.</remarks>
public static class UpdateWorkspace
{
    public sealed record Input(string? Name = null, string? SenderName = null, string? PostalAddress = null, bool? IsArchived = null);

    const string NameIsTaken = """
        select count(*)
        from accounts.workspace
        where tenant_id = $1 and id <> $2 and name = $3
        """;

    // Holds the tenant, so that names and the last workspace stay true until commit.
    const string LockTenant = "select tenant_id from accounts.tenant where tenant_id = $1 for update";

    const string OthersInUse = "select count(*) from accounts.workspace where tenant_id = $1 and id <> $2 and archived_at is null";

    const string Update = """
        update accounts.workspace
        set name = $3, sender_name = $4, postal_address = $5, archived_at = $6
        where tenant_id = $1 and id = $2
        """;

    static readonly Problem Last = new(ProblemKind.Conflict, "workspace.last", "An account needs one workspace in use. Create another first.");

    public static async Task<Result<Done>> Handle(Actor actor, WorkspaceId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.WorkspacesManage)) return Actor.Forbidden(Permissions.WorkspacesManage);
        await using var tx = await db.Begin(actor.Tenant, ct);
        await tx.Maybe(LockTenant, row => (object)row.GetGuid(0), ct, actor.Tenant);
        if (await Workspace.Find(tx, id, ct) is not { } now) return Problems.WorkspaceUnknown;
        if (!Line.TryParse(input.Name ?? now.Name, Problems.NameLengthMax, out var name)) return Problems.NameInvalid("name");
        if (CreateWorkspace.Check(input.SenderName ?? now.SenderName, out var sender, input.PostalAddress ?? now.PostalAddress, out var address) is { } invalid) return invalid;
        if (await tx.One(NameIsTaken, row => row.GetInt64(0), ct, actor.Tenant, id, name) > 0) return CreateWorkspace.NameTaken;
        var at = clock.GetUtcNow();
        DateTimeOffset? archivedAt = input.IsArchived switch { true => now.ArchivedAt ?? at, false => null, null => now.ArchivedAt };
        if (archivedAt is not null && await tx.One(OthersInUse, row => row.GetInt64(0), ct, actor.Tenant, id) == 0) return Last;
        await tx.Execute(Update, ct, actor.Tenant, id, name, sender, address, archivedAt);
        await tx.Append(actor, "workspace.updated", id.ToString(), new { name, postal_address_given = address.Length > 0, is_archived = archivedAt is not null }, at, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPatch("/workspaces/{id}",
        async (Actor actor, WorkspaceId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, clock, ct)).ToHttp());
}
