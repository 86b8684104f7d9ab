using System.Text.Json.Serialization;
using Npgsql;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Walks;

/// <summary>One step on a way that a job goes: from a domain name to an inbox, or from one server to another.</summary>
/// <param name="Name">One of those its walk names.</param>
/// <param name="State">open, running, waiting (for a machine or for DNS), customer (for a person outside), stopped, done or undone.</param>
/// <param name="Note">What happens or was done; where a person is waited for, what they should do.</param>
/// <param name="ProblemCode">Why it stopped; empty otherwise.</param>
/// <param name="PlatformMs">Time that this installation and its servers took.</param>
/// <param name="CustomerMs">Time spent waiting for somebody outside, counted apart.</param>
public sealed record WalkStep(string Name, string State, string Note, string ProblemCode, int Attempts, long PlatformMs, long CustomerMs, DateTimeOffset? Since, DateTimeOffset? DoneAt)
{
    /// <summary>Taken up by a person after it had stopped.</summary>
    [JsonIgnore] public bool IsResumed { get; init; }

    const string Select = """
        select step, state, note, problem_code, attempts, platform_ms, customer_ms, since, done_at
        from fleet.walk_step
        where tenant_id = $1 and walk_id = $2
        limit 20
        """;

    const string Insert = "insert into fleet.walk_step (tenant_id, walk_id, step) select $1, $2, step from unnest($3::text[]) as step";

    // Whoever was waited for gets two hours anew.
    const string BePatient = "update fleet.walk_step set patient_from_ms = platform_ms where tenant_id = $1 and walk_id = $2 and state <> 'done'";

    /// <param name="names">In the order they are taken.</param>
    internal static Task Lay(TenantTx tx, Guid walk, IReadOnlyList<string> names, CancellationToken ct) => tx.Execute(Insert, ct, tx.Tenant, walk, names.ToArray());

    internal static async Task<IReadOnlyList<WalkStep>> Of(TenantTx tx, Guid walk, IReadOnlyList<string> names, CancellationToken ct) =>
        [.. (await tx.List(Select, Read, ct, tx.Tenant, walk)).OrderBy(step => names.ToList().IndexOf(step.Name))];

    internal static Task Forgive(TenantTx tx, Guid walk, CancellationToken ct) => tx.Execute(BePatient, ct, tx.Tenant, walk);

    static WalkStep Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetInt64(5), row.GetInt64(6),
        row.Maybe<DateTimeOffset>(7), row.Maybe<DateTimeOffset>(8));
}
