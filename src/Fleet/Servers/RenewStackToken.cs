using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Servers;

/// <summary>Gives a connected mail server another token, after it was asked with it, and looks at it again.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>server.not_found</c>, <c>server.not_connected</c>, <c>server.token_invalid</c>, <c>stack.changed</c>, or as the API and the secret store do.</remarks>
public static class RenewStackToken
{
    public sealed record Input(string Token)
    {
        /// <summary>Without the token.</summary>
        public override string ToString() => nameof(Input);
    }

    public static async Task<Result<Server>> Handle(Actor actor, ServerId id, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        var found = await ListServers.One(actor with { Kind = ActorKind.System }, id, db, ct);
        if (found.Problem is { } missing) return missing;
        var (server, token) = (found.Value, input.Token.Trim());
        if (!server.IsConnected || server.State is ServerState.Destroying or ServerState.Destroyed)
            return new Problem(ProblemKind.Conflict, "server.not_connected", $"{server.HostName} is not reached through an API, so it has no token.");
        if (StackApiReach.TokenFault(token) is { } fault) return fault;
        var seen = await StackApiReach.See(reach, server, token, ct);
        if (seen.Problem is { } refused) return refused;
        var marks = await StackApiReach.MarkKey(reach, actor, server, ct);
        if (marks.Problem is { } closed) return closed;
        if ((await StackApiReach.Keep(reach, actor, id, token, marks.Value, db, clock, ct)).Problem is { } unkept) return unkept;
        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            await tx.Append(actor, "server.stack_token_renewed", id.ToString(), new { host_name = server.HostName }, clock.GetUtcNow(), ct);
            await tx.Commit(ct);
        }

        return await CheckServer.Handle(actor, id, db, reach, clock, ct);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/servers/{id}/stack-token",
        async (Actor actor, ServerId id, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, reach, clock, ct)).ToHttp());
}
