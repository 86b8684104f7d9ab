using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Servers;

/// <summary>Gives an address of a rented server its reverse DNS and its EHLO name. Many receivers refuse mail from addresses whose name does not lead back to them.</summary>
/// <remarks>The name's own address record comes from the domain's DNS. Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>server.not_found</c>, <c>server.invalid</c>,
/// <c>server.address_unknown</c>, <c>server.ptr_by_hand</c>, <c>server.ptr_unsupported</c>, or as its host does.</remarks>
public static class SetServerPtr
{
    /// <param name="Ip">One of the server's addresses; null takes the main one.</param>
    /// <param name="Name">Null takes the server's host name.</param>
    public sealed record Input(string? Ip = null, string? Name = null);

    const string Save = "update fleet.server set addresses = $4 where tenant_id = $1 and workspace_id = $2 and id = $3";

    public static async Task<Result<Server>> Handle(Actor actor, ServerId id, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        var found = await ListServers.One(actor with { Kind = ActorKind.System }, id, db, ct);
        if (found.Problem is { } missing) return missing;
        var server = found.Value;
        if (ServerInput.Fault(server.Name, input.Name ?? server.HostName, out var name) is { } fault) return fault;
        var wanted = input.Ip is null && server.Addresses.Count > 0 ? server.Addresses[0] : server.Addresses.FirstOrDefault(one => one.Ip == ServerInput.Address(input.Ip ?? ""));
        if (wanted is null || !IPAddress.TryParse(wanted.Ip, out var address))
            return new Problem(ProblemKind.Conflict, "server.address_unknown", $"{server.HostName} has no such IP address. It has {(server.Addresses.Count == 0 ? "none yet" : string.Join(", ", server.Addresses.Select(one => one.Ip)))}.");
        if (server is not { HostRef: { } reference, HostKind: not "own" })
            return new Problem(ProblemKind.Conflict, "server.ptr_by_hand", $"Reverse DNS of {wanted.Ip} belongs to whoever gave you the address. Set it there to {name}; the check of the domain sees it.");
        var opened = await reach.Host(actor, server.HostKind, "set reverse DNS", ct);
        if (opened.Problem is { } closed) return closed;
        using var host = opened.Value;
        if ((await host.SetPtr(reference, address, name, ct)).Problem is { } refused) return refused;

        ServerAddress[] addresses = [.. server.Addresses.Select(one => one == wanted ? one with { Ehlo = name } : one)];
        await using var tx = await db.Begin(actor.Tenant, ct);
        await tx.Execute(Save, ct, actor.Tenant, server.WorkspaceId, id, Jsonb.Of(addresses));
        await tx.Append(actor, "server.ptr_set", id.ToString(), new { ip = wanted.Ip, name }, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return server with { Addresses = addresses };
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/servers/{id}/ptr",
        async (Actor actor, ServerId id, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, reach, clock, ct)).ToHttp());
}
