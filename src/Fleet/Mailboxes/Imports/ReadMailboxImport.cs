using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Fleet.Mailboxes.Imports;

/// <summary>An import of mailboxes as it stands, the newest ones, the rows it refused, and its end before time.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>mailbox_import.not_found</c> or <c>mailbox_import.over</c>.</remarks>
public static class ReadMailboxImport
{
    const int ErrorsPage = 1000;
    const int ProblemsMax = 100;

    const string SelectNewest = """
        select id, file_name, state, job_id, rows_read, ready, added, known, rejected, problem, created_at, finished_at
        from fleet.mailbox_import
        where tenant_id = $1 and workspace_id = $2
        order by id desc
        limit 50
        """;

    const string SelectErrors = """
        select row_number, line, field, detail, cells
        from fleet.mailbox_import_error
        where tenant_id = $1 and import_id = $2 and row_number > $3
        order by row_number
        limit $4
        """;

    sealed record Refused(int Row, int Line, string Field, string Detail, string[] Cells);

    public static async Task<Result<MailboxImport>> Handle(Actor actor, MailboxImportId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await MailboxImport.Find(tx, workspace, id, ct) is { } found ? found : MailboxImport.NotFound;
    }

    public static async Task<Result<Page<MailboxImport>>> Newest(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return new Page<MailboxImport>(await tx.List(SelectNewest, MailboxImport.Read, ct, actor.Tenant, workspace), null);
    }

    /// <summary>The first 100 rows that were refused; all of them are in the file.</summary>
    public static async Task<Result<Page<MailboxImportProblem>>> Problems(Actor actor, MailboxImportId id, TenantDb db, CancellationToken ct)
    {
        var found = await Handle(actor, id, db, ct);
        if (found.Problem is { } problem) return problem;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return new Page<MailboxImportProblem>([.. (await Errors(tx, id, 0, ProblemsMax, ct)).Select(row => new MailboxImportProblem(row.Row, row.Line, row.Field, row.Detail, row.Cells.FirstOrDefault() ?? ""))], null);
    }

    /// <summary>Ends an upload or a running import. What is connected stays; what waited is gone with its passwords.</summary>
    public static async Task<Result<Done>> Cancel(Actor actor, MailboxImportId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        var found = await Handle(actor, id, db, ct);
        if (found.Problem is { } problem) return problem;
        if (found.Value.State is not ("uploaded" or "running")) return new Problem(ProblemKind.Conflict, "mailbox_import.over", $"This import is {found.Value.State}; there is nothing to cancel.");
        if (found.Value.JobId is { } job) await JobStore.Cancel(db, actor.Tenant, job, clock.GetUtcNow(), ct);
        // A running job sees in its next row that the import is over.
        await ConnectImported.End(id, "cancelled", "Cancelled by a person; mailboxes connected until then stay.", db, actor.Tenant, clock);
        return default(Done);
    }

    /// <summary>Writes the refused rows as CSV with the columns of an upload, but for the passwords, which are nowhere any more.</summary>
    public static async Task<Result<Done>> WriteErrors(Actor actor, MailboxImportId id, Stream output, TenantDb db, CancellationToken ct)
    {
        var found = await Handle(actor, id, db, ct);
        if (found.Problem is { } problem) return problem;
        await using var text = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true);
        await text.WriteAsync($"row,line,column,problem,{string.Join(',', MailboxColumns.Open)}\r\n");
        await using var tx = await db.Begin(actor.Tenant, ct);
        for (var after = 0; await Errors(tx, id, after, ErrorsPage, ct) is { Count: > 0 } rows; after = rows[^1].Row)
            foreach (var row in rows)
                await text.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{row.Row},{row.Line},{row.Field},{CsvReader.Cell(row.Detail)},{string.Join(',', row.Cells.Select(CsvReader.Cell))}\r\n"));
        return default(Done);
    }

    static Task<List<Refused>> Errors(TenantTx tx, MailboxImportId id, int after, int limit, CancellationToken ct) =>
        tx.List(SelectErrors, row => new Refused(row.GetInt32(0), row.GetInt32(1), row.GetString(2), row.GetString(3), row.GetFieldValue<string[]>(4)), ct, tx.Tenant, id, after, limit);

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/mailbox-imports", async (Actor actor, TenantDb db, CancellationToken ct) => (await Newest(actor, db, ct)).ToHttp());
        api.MapGet("/mailbox-imports/{id}", async (Actor actor, MailboxImportId id, TenantDb db, CancellationToken ct) => (await Handle(actor, id, db, ct)).ToHttp());
        api.MapGet("/mailbox-imports/{id}/problems", async (Actor actor, MailboxImportId id, TenantDb db, CancellationToken ct) => (await Problems(actor, id, db, ct)).ToHttp());
        api.MapPost("/mailbox-imports/{id}/cancel", async (Actor actor, MailboxImportId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Cancel(actor, id, db, clock, ct)).ToHttp());
        api.MapGet("/mailbox-imports/{id}/errors.csv", async (Actor actor, MailboxImportId id, TenantDb db, CancellationToken ct) =>
            (await Handle(actor, id, db, ct)).ToHttp(_ => TypedResults.Stream(output => WriteErrors(actor, id, output, db, ct), "text/csv; charset=utf-8", $"{id}-errors.csv")));
    }
}
