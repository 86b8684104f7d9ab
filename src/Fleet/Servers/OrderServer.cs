using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers.Hosts;
using PenguinMails.Fleet.Servers.Ssh;

namespace PenguinMails.Fleet.Servers;

/// <summary>Orders a server at a host that is connected. The row stands first, with its wish and its price inside the budget; a job buys and brings it up.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>server.invalid</c>, <c>server.offer_unknown</c>, <c>server.price_changed</c>, <c>server.exists</c>, <c>server.too_many</c>,
/// <c>server.budget_exceeded</c>, <c>server.budget_currency</c>, or as <see cref="ListOffers"/> does.</remarks>
public static class OrderServer
{
    /// <param name="Kind">hetzner, digitalocean, vultr or hostwinds.</param>
    /// <param name="Region">Id of a region that has the size.</param>
    /// <param name="MonthlyPrice">What was shown, in minor units; the order is refused when the host asks for another. Null takes any within the budget.</param>
    public sealed record Input(string Kind, string Name, string HostName, string Region, string Size, long? MonthlyPrice = null);

    const string Insert = """
        insert into fleet.server (tenant_id, id, workspace_id, name, host_name, host_kind, wish, region, size, monthly_price, currency, state, problem, ssh_public_key, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'ordered', '', $12, $13)
        on conflict (tenant_id, workspace_id, host_name) where state <> 'destroyed' do nothing
        """;

    public static async Task<Result<Server>> Handle(Actor actor, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (ServerInput.Fault(input.Name, input.HostName, out var hostName) is { } fault) return fault;
        var offer = await Offer(actor, input, db, reach, ct);
        if (offer.Problem is { } refused) return refused;

        var price = offer.Value.Monthly;
        var now = clock.GetUtcNow();
        var id = TypedId.New<ServerId>(now);
        var pair = SshKeyPair.New($"penguinmails-{id}");
        await using var tx = await db.Begin(actor.Tenant, ct);
        if ((await ServerBudget.Held(tx, workspace, ct)).Forbids(price) is { } forbidden) return forbidden;
        var added = await tx.Execute(Insert, ct, actor.Tenant, id, workspace, input.Name.Trim(), hostName, input.Kind, Guid.CreateVersion7(now), input.Region, input.Size,
            Prices.Amount(price), price.Currency.Code, pair.PublicLine, now);
        if (added == 0) return ServerInput.Exists(hostName);
        await BringUpServer.Enqueue(tx, new(workspace, id, 1), TimeSpan.Zero, now, ct);
        await RecheckServer.Begin(tx, workspace, id, now, ct);
        if ((await reach.KeepKey(actor, id, pair, db, clock, ct)).Problem is { } unkept) return unkept;
        await tx.Append(actor, "server.ordered", id.ToString(), new { host_name = hostName, input.Kind, input.Region, input.Size, price = price.ToString() }, now, ct);
        var made = await Server.Find(tx, workspace, id, ct);
        await tx.Commit(ct);
        return made is null ? Server.NotFound : made;
    }

    static async Task<Result<ServerSize>> Offer(Actor actor, Input input, TenantDb db, ServerReach reach, CancellationToken ct)
    {
        var offers = await ListOffers.Handle(actor, input.Kind, db, reach, ct);
        if (offers.Problem is { } problem) return problem;
        if (offers.Value.Offers.Sizes.FirstOrDefault(size => size.Id == input.Size && size.Regions.Contains(input.Region)) is not { } offer)
            return new Problem(ProblemKind.Conflict, "server.offer_unknown", $"{offers.Value.Host.Name} does not offer {input.Size} in {input.Region}. Look at its offers again.");
        return input.MonthlyPrice is { } shown && shown != offer.Monthly.MinorUnits
            ? new Problem(ProblemKind.Conflict, "server.price_changed", $"{input.Size} in {input.Region} costs {offer.Monthly} a month now, which is not what was shown. Nothing was ordered; look at the offers again.")
            : offer;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/servers/order",
        async (Actor actor, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, reach, clock, ct)).ToHttp(made => TypedResults.Accepted($"/api/v1/servers/{made.Id}", made)));
}
