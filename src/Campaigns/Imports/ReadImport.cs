using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Campaigns.Imports;

/// <summary>An import as it stands, the newest imports, the rows it refused, and its end before time.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>import.not_found</c> or <c>import.not_running</c>.</remarks>
public static class ReadImport
{
    const string SelectNewest = """
        select id, list_id, file_name, bytes, encoding, delimiter, header, sample, mapping, policy, state, job_id, rows_read, added, updated, duplicates, rejected, problem,
          created_at, finished_at
        from campaigns.import
        where tenant_id = $1 and workspace_id = $2
        order by id desc
        limit 50
        """;

    const string SelectErrors = """
        select row_number, line, code, detail, raw
        from campaigns.import_error
        where tenant_id = $1 and import_id = $2 and row_number > $3
        order by row_number
        limit 1000
        """;

    public static async Task<Result<Import>> Handle(Actor actor, ImportId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ContactsRead)) return Actor.Forbidden(Permissions.ContactsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var found = await tx.Maybe(Import.Select, Import.Read, ct, actor.Tenant, workspace, id);
        return found is null ? Import.NotFound : found;
    }

    public static async Task<Result<Page<Import>>> Newest(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ContactsRead)) return Actor.Forbidden(Permissions.ContactsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return new Page<Import>(await tx.List(SelectNewest, Import.Read, ct, actor.Tenant, workspace), null);
    }

    public static async Task<Result<Done>> Cancel(Actor actor, ImportId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ContactsWrite)) return Actor.Forbidden(Permissions.ContactsWrite);
        var found = await Handle(actor, id, db, ct);
        if (found.Problem is { } problem) return problem;
        if (found.Value is not { State: "running", JobId: { } job })
            return new Problem(ProblemKind.Conflict, "import.not_running", "Only a running import can be cancelled.");
        await JobStore.Cancel(db, actor.Tenant, job, clock.GetUtcNow(), ct);
        // A job that had not begun ends here; a running one ends its import itself.
        if (await JobStore.Status(db, actor.Tenant, job, ct) is { State: "cancelled" })
            await ImportContacts.End(id, "cancelled", "Cancelled by a person before it began.", db, actor.Tenant, clock);
        return default(Done);
    }

    /// <summary>Writes the refused rows as CSV; cells that a spreadsheet would run as a formula get a quote in front (ASVS 1.2.10).</summary>
    public static async Task<Result<Done>> WriteErrors(Actor actor, ImportId id, Stream output, TenantDb db, CancellationToken ct)
    {
        var found = await Handle(actor, id, db, ct);
        if (found.Problem is { } problem) return problem;
        await using var text = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true);
        await text.WriteAsync("row,line,code,detail,cells\r\n");
        await using var tx = await db.Begin(actor.Tenant, ct);
        var after = -1L;
        while (await tx.List(SelectErrors, row => new BadRow(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4)), ct,
            actor.Tenant, id, after) is { Count: > 0 } rows)
        {
            foreach (var row in rows)
                await text.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{row.Number},{row.Line},{row.Code},{CsvReader.Cell(row.Detail)},{CsvReader.Cell(row.Raw)}\r\n"));
            after = rows[^1].Number;
        }

        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/imports", async (Actor actor, TenantDb db, CancellationToken ct) => (await Newest(actor, db, ct)).ToHttp());
        api.MapGet("/imports/{id}", async (Actor actor, ImportId id, TenantDb db, CancellationToken ct) => (await Handle(actor, id, db, ct)).ToHttp());
        api.MapPost("/imports/{id}/cancel", async (Actor actor, ImportId id, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Cancel(actor, id, db, clock, ct)).ToHttp());
        api.MapGet("/imports/{id}/errors.csv", async (Actor actor, ImportId id, TenantDb db, CancellationToken ct) =>
            (await Handle(actor, id, db, ct)).ToHttp(_ => TypedResults.Stream(output => WriteErrors(actor, id, output, db, ct), "text/csv; charset=utf-8", $"{id}-errors.csv")));
    }
}
