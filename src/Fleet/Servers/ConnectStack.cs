using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Stacks.Connected;

namespace PenguinMails.Fleet.Servers;

/// <summary>Connects a mail server that somebody runs already, Mailu or Stalwart, through its API: asks it once, notes which it is, and keeps the token in the secret store.</summary>
/// <remarks>Nothing is changed there. Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>server.invalid</c>, <c>server.token_invalid</c>, <c>server.exists</c>, <c>server.too_many</c>,
/// <c>stack.unknown</c>, <c>stack.credential_refused</c>, <c>stack.host_unreachable</c>, or the refusals of the secret store.</remarks>
public static class ConnectStack
{
    /// <param name="Name">For people.</param>
    /// <param name="HostName">The name mail programs connect to and the server introduces itself with.</param>
    /// <param name="Url">Of its web interface: https, or http on a network that <c>PENGUIN__NETWORK__ALLOWED</c> names.</param>
    /// <param name="Token">Mailu: API_TOKEN. Stalwart: an API key.</param>
    /// <param name="Addresses">1 to 64 addresses mail leaves from, for SPF and reverse DNS.</param>
    public sealed record Input(string Name, string HostName, string Url, string Token, IReadOnlyList<string> Addresses)
    {
        /// <summary>Without the token.</summary>
        public override string ToString() => HostName;
    }

    const int AddressesMax = 64;

    const string Insert = """
        insert into fleet.server (tenant_id, id, workspace_id, name, host_name, host_kind, state, addresses, ssh_public_key, stack_kind, stack_url, stack_version, checked_at, created_at)
        values ($1, $2, $3, $4, $5, 'api', 'ready', $6, '', $7, $8, $9, $10, $10)
        on conflict do nothing
        """;

    public static async Task<Result<Server>> Handle(Actor actor, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var token = input.Token.Trim();
        if ((ServerInput.Fault(input.Name, input.HostName, out var hostName) ?? StackApiReach.TokenFault(token)) is { } fault) return fault;
        if (Addresses(input.Addresses, hostName) is not { } addresses) return ServerInput.Wrong("addresses", $"Give 1 to {AddressesMax} IP addresses mail leaves from, each once.");
        var url = await StackApiReach.Address(input.Url, reach.Outbound, ct);
        if (url.Problem is { } unsafely) return unsafely;
        var seen = await StackApis.Detect(url.Value, token, reach.Outbound, reach.Hosts.Timeout, ct);
        if (seen.Problem is { } refused) return refused;

        var now = clock.GetUtcNow();
        var id = TypedId.New<ServerId>(now);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if ((await ServerBudget.Held(tx, workspace, ct)).Forbids(null) is { } full) return full;
        var added = await tx.Execute(Insert, ct, actor.Tenant, id, workspace, input.Name.Trim(), hostName, Jsonb.Of(addresses), seen.Value.Kind, seen.Value.Root.AbsoluteUri, seen.Value.Version, now);
        if (added == 0) return new Problem(ProblemKind.Conflict, "server.exists", $"{hostName}, or the API at {seen.Value.Root.Host}, is a server of this workspace already. Let that one go first.");
        await RecheckServer.Begin(tx, workspace, id, now, ct);
        // A token without a row harms nobody; a row without its token could never be used.
        if ((await StackApiReach.Keep(reach, actor, id, token, StackApiReach.NewMarkKey(), db, clock, ct)).Problem is { } unkept) return unkept;
        await tx.Publish(new ServerReady(workspace, id, hostName), now, ct);
        await tx.Append(actor, "server.stack_connected", id.ToString(), new { host_name = hostName, kind = seen.Value.Kind, version = seen.Value.Version, host = seen.Value.Root.Host }, now, ct);
        var server = await Server.Find(tx, workspace, id, ct);
        await tx.Commit(ct);
        return server is null ? Server.NotFound : server;
    }

    static ServerAddress[]? Addresses(IReadOnlyList<string> given, string hostName)
    {
        var read = given.Select(text => IPAddress.TryParse((text ?? "").Trim(), out var address) && !address.ToString().Contains('%') ? address.ToString() : null).ToList();
        return read.Count is 0 or > AddressesMax || read.Contains(null) || read.Distinct().Count() < read.Count ? null : [.. read.OfType<string>().Select(address => new ServerAddress(address, hostName))];
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/servers/stack",
        async (Actor actor, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, reach, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/servers/{made.Id}", made)));
}
