using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Margins;

/// <summary>What each customer earns and costs in a month, beside the month before. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>), <c>margin.invalid</c>, <c>margin.too_many</c> or <c>margin.too_many_lines</c>.</summary>
public static class ReadMargins
{
    /// <param name="Currency">Of every amount: the plan's, else that of the costs, else that of the revenue; null while there is none.</param>
    /// <param name="Key">By which shared costs are shared.</param>
    /// <param name="IsOpen">The month is not over.</param>
    /// <param name="Lines">What one customer's figures come from; null unless it was asked for.</param>
    public sealed record Output(string? Currency, AllocationKey Key, bool IsOpen, MarginMonth Now, MarginMonth Before, MarginLines? Lines);

    /// <summary>The lines behind the figures of a customer in the month.</summary>
    /// <param name="Direct">Added up by vendor, service, cost line and cost centre.</param>
    /// <param name="Shared">Of the whole account, of which it bears its part.</param>
    /// <param name="Domains">The same split by its domains.</param>
    public sealed record MarginLines(MarginLine Line, IReadOnlyList<RevenueLine> Revenue, IReadOnlyList<CostRow> Direct, IReadOnlyList<CostRow> Shared, DomainSplit Domains);

    // What the statements read at most: with as many, lines may be missing.
    const int LinesMax = 100_000;

    /// <param name="month">2026-10; null for the last one that is over. What is no month counts as null.</param>
    /// <param name="customer">Whose lines are wanted too.</param>
    public static async Task<Result<Output>> Handle(Actor actor, string? month, AllocationKey key, WorkspaceId? customer, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        if (!Enum.IsDefined(key)) return Problem.Invalid("margin.invalid", new FieldProblem("key", "It is mailboxes, messages, domains or equal."));
        var today = clock.Today();
        var running = new DateOnly(today.Year, today.Month, 1);
        var first = DateOnly.TryParseExact(month, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var asked) && asked.Year is > 2000 and < 2200 ? asked : running.AddMonths(-1);
        var (revenue, costs, home) = await Money(actor.Tenant, first, db, ct);
        if (revenue.Count >= LinesMax || costs.Count >= LinesMax)
            return new Problem(ProblemKind.TooLarge, "margin.too_many_lines", $"Margins are told of fewer than {LinesMax:N0} lines of {(revenue.Count >= LinesMax ? "revenue" : "costs")} in {first:yyyy-MM} and the month before. Load them added up: one line for each customer and month.");
        var all = await Customer.All(actor.Tenant, db, ct);
        if (all.Problem is { } problem) return problem;
        var currency = home ?? costs.Select(row => row.Currency).Concat(revenue.Select(line => line.Currency)).FirstOrDefault() ?? "";
        var weights = await Customer.Weights(all.Value, key, first, actor.Tenant, db, ct);
        var now = MarginSums.Of(first, currency, all.Value, weights, revenue, costs);
        var before = MarginSums.Of(first.AddMonths(-1), currency, all.Value, key == AllocationKey.Messages ? await Customer.Weights(all.Value, key, first.AddMonths(-1), actor.Tenant, db, ct) : weights, revenue, costs);
        var lines = now.Lines.FirstOrDefault(line => line.Workspace == customer) is { } told ? await Lines(told, now.Month, currency, all.Value, revenue, costs, actor.Tenant, db, ct) : null;
        return new Output(currency.Length > 0 ? currency : null, key, first >= running, now, before, lines);
    }

    // Of the month and the one before, and the currency of the plan.
    static async Task<(List<RevenueLine> Revenue, List<CostRow> Costs, string? Home)> Money(TenantId tenant, DateOnly month, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        var revenue = await tx.List(ListRevenue.SelectMonths, RevenueLine.Read, ct, tenant, month.AddMonths(-1), month);
        var costs = await tx.List(ListCostRows.SelectSums, CostRow.Read, ct, tenant, month.AddMonths(-1), month.AddMonths(1), null);
        return (revenue, costs, (await CurrentPlan.Read(tx, ct))?.Plan.Head?.Text("currency"));
    }

    static async Task<MarginLines> Lines(MarginLine line, DateOnly month, string currency, IReadOnlyList<Customer> all, List<RevenueLine> revenue, List<CostRow> costs, TenantId tenant, TenantDb db, CancellationToken ct)
    {
        var names = new CustomerNames(all);
        var billed = costs.Where(row => row.BilledOn == month).ToLookup(row => MarginSums.OfCustomer(row, names));
        List<RevenueLine> earned = [.. revenue.Where(one => one.Month == month && one.Workspace == line.Workspace)];
        List<CostRow> direct = [.. billed[line.Workspace]];
        await using var tx = await db.Begin(tenant, ct);
        var domains = await ReadHoldings.DomainsOfMailboxes(tx, line.Workspace, ct);
        var sent = (await ReadSentByMailbox.Within(tx, line.Workspace, month, ct)).ToLookup(one => domains.TryGetValue(one.Key, out var domain) ? domain : (DomainId?)null, one => one.Value);
        return new(line, earned, direct, [.. billed[null]], DomainSums.Of(all.First(one => one.Id == line.Workspace), line, earned, direct, sent, currency));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/margins",
        async (Actor actor, string? month, AllocationKey? key, WorkspaceId? customer, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, month, key ?? default, customer, db, clock, ct)).ToHttp());
}
