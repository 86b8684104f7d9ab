using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Limits;

/// <summary>What the tenant's plan allows of something, by name. Billing writes it, every module may read it.</summary>
public static class ReadEntitlement
{
    const string Select = "select amount from accounts.entitlement where tenant_id = $1 and name = $2";

    const string Upsert = """
        insert into accounts.entitlement (tenant_id, name, amount)
        values ($1, $2, $3)
        on conflict (tenant_id, name) do update set amount = excluded.amount
        """;

    sealed record Row(long Amount);

    /// <returns>Null: no limit was set.</returns>
    public static async Task<long?> Within(TenantTx tx, string name, CancellationToken ct) =>
        (await tx.Maybe(Select, row => new Row(row.GetInt64(0)), ct, tx.Tenant, name))?.Amount;

    /// <inheritdoc cref="Within"/>
    public static async Task<long?> Handle(Actor actor, string name, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await Within(tx, name, ct);
    }

    /// <summary>Sets a limit, in the caller's transaction.</summary>
    /// <param name="amount">0 or more.</param>
    public static Task Set(TenantTx tx, string name, long amount, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        return tx.Execute(Upsert, ct, tx.Tenant, name, amount);
    }
}
