using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Lists;

/// <summary>Creates an empty contact list. Sends nothing; one transaction.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>list.name_invalid</c> or <c>list.name_taken</c>.</remarks>
public static class CreateList
{
    public sealed record Input(string Name);

    public sealed record Output(ListId Id, string Name, DateTimeOffset CreatedAt);

    const int NameLengthMax = 100; // UTF-16 code units.

    const string Insert = """
        insert into campaigns.list (tenant_id, id, workspace_id, name, created_at)
        values ($1, $2, $3, $4, $5)
        on conflict on constraint list_once do nothing
        """;

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ContactsWrite)) return Actor.Forbidden(Permissions.ContactsWrite);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var name = input.Name.Trim();
        if (name.Length is 0 or > NameLengthMax || name.Any(char.IsControl))
            return Problem.Invalid("list.name_invalid", new FieldProblem("name", $"1 to {NameLengthMax} characters."));

        await using var tx = await db.Begin(actor.Tenant, ct);
        var now = clock.GetUtcNow();
        var id = TypedId.New<ListId>(now);
        if (await tx.Execute(Insert, ct, actor.Tenant, id, workspace, name, now) == 0)
            return new Problem(ProblemKind.Conflict, "list.name_taken", "Another list has this name.");
        await tx.Append(actor, "list.created", id.ToString(), new { name }, now, ct);
        await tx.Commit(ct);
        return new Output(id, name, now);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/lists",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/lists/{made.Id}", made)));
}
