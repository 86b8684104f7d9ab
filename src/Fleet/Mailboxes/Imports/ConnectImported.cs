using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Mailboxes.Imports;

/// <summary>The job that connects the mailboxes of an upload, one after the other. A row goes in the same commit in which its mailbox comes, so that a restart does none twice and none is left out.</summary>
static class ConnectImported
{
    public const string Kind = "fleet.connect_imported";
    public const int AttemptsMax = 10;
    const int ShownEvery = 10;
    static readonly TimeSpan StoreBack = TimeSpan.FromSeconds(30);

    public sealed record Order(MailboxImportId Import, WorkspaceId Workspace);

    const string Lock = "select state, added + known + rejected, rows_read from fleet.mailbox_import where tenant_id = $1 and id = $2 for update";

    const string SelectNext = "select row_number, line, cells, sealed from fleet.mailbox_import_row where tenant_id = $1 and import_id = $2 order by row_number limit 1";

    const string DeleteRow = "delete from fleet.mailbox_import_row where tenant_id = $1 and import_id = $2 and row_number = $3";

    const string Count = "update fleet.mailbox_import set ready = ready - 1, added = added + $3, known = known + $4, rejected = rejected + $5 where tenant_id = $1 and id = $2";

    sealed record Standing(string State, int Done, int Rows);

    sealed record Next(int Row, int Line, string[] Cells, byte[] Sealed);

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        try
        {
            for (var turn = 1; await One(order, run, ct) is { } standing; turn++)
                if (turn % ShownEvery == 1) await run.Progress(standing.Done, standing.Rows, $"{standing.Done:N0} of {standing.Rows:N0} rows", ct);
        }
        catch (JobCancelled)
        {
            await End(order.Import, "cancelled", "Cancelled by a person; mailboxes connected until then stay.", run.Db, run.Tenant, run.Need<TimeProvider>());
            throw;
        }
        catch (Exception) when (run.IsLastAttempt && !ct.IsCancellationRequested)
        {
            await Bury(order, run, ct);
            throw;
        }
    }

    /// <summary>The workers of all attempts died.</summary>
    public static Task Bury(Order order, JobRun run, CancellationToken ct) =>
        End(order.Import, "failed", $"It failed {AttemptsMax} times; mailboxes connected until then stay. Upload the file again to go on: what is connected is passed over.", run.Db, run.Tenant, run.Need<TimeProvider>());

    /// <returns>Null when there is nothing more to do now.</returns>
    static async Task<Standing?> One(Order order, JobRun run, CancellationToken ct)
    {
        var clock = run.Need<TimeProvider>();
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        if (await tx.Maybe(Lock, row => new Standing(row.GetString(0), row.GetInt32(1), row.GetInt32(2)), ct, run.Tenant, order.Import) is not { State: "running" } standing) return null;
        if (await tx.Maybe(SelectNext, row => new Next(row.GetInt32(0), row.GetInt32(1), row.GetFieldValue<string[]>(2), row.GetFieldValue<byte[]>(3)), ct, run.Tenant, order.Import) is not { } next)
        {
            await MailboxImport.Finish(tx, order.Import, "done", null, clock.GetUtcNow(), ct);
            await tx.Commit(ct);
            return null;
        }

        var input = Json.Read<ConnectMailbox.Input>(run.Need<SealedBox>().Open(run.Tenant, MailboxImport.Purpose(order.Import, next.Row), next.Sealed));
        await tx.Execute(DeleteRow, ct, run.Tenant, order.Import, next.Row);
        await tx.Execute(Count, ct, run.Tenant, order.Import, 1, 0, 0);
        var made = await ConnectMailbox.Within(tx, Actor.System(run.Tenant, order.Workspace), input, isHosted: false, run.Need<MailboxSecrets>(), "job " + Kind, clock, ct);
        if (made.IsOk)
        {
            await tx.Commit(ct);
            return standing with { Done = standing.Done + 1 };
        }

        await tx.DisposeAsync(); // Nothing of the row is left.
        if (made.Problem is { Kind: ProblemKind.Unavailable })
        {
            run.Again(StoreBack); // The store is sealed or away: the row waits.
            return null;
        }

        await Refuse(order, next, made.Problem, run, ct);
        return standing with { Done = standing.Done + 1 };
    }

    static async Task Refuse(Order order, Next next, Problem? problem, JobRun run, CancellationToken ct)
    {
        var isKnown = problem?.Code == "mailbox.exists";
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        if (await tx.Execute(DeleteRow, ct, run.Tenant, order.Import, next.Row) == 0) return; // Cancelled meanwhile.
        await tx.Execute(Count, ct, run.Tenant, order.Import, 0, isKnown ? 1 : 0, isKnown ? 0 : 1);
        if (!isKnown) await tx.Execute(UploadMailboxImport.InsertError, ct, run.Tenant, order.Import, next.Row, next.Line, "address", problem?.Detail, next.Cells);
        await tx.Commit(ct);
    }

    internal static async Task End(MailboxImportId import, string state, string problem, TenantDb db, TenantId tenant, TimeProvider clock)
    {
        await using var tx = await db.Begin(tenant, CancellationToken.None);
        await MailboxImport.Finish(tx, import, state, problem, clock.GetUtcNow(), CancellationToken.None);
        await tx.Commit(CancellationToken.None);
    }
}
