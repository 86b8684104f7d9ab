using Npgsql;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Gates;

/// <summary>What somebody says of a criterion, with what shows it. Never changed: the next one counts.</summary>
/// <param name="State">passed, failed or unknown.</param>
/// <param name="Evidence">A link or a text.</param>
/// <param name="ExpiresOn">Last day it holds; null: until something else is said.</param>
public sealed record GateEvidence(Guid Id, string Gate, string Criterion, string State, string Evidence, string By, DateOnly Day, DateOnly? ExpiresOn, DateTimeOffset At)
{
    internal static readonly string[] States = ["passed", "failed", "unknown"];

    internal const string SelectNewest = """
        select distinct on (gate, criterion) id, gate, criterion, state, evidence, said_by, day, expires_on, said_at
        from oversight.gate_evidence
        where tenant_id = $1 and plan = $2
        order by gate, criterion, day desc, id desc
        limit 20000
        """;

    internal static GateEvidence Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetFieldValue<DateOnly>(6), row.Maybe<DateOnly>(7), row.GetFieldValue<DateTimeOffset>(8));

    public bool IsExpired(DateOnly today) => ExpiresOn < today;
}
