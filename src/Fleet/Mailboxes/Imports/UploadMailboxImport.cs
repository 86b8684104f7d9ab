using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Mail.Addresses;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Mailboxes.Imports;

/// <summary>Takes a CSV file of mailboxes at other providers, judges every row, and seals the good ones, because they hold passwords. Connects none yet; the file itself is not kept.</summary>
/// <remarks>An upload that nobody starts is thrown away after a day. Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>mailbox_import.empty</c>, <c>mailbox_import.not_utf8</c>,
/// <c>mailbox_import.header_invalid</c>, <c>mailbox_import.too_large</c>.</remarks>
public static class UploadMailboxImport
{
    public const int BytesMax = 4 * 1024 * 1024;
    public const int RowsMax = 5000;
    const int FileNameLengthMax = 200;
    static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    const string SelectKnown = "select address from fleet.mailbox where tenant_id = $1 and address = any($2) order by address limit 5000";

    const string Insert = """
        insert into fleet.mailbox_import (tenant_id, id, workspace_id, file_name, rows_read, ready, known, rejected, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    const string InsertRow = "insert into fleet.mailbox_import_row (tenant_id, import_id, row_number, line, cells, sealed) values ($1, $2, $3, $4, $5, $6)";

    internal const string InsertError = "insert into fleet.mailbox_import_error (tenant_id, import_id, row_number, line, field, detail, cells) values ($1, $2, $3, $4, $5, $6, $7)";

    sealed record Good(int Row, int Line, string[] Cells, string Address, string Content);

    sealed record Bad(int Row, int Line, string Field, string Detail, string[] Cells);

    sealed record Judged(List<Good> Good, List<Bad> Bad);

    public static async Task<Result<MailboxImport>> Handle(Actor actor, string fileName, Stream file, TenantDb db, SealedBox box, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var text = await Text(file, ct);
        if (text.Problem is { } unread) return unread;
        var judged = await Judge(text.Value, ct);
        if (judged.Problem is { } wrong) return wrong;
        var (good, bad) = (judged.Value.Good, judged.Value.Bad);

        var now = clock.GetUtcNow();
        var id = TypedId.New<MailboxImportId>(now);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var known = (await tx.List(SelectKnown, row => row.GetString(0), ct, actor.Tenant, good.Select(row => row.Address).ToArray())).ToHashSet(StringComparer.Ordinal);
        await tx.Execute(Insert, ct, actor.Tenant, id, workspace, FileName(fileName), good.Count + bad.Count, good.Count - known.Count, known.Count, bad.Count, now);
        foreach (var row in good.Where(row => !known.Contains(row.Address)))
            tx.Later(InsertRow, actor.Tenant, id, row.Row, row.Line, row.Cells, box.Seal(actor.Tenant, MailboxImport.Purpose(id, row.Row), row.Content));
        foreach (var row in bad) tx.Later(InsertError, actor.Tenant, id, row.Row, row.Line, row.Field, row.Detail, row.Cells);
        await tx.Enqueue(new JobOrder<ForgetMailboxImport.Order>(ForgetMailboxImport.Kind, new(id)) { DueAt = now + Kept, UniqueKey = id.Value.ToString("N") }, now, ct);
        await tx.Append(actor, "mailbox_import.uploaded", id.ToString(), new { rows = good.Count + bad.Count }, now, ct);
        var made = await MailboxImport.Find(tx, workspace, id, ct);
        await tx.Commit(ct);
        return made is null ? MailboxImport.NotFound : made;
    }

    static async Task<Result<string>> Text(Stream file, CancellationToken ct)
    {
        var bytes = new byte[BytesMax + 1];
        var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
        if (length == 0) return new Problem(ProblemKind.Invalid, "mailbox_import.empty", "The file is empty. Choose a CSV file with a header line.");
        if (length > BytesMax) return new Problem(ProblemKind.TooLarge, "mailbox_import.too_large", $"The file is larger than {BytesMax >> 20} MB. Split it.");
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            // Guessing another encoding could change a password without anybody seeing it.
            return new Problem(ProblemKind.Invalid, "mailbox_import.not_utf8", "The file is not UTF-8. Save it as CSV UTF-8 and upload it again.");
        }
    }

    static async Task<Result<Judged>> Judge(string text, CancellationToken ct)
    {
        var reader = new CsvReader(new StringReader(text), CsvReader.DelimiterOf(text));
        var columns = MailboxColumns.Of(await reader.Next(ct));
        if (columns.Problem is { } wrong) return wrong;
        var (judged, rows) = (new Judged([], []), new Dictionary<string, int>(StringComparer.Ordinal));
        while (await reader.Next(ct) is { } row)
        {
            var number = (int)row.Number;
            if (number > RowsMax) return new Problem(ProblemKind.TooLarge, "mailbox_import.too_large", $"The file has more than {RowsMax:N0} rows. Split it.");
            if (columns.Value.Broken(row) is { } broken) judged.Bad.Add(new(number, (int)row.Line, "", broken, []));
            else if (One(columns.Value, row, rows) is (var good, var fault)) Add(judged, good, fault, number, (int)row.Line, columns.Value.Shown(row));
        }

        return judged;
    }

    static (ConnectMailbox.Input? Good, FieldProblem? Fault) One(MailboxColumns columns, CsvRow row, Dictionary<string, int> rows)
    {
        var (input, fault) = columns.Read(row);
        if (input is null) return (null, fault);
        var address = EmailAddress.Parse(input.Address).Normal;
        if (!rows.TryAdd(address, (int)row.Number)) return (null, new("address", $"The same address stands in row {rows[address]}. Take one of them out."));
        return Encoding.UTF8.GetByteCount(Json.Write(input)) <= SealedBox.PlainBytesMax ? (input, null) : (null, new("smtp_password", "The row is too long to be sealed. Connect this mailbox by hand."));
    }

    static void Add(Judged judged, ConnectMailbox.Input? good, FieldProblem? fault, int row, int line, string[] cells)
    {
        if (good is not null) judged.Good.Add(new(row, line, cells, EmailAddress.Parse(good.Address).Normal, Json.Write(good)));
        else judged.Bad.Add(new(row, line, fault?.Field ?? "", fault?.Detail ?? "", cells));
    }

    static string FileName(string name)
    {
        var clean = new string([.. name.Split('/', '\\')[^1].Where(letter => !char.IsControl(letter)).Take(FileNameLengthMax)]);
        return clean.Length > 0 ? clean : "mailboxes.csv";
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/mailbox-imports",
        async (Actor actor, [FromQuery(Name = "file_name")] string? fileName, HttpRequest request, TenantDb db, SealedBox box, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, fileName ?? "mailboxes.csv", request.Body, db, box, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/mailbox-imports/{made.Id}", made)))
        .WithMetadata(new RequestSizeLimitAttribute(BytesMax + 1024)).DisableAntiforgery();
}

/// <summary>Throws away an upload that nobody started: it holds passwords, sealed.</summary>
static class ForgetMailboxImport
{
    public const string Kind = "fleet.forget_mailbox_import";

    public sealed record Order(MailboxImportId Import);

    const string Lock = "select state from fleet.mailbox_import where tenant_id = $1 and id = $2 for update";

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        if (await tx.Maybe(Lock, row => row.GetString(0), ct, run.Tenant, order.Import) != "uploaded") return;
        await MailboxImport.Finish(tx, order.Import, "cancelled", "Nobody started it within a day, so it was thrown away with its passwords. Upload the file again.", run.Need<TimeProvider>().GetUtcNow(), ct);
        await tx.Commit(ct);
    }
}
