using System.Threading.Channels;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Campaigns.Imports;

/// <summary>The job that turns an uploaded file into contacts: streams, in batches of 5,000, in memory that does not grow with the file.</summary>
/// <remarks>Each batch is one transaction together with the counts, so that a restart goes on behind the last batch and counts nothing twice.</remarks>
static class ImportContacts
{
    public const string Kind = "campaigns.import_contacts";
    const int BatchRows = 5_000;
    const int BatchesAhead = 2; // Read while the database works.

    public sealed record Order(ImportId Import, WorkspaceId Workspace);

    const string Finish = "update campaigns.import set state = $3, problem = $4, finished_at = $5 where tenant_id = $1 and id = $2 and state = 'running'";

    const string DropChunks = "delete from campaigns.import_chunk where tenant_id = $1 and import_id = $2";

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var clock = run.Need<TimeProvider>();
        await using var reading = await run.Db.Begin(run.Tenant, ct);
        if (await reading.Maybe(Import.Select, Import.Read, ct, run.Tenant, order.Workspace, order.Import) is not { State: "running" } import) return;
        try
        {
            var total = await Pump(order, import, reading, run, clock, ct);
            await End(order.Import, "done", null, run.Db, run.Tenant, clock);
            await run.Progress(total, total, "Done", ct);
        }
        catch (JobCancelled)
        {
            await End(order.Import, "cancelled", "Cancelled by a person; rows read until then are kept.", run.Db, run.Tenant, clock);
            throw;
        }
        catch (Exception) when (run.IsLastAttempt && !ct.IsCancellationRequested)
        {
            await End(order.Import, "failed", "The import failed three times; rows read until then are kept. Upload the file again to go on.", run.Db, run.Tenant, clock);
            throw;
        }
    }

    /// <summary>The workers of all attempts died, for want of memory for example.</summary>
    public static Task Bury(Order order, JobRun run, CancellationToken ct) =>
        End(order.Import, "failed", "The program was stopped three times while it read this file; rows read until then are kept. Upload the file again to go on.", run.Db, run.Tenant, run.Need<TimeProvider>());

    static async Task<long> Pump(Order order, Import import, TenantTx reading, JobRun run, TimeProvider clock, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var batches = Channel.CreateBounded<ImportBatch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        var producer = Task.Run(() => Produce(import, reading, batches.Writer, stop.Token), CancellationToken.None);
        var statistics = new FreshStatistics(run.Db, run.Tenant);
        var rows = 0L;
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(ct))
            {
                await WriteRows.Write(order, import, batch, run.Db, run.Tenant, clock.GetUtcNow(), ct);
                rows = batch.RowsRead;
                await statistics.After(rows, isEnd: false, ct);
                await run.Progress(rows, null, $"{rows:N0} rows read", ct);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAny(producer);
        }

        await producer;
        await statistics.After(rows, isEnd: true, ct);
        return rows;
    }

    static async Task Produce(Import import, TenantTx reading, ChannelWriter<ImportBatch> batches, CancellationToken ct)
    {
        try
        {
            using var text = new StreamReader(new ChunkStream(reading, import.Id), ImportText.Encoding(import.Encoding), detectEncodingFromByteOrderMarks: true, 256 * 1024);
            var reader = new CsvReader(text, import.Delimiter[0]);
            var check = new RowCheck(import.Mapping);
            var batch = new ImportBatch(import.RowsRead, new(BatchRows), []);
            await reader.Next(ct); // The header.
            while (await reader.Next(ct) is { } row)
            {
                if (row.Number <= import.RowsRead) continue; // Written before a restart.
                var (good, bad) = check.Judge(row);
                if (good is not null) batch.Good.Add(good);
                if (bad is not null) batch.Bad.Add(bad);
                batch = batch with { RowsRead = row.Number };
                if (batch.Good.Count + batch.Bad.Count < BatchRows) continue;
                await batches.WriteAsync(batch, ct);
                batch = new ImportBatch(row.Number, new(BatchRows), []);
            }

            if (batch.Good.Count + batch.Bad.Count > 0) await batches.WriteAsync(batch, ct);
        }
        finally
        {
            batches.TryComplete();
        }
    }

    internal static async Task End(ImportId import, string state, string? problem, TenantDb db, TenantId tenant, TimeProvider clock)
    {
        await using var tx = await db.Begin(tenant, CancellationToken.None);
        await tx.Execute(Finish, CancellationToken.None, tenant, import, state, problem, clock.GetUtcNow());
        await tx.Execute(DropChunks, CancellationToken.None, tenant, import);
        await tx.Commit(CancellationToken.None);
    }
}
