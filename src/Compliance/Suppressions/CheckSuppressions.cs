using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Compliance.Suppressions;

/// <summary>Which of these addresses must not be mailed. Runs inside the caller's transaction, so that the answer and what follows from it hold together.</summary>
public static class CheckSuppressions
{
    public const int AddressesMax = 10_000;

    // Reads index suppression_value once for the addresses and once for their domains.
    const string Find = """
        select a.address, s.reason
        from unnest($2::text[]) as a (address)
        join compliance.suppression s
          on s.tenant_id = $1
          and s.value in (a.address, split_part(a.address, '@', -1))
          and (s.kind = 'domain') = (s.value <> a.address)
          and (s.workspace_id is null or s.workspace_id = $3)
        limit 40000
        """;

    sealed record Hit(string Address, SuppressionReason Reason);

    /// <param name="addresses">Normal form (lower case); at most <see cref="AddressesMax"/>.</param>
    /// <returns>Suppressed addresses with one reason each.</returns>
    public static async Task<Dictionary<string, SuppressionReason>> Within(
        TenantTx tx, WorkspaceId workspace, IReadOnlyCollection<string> addresses, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(addresses.Count, AddressesMax);
        var suppressed = new Dictionary<string, SuppressionReason>(StringComparer.Ordinal);
        if (addresses.Count == 0) return suppressed;
        foreach (var hit in await tx.List(Find, ReadHit, ct, tx.Tenant, addresses.ToArray(), workspace)) suppressed[hit.Address] = hit.Reason;
        return suppressed;
    }

    static Hit ReadHit(NpgsqlDataReader row) => new(row.GetString(0), Words.Reason(row.GetString(1)));
}
