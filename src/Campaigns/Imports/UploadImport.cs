using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Campaigns.Contacts;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Imports;

/// <summary>Takes a CSV file of any size, stores it piece by piece, and suggests what its columns mean. Adds no contact yet.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>list.not_found</c>, <c>import.empty</c>, <c>import.header_invalid</c> or <c>import.too_large</c>.</remarks>
public static class UploadImport
{
    public sealed record Input(ListId ListId, string FileName);

    public const long BytesMax = 4L * 1024 * 1024 * 1024;
    const int ChunkBytes = 1024 * 1024;
    const int SampleRows = 5;
    const int FileNameLengthMax = 200;

    const string FindList = "select id from campaigns.list where tenant_id = $1 and workspace_id = $2 and id = $3";

    const string InsertImport = """
        insert into campaigns.import (tenant_id, id, workspace_id, list_id, file_name, bytes, encoding, delimiter, header, sample, mapping, policy, created_at)
        values ($1, $2, $3, $4, $5, 0, 'utf-8', ',', '{}', '[]', '[]', 'skip', $6)
        """;

    const string InsertChunk = "insert into campaigns.import_chunk (tenant_id, import_id, number, bytes) values ($1, $2, $3, $4)";

    const string Describe = """
        update campaigns.import
        set bytes = $3, encoding = $4, delimiter = $5, header = $6, sample = $7, mapping = $8
        where tenant_id = $1 and id = $2
        """;

    public static async Task<Result<Import>> Handle(Actor actor, Input input, Stream file, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ContactsWrite)) return Actor.Forbidden(Permissions.ContactsWrite);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if ((await tx.List(FindList, row => row.GetGuid(0), ct, actor.Tenant, workspace, input.ListId)).Count == 0)
            return new Problem(ProblemKind.NotFound, "list.not_found", "There is no such list in this workspace.");

        var now = clock.GetUtcNow();
        var id = TypedId.New<ImportId>(now);
        await tx.Execute(InsertImport, ct, actor.Tenant, id, workspace, input.ListId, FileName(input.FileName), now);
        var shape = await Store(tx, id, file, ct);
        if (shape.Problem is { } problem) return problem;
        var found = shape.Value;
        await tx.Execute(Describe, ct, actor.Tenant, id, found.Bytes, found.Encoding, found.Delimiter.ToString(), found.Header.ToArray(), Jsonb.Of(found.Sample), Jsonb.Of(found.Header.Select(Suggest)));
        await tx.Append(actor, "import.uploaded", id.ToString(), new { found.Bytes }, now, ct);
        var import = await tx.One(Import.Select, Import.Read, ct, actor.Tenant, workspace, id);
        await tx.Commit(ct);
        return import;
    }

    sealed record Shape(long Bytes, string Encoding, char Delimiter, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Sample);

    static async Task<Result<Shape>> Store(TenantTx tx, ImportId id, Stream file, CancellationToken ct)
    {
        var (chunk, bytes, number, isUtf8) = (new byte[ChunkBytes], 0L, 0, new Utf8Check());
        byte[] head = [];
        while (await file.ReadAtLeastAsync(chunk, ChunkBytes, throwOnEndOfStream: false, ct) is var read and > 0)
        {
            if ((bytes += read) > BytesMax) return new Problem(ProblemKind.TooLarge, "import.too_large", $"The file is larger than {BytesMax >> 30} GB. Split it.");
            isUtf8.Add(chunk.AsSpan(0, read));
            if (number == 0) head = chunk[..read];
            await tx.Execute(InsertChunk, ct, tx.Tenant, id, number++, Chunk.Deflate(chunk.AsSpan(0, read)));
        }

        if (bytes == 0) return new Problem(ProblemKind.Invalid, "import.empty", "The file is empty. Choose a CSV file with a header line.");
        var encoding = isUtf8.IsValid ? "utf-8" : "windows-1252";
        using var text = new StreamReader(new MemoryStream(head), ImportText.Encoding(encoding));
        return await Look(await text.ReadToEndAsync(ct), bytes, encoding, ct);
    }

    static async Task<Result<Shape>> Look(string head, long bytes, string encoding, CancellationToken ct)
    {
        var delimiter = CsvReader.DelimiterOf(head);
        var reader = new CsvReader(new StringReader(head), delimiter);
        if (await reader.Next(ct) is not { Fault: null } header || header.Cells.Count > CsvReader.CellsMax)
            return new Problem(ProblemKind.Invalid, "import.header_invalid", "The first line is not a list of column names. Give the file a header line such as email,first_name,company.");
        var sample = new List<IReadOnlyList<string>>();
        while (sample.Count < SampleRows && await reader.Next(ct) is { } row) sample.Add([.. row.Cells.Select(c => Cut(c, 200))]);
        return new Shape(bytes, encoding, delimiter, [.. header.Cells.Select(c => Cut(c.Trim(), 100))], sample);
    }

    static string Cut(string cell, int length) => (cell.Length <= length ? cell : cell[..length]).Replace("\0", "", StringComparison.Ordinal);

    static string FileName(string name) => Cut(new string([.. Path.GetFileName(name).Where(c => !char.IsControl(c))]), FileNameLengthMax) is { Length: > 0 } clean ? clean : "contacts.csv";

    /// <summary>What a column of this heading means, as far as its name tells.</summary>
    static string Suggest(string heading) => ContactLimits.AttributeName(heading) switch
    {
        "email" or "e_mail" or "mail" or "email_address" or "e_mail_address" or "address" => "email",
        "first_name" or "firstname" or "given_name" or "vorname" => "first_name",
        "last_name" or "lastname" or "surname" or "family_name" or "nachname" => "last_name",
        "company" or "company_name" or "organisation" or "organization" or "firma" => "company",
        "country_code" or "land" => "country",
        "timezone" or "tz" or "zeitzone" => "time_zone",
        "legal_basis" or "consent" or "consent_type" => "lawful_basis",
        "evidence" or "consent_proof" => "consent_evidence",
        "consent_date" or "obtained_at" or "consent_at" => "consent_obtained_on",
        "consent_expires" or "consent_until" or "expires_at" => "consent_expires_on",
        var other => other,
    };

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/imports",
        async (Actor actor, ListId list, [Microsoft.AspNetCore.Mvc.FromQuery(Name = "file_name")] string? fileName, HttpRequest request, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, new Input(list, fileName ?? "contacts.csv"), request.Body, db, clock, ct))
                .ToHttp(made => TypedResults.Created($"/api/v1/imports/{made.Id}", made)))
        .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(BytesMax + 1)).DisableAntiforgery();
}

/// <summary>Whether a stream of bytes is UTF-8, looked at piece by piece.</summary>
sealed class Utf8Check
{
    readonly Decoder _decoder = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
    readonly char[] _characters = new char[8192];

    public bool IsValid { get; private set; } = true;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (IsValid && bytes.Length > 0)
            {
                _decoder.Convert(bytes, _characters, flush: false, out var used, out _, out _);
                bytes = bytes[used..];
            }
        }
        catch (DecoderFallbackException)
        {
            IsValid = false;
        }
    }
}
