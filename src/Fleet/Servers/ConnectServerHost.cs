using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers.Hosts;

namespace PenguinMails.Fleet.Servers;

/// <summary>Keeps the API token of a host in the secret store, after the host was asked once with it. It is never shown again. One token of each host for the account.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>server.host_unknown</c>, <c>server.token_invalid</c>, what the host says, or the refusals of the secret store.</remarks>
public static class ConnectServerHost
{
    /// <param name="Kind">hetzner, digitalocean, vultr or hostwinds.</param>
    public sealed record Input(string Kind, string Token)
    {
        /// <summary>Without the token.</summary>
        public override string ToString() => Kind;
    }

    const string Save = """
        insert into fleet.server_host (tenant_id, kind, connected_at)
        values ($1, $2, $3)
        on conflict on constraint server_host_pkey do update set connected_at = $3
        """;

    public static async Task<Result<Done>> Handle(Actor actor, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        var (kind, token) = (input.Kind, input.Token.Trim());
        var opened = ServerHosts.Open(kind, token, reach.Hosts, reach.Outbound);
        if (opened.Problem is { } invalid) return invalid;
        using var host = opened.Value;
        if ((await host.Offers(ct)).Problem is { } refused) return refused;
        if ((await reach.KeepToken(actor, kind, token, db, clock, ct)).Problem is { } unkept) return unkept;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        await tx.Execute(Save, ct, actor.Tenant, kind, now);
        await tx.Append(actor, "server.host_connected", kind, new { kind }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPut("/server-hosts",
        async (Actor actor, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, input, db, reach, clock, ct)).ToHttp());
}
