using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes.Imports;

/// <summary>Id of an import of mailboxes, shown as <c>mim_…</c>.</summary>
public readonly record struct MailboxImportId(Guid Value) : ITypedId<MailboxImportId>
{
    public static string Prefix => "mim";
    public static MailboxImportId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out MailboxImportId id) => TypedId.TryParse(text, out id);
}

/// <summary>A file of mailboxes and what became of its rows. Added + known + rejected + ready = rows read.</summary>
/// <param name="State">uploaded, running, done, failed or cancelled.</param>
/// <param name="Ready">Rows that wait to be connected.</param>
/// <param name="Known">Rows whose mailbox is connected already; it stays as it is.</param>
/// <param name="Rejected">Rows that cannot be connected; see the file of them.</param>
public sealed record MailboxImport(
    MailboxImportId Id, string FileName, string State, JobId? JobId, int RowsRead, int Ready, int Added, int Known, int Rejected, string? Problem, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
{
    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "mailbox_import.not_found", "There is no such import of mailboxes in this workspace.");

    const string Select = """
        select id, file_name, state, job_id, rows_read, ready, added, known, rejected, problem, created_at, finished_at
        from fleet.mailbox_import
        where tenant_id = $1 and workspace_id = $2 and id = $3
        """;

    const string End = "update fleet.mailbox_import set state = $3, problem = $4, ready = $5, finished_at = $6 where tenant_id = $1 and id = $2 and state in ('uploaded', 'running')";

    // Nothing of a password outlives its import.
    const string DeleteRows = "delete from fleet.mailbox_import_row where tenant_id = $1 and import_id = $2";

    const string CountRows = "select count(*) from fleet.mailbox_import_row where tenant_id = $1 and import_id = $2";

    /// <summary>Null when the workspace has no such import.</summary>
    internal static Task<MailboxImport?> Find(TenantTx tx, WorkspaceId workspace, MailboxImportId id, CancellationToken ct) => tx.Maybe(Select, Read, ct, tx.Tenant, workspace, id);

    internal static string Purpose(MailboxImportId id, int row) => $"mailbox.import/{id.Value:N}/{row}";

    /// <summary>Ends an import that is not over yet; what is sealed for it goes with the same commit, and Ready keeps how many rows were not reached.</summary>
    internal static async Task Finish(TenantTx tx, MailboxImportId id, string state, string? problem, DateTimeOffset now, CancellationToken ct)
    {
        var left = await tx.One(CountRows, row => row.GetInt64(0), ct, tx.Tenant, id);
        await tx.Execute(End, ct, tx.Tenant, id, state, problem, (int)left, now);
        await tx.Execute(DeleteRows, ct, tx.Tenant, id);
    }

    internal static MailboxImport Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetString(2), row.Maybe<Guid>(3) is { } job ? new JobId(job) : null,
        row.GetInt32(4), row.GetInt32(5), row.GetInt32(6), row.GetInt32(7), row.GetInt32(8), row.Text(9), row.GetFieldValue<DateTimeOffset>(10), row.Maybe<DateTimeOffset>(11));
}

/// <summary>A row that cannot be connected.</summary>
/// <param name="Row">Data rows from 1.</param>
/// <param name="Line">Line of the file on which it begins, from 1.</param>
/// <param name="Field">The column; empty when the row cannot be read.</param>
public sealed record MailboxImportProblem(int Row, int Line, string Field, string Detail, string Address);
