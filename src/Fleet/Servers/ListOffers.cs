using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers.Hosts;

namespace PenguinMails.Fleet.Servers;

/// <summary>What can be bought, with its price and whether mail may leave from there, before anything is. Also the hosts there are.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, and for one host <c>server.host_unknown</c>, <c>server.host_not_connected</c>, what the host says, or the refusals of the secret store.</remarks>
public static class ListOffers
{
    /// <param name="ConnectedAt">Null: no token is kept.</param>
    public sealed record HostCard(string Kind, string Name, Port25Policy Port25, DateTimeOffset? ConnectedAt);

    public sealed record Output(HostCard Host, ServerOffers Offers, ServerBudget Budget);

    /// <param name="Offers">Null where the host could not be asked.</param>
    /// <param name="Problem">Why not, and what to do; empty when it could.</param>
    public sealed record HostOffers(HostCard Host, ServerOffers? Offers, string Problem);

    /// <param name="Items">Of every host that is connected.</param>
    public sealed record Everything(IReadOnlyList<HostOffers> Items, ServerBudget Budget);

    const string SelectHosts = "select kind, connected_at from fleet.server_host where tenant_id = $1 limit 10";

    /// <summary>Of one host.</summary>
    public static async Task<Result<Output>> Handle(Actor actor, string kind, TenantDb db, ServerReach reach, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        var budget = await SetServerBudget.Look(actor with { Kind = ActorKind.System }, db, ct);
        if (budget.Problem is { } refused) return refused;
        var opened = await reach.Host(actor, kind, "offers of a server host", ct);
        if (opened.Problem is { } closed) return closed;
        using var host = opened.Value;
        var offers = await host.Offers(ct);
        if (offers.Problem is { } silent) return silent;
        var cards = await Hosts(actor with { Kind = ActorKind.System }, db, ct);
        return cards.Problem is { } lost ? lost : new Output(cards.Value.Items.First(card => card.Kind == kind), offers.Value, budget.Value);
    }

    /// <summary>Of all that are connected, asked one after the other; a host that does not answer holds up no other's.</summary>
    public static async Task<Result<Everything>> All(Actor actor, TenantDb db, ServerReach reach, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        var budget = await SetServerBudget.Look(actor with { Kind = ActorKind.System }, db, ct);
        if (budget.Problem is { } refused) return refused;
        var cards = await Hosts(actor with { Kind = ActorKind.System }, db, ct);
        if (cards.Problem is { } lost) return lost;
        var items = new List<HostOffers>();
        foreach (var card in cards.Value.Items.Where(card => card.ConnectedAt is not null))
        {
            var one = await Handle(actor, card.Kind, db, reach, ct);
            items.Add(one.Match(found => new HostOffers(card, found.Offers, ""), problem => new HostOffers(card, null, problem.Detail)));
        }

        return new Everything(items, budget.Value);
    }

    /// <summary>Every host this program knows, connected or not.</summary>
    public static async Task<Result<Page<HostCard>>> Hosts(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersRead)) return Actor.Forbidden(Permissions.ServersRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var connected = (await tx.List(SelectHosts, row => (Kind: row.GetString(0), At: row.GetFieldValue<DateTimeOffset>(1)), ct, actor.Tenant)).ToDictionary(one => one.Kind, one => one.At);
        return new Page<HostCard>([.. ServerHosts.Kinds.Select(kind => new HostCard(kind, ServerHosts.NameOf(kind), Port25Policy.Of(kind), connected.TryGetValue(kind, out var at) ? at : null))], null);
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/server-hosts", async (Actor actor, TenantDb db, CancellationToken ct) => (await Hosts(actor, db, ct)).ToHttp());
        api.MapGet("/server-offers", async (Actor actor, TenantDb db, ServerReach reach, CancellationToken ct) => (await All(actor, db, reach, ct)).ToHttp());
    }
}
