using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers.Hosts;

namespace PenguinMails.Fleet.Servers;

/// <summary>Says how many servers a workspace may have and what they may cost a month; reads it, too.</summary>
/// <remarks>What is there already stays when the budget is lowered below it. Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>server.budget_invalid</c> or <c>server.budget_currency</c>.</remarks>
public static class SetServerBudget
{
    const int ServersMaxMost = 1000;
    const decimal MonthlyMaxMost = 1_000_000;

    /// <param name="ServersMax">0 to 1,000.</param>
    /// <param name="MonthlyMax">0 to 1,000,000 in whole or decimal units: 99.50.</param>
    /// <param name="Currency">EUR, USD or JPY: that of the host's prices.</param>
    public sealed record Input(int ServersMax, decimal MonthlyMax, string Currency);

    const string Save = """
        insert into fleet.server_budget (tenant_id, workspace_id, servers_max, monthly_max, currency)
        values ($1, $2, $3, $4, $5)
        on conflict on constraint server_budget_pkey do update set servers_max = $3, monthly_max = $4, currency = $5
        """;

    public static async Task<Result<ServerBudget>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (input.ServersMax is < 0 or > ServersMaxMost) return Wrong("servers_max", $"0 to {ServersMaxMost:N0} servers.");
        if (input.MonthlyMax is < 0 or > MonthlyMaxMost) return Wrong("monthly_max", $"0 to {MonthlyMaxMost:N0} a month.");
        if (Prices.Find(input.Currency.Trim().ToUpperInvariant()) is not { } currency) return Wrong("currency", "Choose EUR, USD or JPY.");
        await using var tx = await db.Begin(actor.Tenant, ct);
        var before = await ServerBudget.Held(tx, workspace, ct);
        // Otherwise what they cost would be counted against nothing.
        if (before.Spent.FirstOrDefault(one => one.Currency != currency && one.MinorUnits > 0) is { MinorUnits: > 0 } other)
            return new Problem(ProblemKind.Conflict, "server.budget_currency", $"Servers of this workspace are paid in {other.Currency.Code} ({other} a month). A budget has one currency: destroy them first, or use another workspace.");
        var most = Prices.Up(input.MonthlyMax, currency);
        await tx.Execute(Save, ct, actor.Tenant, workspace, input.ServersMax, Prices.Amount(most), currency.Code);
        await tx.Append(actor, "server.budget_set", workspace.ToString(), new { input.ServersMax, monthly_max = most.ToString() }, clock.GetUtcNow(), ct);
        var after = await ServerBudget.Of(tx, workspace, ct);
        await tx.Commit(ct);
        return after;
    }

    public static async Task<Result<ServerBudget>> Look(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersRead)) return Actor.Forbidden(Permissions.ServersRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await ServerBudget.Of(tx, workspace, ct);
    }

    static Problem Wrong(string field, string detail) => Problem.Invalid("server.budget_invalid", new FieldProblem(field, detail));

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/server-budget", async (Actor actor, TenantDb db, CancellationToken ct) => (await Look(actor, db, ct)).ToHttp());
        api.MapPut("/server-budget", async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, input, db, clock, ct)).ToHttp());
    }
}
