using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Guards;

/// <param name="Provider">Key of the receiving provider; empty while it is not known.</param>
public sealed record ProviderCounts(string Provider, long Sent, long Bounced, long Complained, long Replied);

/// <summary>What came of an account's messages at each receiving provider, by the hour they were sent. For figures above, in the caller's transaction; no route leads here.</summary>
public static class ReadProviderCounts
{
    const string Select = """
        select provider, sum(sent), sum(bounced), sum(complained), sum(replied)
        from delivery.tally
        where tenant_id = $1 and hour >= $2 and hour < $3
        group by provider
        order by sum(sent) desc, provider
        limit 200
        """;

    /// <returns>Most messages first.</returns>
    public static async Task<IReadOnlyList<ProviderCounts>> Within(TenantTx tx, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) =>
        await tx.List(Select, row => new ProviderCounts(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)), ct, tx.Tenant, from, to);
}
