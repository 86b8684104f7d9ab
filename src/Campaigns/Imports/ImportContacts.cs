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

    sealed record Batch(long RowsRead, List<GoodRow> Good, List<BadRow> Bad);

    sealed record Written(long Added, long Changed);

    const string InsertSkip = """
        with rows as (
          select r.id, r.email, r.first_name, r.last_name, r.company, r.attributes, r.is_role, r.is_consumer
          from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[], $11::boolean[])
            as r (id, email, first_name, last_name, company, attributes, is_role, is_consumer)),
        made as (
          insert into campaigns.contact (tenant_id, id, workspace_id, email, first_name, last_name, company, attributes, is_role, is_consumer, source, created_at, updated_at)
          select $1, r.id, $2, r.email, r.first_name, r.last_name, r.company, r.attributes::jsonb, r.is_role, r.is_consumer, $12, $3, $3
          from rows r
          on conflict on constraint contact_once do nothing
          returning id),
        added as (
          insert into campaigns.list_member (tenant_id, list_id, contact_id)
          select $1, $13, made.id
          from made
          returning 1)
        select count(*), 0::bigint from added
        """;

    const string InsertUpdate = """
        with rows as (
          select r.id, r.email, r.first_name, r.last_name, r.company, r.attributes, r.is_role, r.is_consumer
          from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[], $11::boolean[])
            as r (id, email, first_name, last_name, company, attributes, is_role, is_consumer)),
        made as (
          insert into campaigns.contact as c (tenant_id, id, workspace_id, email, first_name, last_name, company, attributes, is_role, is_consumer, source, created_at, updated_at)
          select $1, r.id, $2, r.email, r.first_name, r.last_name, r.company, r.attributes::jsonb, r.is_role, r.is_consumer, $12, $3, $3
          from rows r
          on conflict on constraint contact_once do update
          set first_name = coalesce(nullif(excluded.first_name, ''), c.first_name), last_name = coalesce(nullif(excluded.last_name, ''), c.last_name),
            company = coalesce(nullif(excluded.company, ''), c.company), attributes = c.attributes || excluded.attributes, updated_at = excluded.updated_at
          returning c.id, (xmax = 0) as is_new),
        added as (
          insert into campaigns.list_member (tenant_id, list_id, contact_id)
          select $1, $13, made.id
          from made
          where made.is_new
          returning 1)
        select count(*) filter (where is_new), count(*) filter (where not is_new) from made
        """;

    // Contacts that were there before come into the list as well. Reads the index of contact_once.
    const string InsertMembers = """
        insert into campaigns.list_member (tenant_id, list_id, contact_id)
        select $1, $3, c.id
        from unnest($4::text[]) as r (email)
        join campaigns.contact c on c.tenant_id = $1 and c.workspace_id = $2 and c.email = r.email
        on conflict do nothing
        """;

    const string CountMembers = "update campaigns.list set contacts = contacts + $3 where tenant_id = $1 and id = $2";

    const string InsertErrors = """
        insert into campaigns.import_error (tenant_id, import_id, row_number, line, code, detail, raw)
        select $1, $2, e.row_number, e.line, e.code, e.detail, e.raw
        from unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[]) as e (row_number, line, code, detail, raw)
        """;

    const string Count = """
        update campaigns.import
        set rows_read = $3, added = added + $4, updated = updated + $5, duplicates = duplicates + $6, rejected = rejected + $7
        where tenant_id = $1 and id = $2
        """;

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
        var batches = Channel.CreateBounded<Batch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        var producer = Task.Run(() => Produce(import, reading, batches.Writer, stop.Token), CancellationToken.None);
        var statistics = new FreshStatistics(run.Db, run.Tenant);
        var rows = 0L;
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(ct))
            {
                await Write(order, import, batch, run, clock, ct);
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

    static async Task Produce(Import import, TenantTx reading, ChannelWriter<Batch> batches, CancellationToken ct)
    {
        try
        {
            using var text = new StreamReader(new ChunkStream(reading, import.Id), ImportText.Encoding(import.Encoding), detectEncodingFromByteOrderMarks: true, 256 * 1024);
            var reader = new CsvReader(text, import.Delimiter[0]);
            var check = new RowCheck(import.Mapping);
            var batch = new Batch(import.RowsRead, new(BatchRows), []);
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
                batch = new Batch(row.Number, new(BatchRows), []);
            }

            if (batch.Good.Count + batch.Bad.Count > 0) await batches.WriteAsync(batch, ct);
        }
        finally
        {
            batches.TryComplete();
        }
    }

    static async Task Write(Order order, Import import, Batch batch, JobRun run, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var rows = batch.Good.GroupBy(r => r.Email, StringComparer.Ordinal).Select(g => import.Policy == "update" ? g.Last() : g.First()).ToList();
        // The ids in order, so that their indexes grow at the end.
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        var written = await tx.One(import.Policy == "update" ? InsertUpdate : InsertSkip, row => new Written(row.GetInt64(0), row.GetInt64(1)), ct, run.Tenant, order.Workspace, now,
            rows.Select(_ => Guid.CreateVersion7(now)).Order().ToArray(), rows.Select(r => r.Email).ToArray(), rows.Select(r => r.FirstName).ToArray(), rows.Select(r => r.LastName).ToArray(),
            rows.Select(r => r.Company).ToArray(), rows.Select(r => r.Attributes).ToArray(), rows.Select(r => r.IsRole).ToArray(), rows.Select(r => r.IsConsumer).ToArray(),
            $"import of {import.FileName}", import.ListId);
        var members = written.Added == rows.Count ? 0 : await tx.Execute(InsertMembers, ct, run.Tenant, order.Workspace, import.ListId, rows.Select(r => r.Email).ToArray());
        await tx.Execute(CountMembers, ct, run.Tenant, import.ListId, written.Added + members);
        if (batch.Bad.Count > 0)
            await tx.Execute(InsertErrors, ct, run.Tenant, import.Id, batch.Bad.Select(b => b.Number).ToArray(), batch.Bad.Select(b => b.Line).ToArray(),
                batch.Bad.Select(b => b.Code).ToArray(), batch.Bad.Select(b => b.Detail).ToArray(), batch.Bad.Select(b => b.Raw).ToArray());
        await tx.Execute(Count, ct, run.Tenant, import.Id, batch.RowsRead, written.Added, written.Changed, batch.Good.Count - written.Added - written.Changed, (long)batch.Bad.Count);
        await tx.Commit(ct);
    }

    internal static async Task End(ImportId import, string state, string? problem, TenantDb db, TenantId tenant, TimeProvider clock)
    {
        await using var tx = await db.Begin(tenant, CancellationToken.None);
        await tx.Execute(Finish, CancellationToken.None, tenant, import, state, problem, clock.GetUtcNow());
        await tx.Execute(DropChunks, CancellationToken.None, tenant, import);
        await tx.Commit(CancellationToken.None);
    }
}
