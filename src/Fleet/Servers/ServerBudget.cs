using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers.Hosts;

namespace PenguinMails.Fleet.Servers;

/// <summary>What a workspace may have and spend on servers, and what it has.</summary>
/// <param name="ServersMax">Servers at once, own ones too. Default 5.</param>
/// <param name="MonthlyMax">For rented servers together. Default 100 EUR.</param>
/// <param name="Servers">That are not destroyed.</param>
/// <param name="Spent">Monthly cost of those, a sum for each currency; no rate between currencies is guessed.</param>
public sealed record ServerBudget(int ServersMax, Money MonthlyMax, int Servers, IReadOnlyList<Money> Spent)
{
    // The row is the lock: two orders at the same time are counted one after the other.
    const string Make = "insert into fleet.server_budget (tenant_id, workspace_id) values ($1, $2) on conflict do nothing";

    const string Lock = "select servers_max, monthly_max, currency from fleet.server_budget where tenant_id = $1 and workspace_id = $2 for update";

    const string Look = """
        select coalesce(max(servers_max), 5), coalesce(max(monthly_max), 100), coalesce(max(currency), 'EUR')
        from fleet.server_budget
        where tenant_id = $1 and workspace_id = $2
        """;

    const string Count = "select count(*) from fleet.server where tenant_id = $1 and workspace_id = $2 and state <> 'destroyed'";

    const string Sum = """
        select currency, sum(monthly_price)
        from fleet.server
        where tenant_id = $1 and workspace_id = $2 and state <> 'destroyed' and monthly_price is not null
        group by currency
        order by currency
        limit 10
        """;

    internal static Task<ServerBudget> Of(TenantTx tx, WorkspaceId workspace, CancellationToken ct) => Of(tx, workspace, Look, ct);

    /// <summary>Held until the transaction ends.</summary>
    internal static async Task<ServerBudget> Held(TenantTx tx, WorkspaceId workspace, CancellationToken ct)
    {
        await tx.Execute(Make, ct, tx.Tenant, workspace);
        return await Of(tx, workspace, Lock, ct);
    }

    static async Task<ServerBudget> Of(TenantTx tx, WorkspaceId workspace, string limits, CancellationToken ct)
    {
        var (serversMax, monthlyMax) = await tx.One(limits, row => (row.GetInt32(0), Amount(row, 1, 2)), ct, tx.Tenant, workspace);
        var servers = await tx.One(Count, row => row.GetInt64(0), ct, tx.Tenant, workspace);
        return new(serversMax, monthlyMax, (int)servers, await tx.List(Sum, row => Amount(row, 1, 0), ct, tx.Tenant, workspace));
    }

    static Money Amount(NpgsqlDataReader row, int amount, int currency) =>
        Prices.Up(row.GetDecimal(amount), Prices.Find(row.GetString(currency)) ?? throw new InvalidOperationException("A price in a currency that is not known."));

    /// <summary>Why another server may not be had; null when it may.</summary>
    /// <param name="price">Null for an own machine.</param>
    internal Problem? Forbids(Money? price)
    {
        if (Servers >= ServersMax)
            return new Problem(ProblemKind.Conflict, "server.too_many", $"This workspace has {Servers} servers and may have {ServersMax}. Destroy one, or raise the number in the server budget.");
        if (price is not { } monthly) return null;
        if (monthly.Currency != MonthlyMax.Currency)
            return new Problem(ProblemKind.Conflict, "server.budget_currency", $"The server costs {monthly} a month and the budget is in {MonthlyMax.Currency.Code}; no exchange rate is guessed. Set the server budget in {monthly.Currency.Code}.");
        var sum = SpentIn(monthly.Currency) + monthly;
        return sum.MinorUnits <= MonthlyMax.MinorUnits ? null
            : new Problem(ProblemKind.Conflict, "server.budget_exceeded", $"With this server the workspace would pay {sum} a month; its budget is {MonthlyMax}. Choose a smaller one, destroy another, or raise the server budget.");
    }

    internal Money SpentIn(Currency currency) => Spent.FirstOrDefault(one => one.Currency == currency) is { MinorUnits: > 0 } spent ? spent : new Money(0, currency);
}
