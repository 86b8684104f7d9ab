using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Servers;

/// <summary>Gives a server up, after asking twice. A rented one is destroyed at its host by a job; an own machine is let go, and our key taken off it where it can be reached.</summary>
/// <remarks>Without the word it refuses with <c>server.confirm_destroy</c>, which says what will be lost and which word to send. Refuses with <c>permission.missing</c>, <c>workspace.missing</c>,
/// <c>server.not_found</c>, <c>server.in_use</c> or <c>server.confirm_destroy</c>.</remarks>
public static class DestroyServer
{
    /// <param name="Confirm">The server's host name, letter for letter; null asks what will be lost.</param>
    /// <param name="AlsoUsed">True also destroys what domains or mailboxes still use.</param>
    public sealed record Input(string? Confirm = null, bool AlsoUsed = false);

    const string Begin = """
        update fleet.server
        set state = 'destroying', problem = ''
        where tenant_id = $1 and workspace_id = $2 and id = $3 and state not in ('destroying', 'destroyed')
        """;

    // Mailboxes that send or read through it, and domains whose mail goes to it or leaves from it.
    const string Users = """
        select address from fleet.mailbox where tenant_id = $1 and (lower(smtp_host) = any($2) or lower(imap_host) = any($2))
        union
        select d.name from fleet.dns_setup s join fleet.domain d on d.tenant_id = s.tenant_id and d.id = s.domain_id where s.tenant_id = $1 and s.mx_hosts && $2
        union
        select name from fleet.domain where tenant_id = $1 and server_id = $3
        limit 21
        """;

    /// <summary>What a server is used for: addresses of mailboxes and names of domains, at most 21.</summary>
    public static async Task<Result<IReadOnlyList<string>>> UsedBy(Actor actor, ServerId id, TenantDb db, CancellationToken ct)
    {
        var found = await ListServers.One(actor, id, db, ct);
        if (found.Problem is { } missing) return missing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Result<IReadOnlyList<string>>.Of(await UsersOf(tx, found.Value, ct));
    }

    public static async Task<Result<Server>> Handle(Actor actor, ServerId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await Server.Find(tx, workspace, id, ct) is not { } server) return Server.NotFound;
        if (server.State is ServerState.Destroying or ServerState.Destroyed) return server;
        var users = await UsersOf(tx, server, ct);
        if (input.Confirm?.Trim() != server.HostName) return Ask(server, users);
        if (users.Count > 0 && !input.AlsoUsed)
            return new Problem(ProblemKind.Conflict, "server.in_use", $"{server.HostName} is used by {Named(users)}. Move them first, or send also_used to destroy it all the same.");

        var now = clock.GetUtcNow();
        await tx.Execute(Begin, ct, actor.Tenant, workspace, id);
        await TakeDownServer.Enqueue(tx, new(workspace, id, 1), TimeSpan.Zero, now, ct);
        await tx.Append(actor, "server.destroy_ordered", id.ToString(), new { host_name = server.HostName, server.HostKind, server.HostRef, used_by = users.Count }, now, ct);
        await tx.Commit(ct);
        return server with { State = ServerState.Destroying, Problem = "" };
    }

    static Problem Ask(Server server, List<string> users)
    {
        var lost = server.IsConnected ? $"{server.HostName} is forgotten here with the token of its API. The mail server itself goes on running, with the domains, mailboxes and mail on it"
            : server.HostKind == "own" ? $"{server.HostName} is forgotten here: its key, its host key and what is known of it. The machine itself goes on running, with the mail on it"
            : $"{server.HostName} is destroyed at its host with everything on its disk, its addresses are given back, and no picture of the disk is kept";
        var used = users.Count == 0 ? "" : $" It is used by {Named(users)}.";
        return new Problem(ProblemKind.Conflict, "server.confirm_destroy", $"{lost}.{used} This cannot be undone. Send the word {server.HostName} as confirm to go on.");
    }

    static string Named(List<string> users) => string.Join(", ", users.Take(3)) + (users.Count > 20 ? " and more than 17 others" : users.Count > 3 ? $" and {users.Count - 3} others" : "");

    static Task<List<string>> UsersOf(TenantTx tx, Server server, CancellationToken ct) =>
        tx.List(Users, Read, ct, tx.Tenant, server.Addresses.SelectMany(address => new[] { address.Ip, address.Ehlo }).Append(server.HostName).Distinct().ToArray(), server.Id);

    static string Read(NpgsqlDataReader row) => row.GetString(0);

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/servers/{id}/destroy",
        async (Actor actor, ServerId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, clock, ct)).ToHttp(gone => TypedResults.Accepted($"/api/v1/servers/{id}", gone)));
}
