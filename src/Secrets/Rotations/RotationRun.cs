using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Secrets.Rotations;

public readonly record struct RotationId(Guid Value) : ITypedId<RotationId>
{
    public static string Prefix => "rot";
    public static RotationId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out RotationId id) => TypedId.TryParse(text, out id);
}

/// <summary>Where a rotation stands; docs/states/rotation.md draws it.</summary>
public enum RotationState { Planned, Made, Installed, Verified, Promoted, Retired, Done, Withdrawing, RolledBack, Stuck }

/// <summary>A rotation was finished: whoever keeps the number of a version takes the new one. The old value works no more.</summary>
public sealed record SecretRotated(RotationId Run, string Path, int OldVersion, int NewVersion);

/// <summary>The new value is current and both are valid: whoever keeps the number of a version takes the new one now.</summary>
public sealed record SecretPromoted(RotationId Run, string Path, int OldVersion, int NewVersion);

/// <summary>A rotation was rolled back, or needs a person.</summary>
/// <param name="Code">Why.</param>
/// <param name="CurrentVersion">Valid now.</param>
public sealed record RotationFailed(RotationId Run, string Path, string Code, int CurrentVersion);

/// <summary>One run as its row holds it.</summary>
/// <param name="StuckAt">The state in which it got stuck; else null.</param>
sealed record Run(RotationId Id, string Path, string Kind, RotationState State, RotationState? StuckAt, int OldVersion, int? NewVersion, DateTimeOffset? OverlapUntil,
    string? FailureCode, string? FailureDetail, string Reason, int OverlapHours, int? PeriodDays, Guid Secret)
{
    /// <summary>Where the new value waits until it is current.</summary>
    public Store.SecretPath Candidate => Store.SecretPath.Parse($"rotation/{Id}");

    public Store.SecretPath Place => Store.SecretPath.Parse(Path);
}

/// <summary>Rows of runs.</summary>
static class RunRows
{
    const string Select = """
        select r.id, s.path, r.kind, r.state, r.stuck_at, r.old_version, r.new_version, r.overlap_until, r.failure_code, r.failure_detail, r.reason,
          coalesce(p.overlap_hours, 24), p.period_days, r.secret_id
        from secrets.rotation_run r
        join secrets.secret s on s.tenant_id = r.tenant_id and s.id = r.secret_id
        left join secrets.rotation_plan p on p.tenant_id = r.tenant_id and p.secret_id = r.secret_id
        where r.tenant_id = $1 and r.id = $2
        """;

    // Moves only from the state the step began in: a second worker that was late changes nothing.
    const string Move = """
        update secrets.rotation_run
        set state = $4, stuck_at = $5, new_version = $6, overlap_until = $7, failure_code = $8, failure_detail = $9, ended_at = case when $4 in ('done', 'rolled_back') then $10::timestamptz end
        where tenant_id = $1 and id = $2 and state = $3
        """;

    public static async Task<Run?> Find(TenantTx tx, RotationId id, CancellationToken ct) => await tx.Maybe(Select, Read, ct, tx.Tenant, id);

    /// <returns>False when the run is not in the state it was in.</returns>
    public static async Task<bool> Save(TenantTx tx, RotationState from, Run run, DateTimeOffset now, CancellationToken ct) =>
        await tx.Execute(Move, ct, tx.Tenant, run.Id, Word(from), Word(run.State), run.StuckAt is { } stuck ? Word(stuck) : null, run.NewVersion, run.OverlapUntil, run.FailureCode, run.FailureDetail, now) == 1;

    public static string Word(RotationState state) => state switch
    {
        RotationState.Planned => "planned",
        RotationState.Made => "made",
        RotationState.Installed => "installed",
        RotationState.Verified => "verified",
        RotationState.Promoted => "promoted",
        RotationState.Retired => "retired",
        RotationState.Done => "done",
        RotationState.Withdrawing => "withdrawing",
        RotationState.RolledBack => "rolled_back",
        RotationState.Stuck => "stuck",
    };

    public static RotationState Parse(string word) => Enum.GetValues<RotationState>().First(state => Word(state) == word);

    static Run Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetString(2), Parse(row.GetString(3)), row.Text(4) is { } stuck ? Parse(stuck) : null,
        row.GetInt32(5), row.Maybe<int>(6), row.Maybe<DateTimeOffset>(7), row.Text(8), row.Text(9), row.GetString(10), row.GetInt32(11), row.Maybe<int>(12), row.GetGuid(13));
}
