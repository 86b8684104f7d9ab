using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Servers;

/// <summary>A person says that the other host key is the machine's own: it is pinned from then on, and the server checked.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>server.not_found</c>, <c>server.host_key_unknown</c>, <c>server.host_key_other</c> or as <see cref="CheckServer"/> does.</remarks>
public static class ConfirmHostKey
{
    /// <param name="Fingerprint">"SHA256:…" as the page or the problem shows it: what the person compared is what is pinned.</param>
    public sealed record Input(string Fingerprint);

    const string Pin = """
        update fleet.server
        set host_key = host_key_offered, host_key_offered = null, state = 'unreachable', problem = ''
        where tenant_id = $1 and id = $2 and state = 'changed' and host_key_offered = $3
        """;

    public static async Task<Result<Server>> Handle(Actor actor, ServerId id, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            if (await Server.Find(tx, workspace, id, ct) is not { } server) return Server.NotFound;
            if (server is not { State: ServerState.Changed, HostKeyOffered: { } offered, FingerprintOffered: { } shown })
                return new Problem(ProblemKind.Conflict, "server.host_key_unknown", $"No other host key of {server.HostName} is known that could be confirmed. Check the server first; it must let our key in.");
            if (input.Fingerprint.Trim() != shown)
                return new Problem(ProblemKind.Conflict, "server.host_key_other", $"{server.HostName} shows {shown} now, known is {server.Fingerprint}. Compare the first with the machine's console and give exactly that one.");
            if (await tx.Execute(Pin, ct, actor.Tenant, id, offered) == 0) return Server.NotFound;
            await tx.Append(actor, "server.host_key_confirmed", id.ToString(), new { before = server.Fingerprint, after = shown }, clock.GetUtcNow(), ct);
            await tx.Commit(ct);
        }

        return await CheckServer.Handle(actor, id, db, reach, clock, ct);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/servers/{id}/host-key",
        async (Actor actor, ServerId id, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, reach, clock, ct)).ToHttp());
}
