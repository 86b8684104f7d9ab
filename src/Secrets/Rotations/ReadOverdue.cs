using Npgsql;
using PenguinMails.Core.Db;

namespace PenguinMails.Secrets.Rotations;

/// <summary>Which of the named secrets should have been changed by now. In the caller's transaction, for other modules' slices; they check the permission.</summary>
public static class ReadOverdue
{
    /// <param name="DueAt">When it should have been changed.</param>
    public sealed record Overdue(string Path, DateTimeOffset DueAt);

    const string Select = """
        select s.path, p.due_at
        from secrets.secret s
        join secrets.rotation_plan p on p.tenant_id = s.tenant_id and p.secret_id = s.id
        where s.tenant_id = $1 and s.path = any($2) and p.due_at <= $3
        order by s.path
        limit 1000
        """;

    /// <param name="paths">At most 1,000.</param>
    public static Task<List<Overdue>> Within(TenantTx tx, IReadOnlyList<string> paths, DateTimeOffset now, CancellationToken ct) =>
        tx.List(Select, Read, ct, tx.Tenant, paths.ToArray(), now);

    static Overdue Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetFieldValue<DateTimeOffset>(1));
}
