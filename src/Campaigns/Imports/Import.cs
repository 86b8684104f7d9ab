using System.Text.Json;
using Npgsql;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Imports;

/// <summary>An uploaded file and what became of its rows. Added + updated + duplicates + rejected = rows read.</summary>
/// <param name="Encoding">utf-8 or windows-1252, recognised from the bytes.</param>
/// <param name="Mapping">For each column: email, first_name, last_name, company, country, time_zone, recipient_kind, lawful_basis, consent_evidence, consent_obtained_on, consent_expires_on, a custom field's name, or empty to leave it out.</param>
/// <param name="Policy">What a contact that is there already gets: skip or update.</param>
/// <param name="State">uploaded, running, done, failed or cancelled.</param>
/// <param name="Sample">The first rows as read.</param>
public sealed record Import(
    ImportId Id, ListId ListId, string FileName, long Bytes, string Encoding, string Delimiter, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Sample,
    IReadOnlyList<string> Mapping, string Policy, string State, JobId? JobId, long RowsRead, long Added, long Updated, long Duplicates, long Rejected, string? Problem,
    DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
{
    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "import.not_found", "There is no such import in this workspace.");

    internal const string Select = """
        select id, list_id, file_name, bytes, encoding, delimiter, header, sample, mapping, policy, state, job_id, rows_read, added, updated, duplicates, rejected, problem,
          created_at, finished_at
        from campaigns.import
        where tenant_id = $1 and workspace_id = $2 and id = $3
        """;

    internal static Import Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetString(2), row.GetInt64(3), row.GetString(4), row.GetString(5),
        row.GetFieldValue<string[]>(6), JsonSerializer.Deserialize<string[][]>(row.GetString(7)) ?? [], JsonSerializer.Deserialize<string[]>(row.GetString(8)) ?? [],
        row.GetString(9), row.GetString(10), row.Maybe<Guid>(11) is { } job ? new JobId(job) : null, row.GetInt64(12), row.GetInt64(13), row.GetInt64(14), row.GetInt64(15),
        row.GetInt64(16), row.Text(17), row.GetFieldValue<DateTimeOffset>(18), row.Maybe<DateTimeOffset>(19));
}
