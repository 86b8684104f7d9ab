using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Campaigns.Contacts;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Campaigns.Imports;

/// <summary>Starts reading an uploaded file into contacts, as a job that can be watched and cancelled.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>import.not_found</c>, <c>import.started</c> or <c>import.mapping_invalid</c>.</remarks>
public static class StartImport
{
    /// <param name="Mapping">One entry for each column; null takes the suggestion. See <see cref="Import.Mapping"/>.</param>
    /// <param name="Policy">skip (default) leaves contacts that are there as they are; update fills in what the file has.</param>
    public sealed record Input(ImportId Id, IReadOnlyList<string>? Mapping = null, string Policy = "skip");

    const string Update = """
        update campaigns.import
        set mapping = $3, policy = $4, state = 'running', job_id = $5
        where tenant_id = $1 and id = $2 and state = 'uploaded'
        """;

    public static async Task<Result<Import>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ContactsWrite)) return Actor.Forbidden(Permissions.ContactsWrite);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Import.Select, Import.Read, ct, actor.Tenant, workspace, input.Id) is not { } import) return Import.NotFound;
        var mapping = (input.Mapping ?? import.Mapping).Select(m => m.Trim()).ToArray();
        var faults = Faults(import, mapping, input.Policy).ToArray();
        if (faults.Length > 0) return Problem.Invalid("import.mapping_invalid", faults);

        var now = clock.GetUtcNow();
        var job = await tx.Enqueue(new JobOrder<ImportContacts.Order>(ImportContacts.Kind, new(input.Id, workspace)) { UniqueKey = input.Id.Value.ToString("N"), AttemptsMax = 3 }, now, ct);
        if (await tx.Execute(Update, ct, actor.Tenant, input.Id, Jsonb.Of(mapping), input.Policy, job) == 0)
            return new Problem(ProblemKind.Conflict, "import.started", "This import was started already. Upload the file again to import it again.");
        await tx.Append(actor, "import.started", input.Id.ToString(), new { input.Policy }, now, ct);
        var started = await tx.One(Import.Select, Import.Read, ct, actor.Tenant, workspace, input.Id);
        await tx.Commit(ct);
        return started;
    }

    static IEnumerable<FieldProblem> Faults(Import import, string[] mapping, string policy)
    {
        if (mapping.Length != import.Header.Count) yield return new("mapping", $"The file has {import.Header.Count} columns; the mapping has {mapping.Length}.");
        if (mapping.Count(m => m == "email") != 1) yield return new("mapping", "Map exactly one column to email.");
        foreach (var twice in mapping.Where(m => m.Length > 0).GroupBy(m => m).Where(g => g.Count() > 1 && g.Key != "email"))
            yield return new("mapping", $"Two columns are mapped to {twice.Key}.");
        foreach (var name in mapping.Where(m => m.Length > 0 && ContactLimits.AttributeName(m) != m))
            yield return new("mapping", $"{JsonSerializer.Serialize(name)} is not a field name: letters a to z, digits and _, starting with a letter.");
        if (mapping.Count(m => m.Length > 0) > ContactLimits.AttributesMax) yield return new("mapping", $"At most {ContactLimits.AttributesMax} columns; leave some out.");
        if (policy is not ("skip" or "update")) yield return new("policy", "skip or update.");
    }

    public sealed record Body(IReadOnlyList<string>? Mapping = null, string Policy = "skip");

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/imports/{id}/start",
        async (Actor actor, ImportId id, Body body, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, new Input(id, body.Mapping, body.Policy), db, clock, ct)).ToHttp());
}
