using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers.Ssh;

namespace PenguinMails.Fleet.Servers;

/// <summary>A machine is there, pinned and fit for a mail stack, for the first time or again.</summary>
public sealed record ServerReady(WorkspaceId Workspace, ServerId Server, string HostName);

/// <summary>Logs in to a machine, pins its host key at first contact, reads what it is, and moves its state; of a connected server it asks the API. What is wrong stands in the server's problem.</summary>
/// <remarks>Takes 3 minutes at the most. A host key that is not the pinned one moves the server to changed: nothing more is done there until <see cref="ConfirmHostKey"/>.
/// Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>server.not_found</c>, <c>server.not_there</c> or the refusals of the secret store.</remarks>
public static class CheckServer
{
    // Only what is still as it was: a person may have destroyed it or confirmed a key meanwhile.
    const string Save = """
        update fleet.server
        set state = $4, problem = $5, host_key = coalesce(host_key, $6), host_key_offered = $7, facts = coalesce($8, facts), stack_version = coalesce($10, stack_version), checked_at = $9
        where tenant_id = $1 and id = $2 and state = $3
        """;

    sealed record Finding(ServerState State, string Problem, string? HostKey = null, string? Offered = null, ServerFacts? Facts = null, string? StackVersion = null);

    public static async Task<Result<Server>> Handle(Actor actor, ServerId id, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        var found = await ListServers.One(actor with { Kind = ActorKind.System }, id, db, ct);
        if (found.Problem is { } missing) return missing;
        var server = found.Value;
        if (server.Addresses.Count == 0 || server.State is ServerState.Ordered or ServerState.Destroying or ServerState.Destroyed)
            return new Problem(ProblemKind.Conflict, "server.not_there", $"{server.HostName} is {Server.Word(server.State)}, so there is nothing to log in to.");
        var looked = server.IsConnected ? await LookAtApi(actor, server, reach, ct) : await Look(actor, server, reach, clock, ct);
        if (looked.Problem is { } closed) return closed;
        var finding = looked.Value;

        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        var saved = await tx.Execute(Save, ct, actor.Tenant, id, Server.Word(server.State), Server.Word(finding.State), finding.Problem, finding.HostKey, finding.Offered, finding.Facts is { } facts ? Jsonb.Of(facts) : null, now, finding.StackVersion);
        if (saved == 1 && finding.State != server.State)
        {
            if (finding.State == ServerState.Ready) await tx.Publish(new ServerReady(server.WorkspaceId, id, server.HostName), now, ct);
            await tx.Append(actor, $"server.{Server.Word(finding.State)}", id.ToString(), new { host_name = server.HostName, fingerprint = finding.HostKey is { } pinned ? SshHostKey.Parse(pinned)?.Fingerprint : null }, now, ct);
        }

        var after = await Server.Find(tx, server.WorkspaceId, id, ct);
        await tx.Commit(ct);
        return after is null ? Server.NotFound : after;
    }

    static async Task<Result<Finding>> LookAtApi(Actor actor, Server server, ServerReach reach, CancellationToken ct)
    {
        var seen = await StackApiReach.See(reach, actor, server, "server check", ct);
        if (seen.IsOk) return new Finding(ServerState.Ready, "", StackVersion: seen.Value.Version);
        return seen.Match<Result<Finding>>(_ => new Finding(ServerState.Ready, ""), problem => !problem.Code.StartsWith("stack.", StringComparison.Ordinal) ? problem
            : new Finding(problem.Kind == ProblemKind.Unavailable && server.State != ServerState.Failed ? ServerState.Unreachable : ServerState.Failed, problem.Detail));
    }

    static async Task<Result<Finding>> Look(Actor actor, Server server, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var opened = await reach.Open(actor, server, server.HostKey, "server check", clock, ct);
        if (opened.Problem is { } problem)
        {
            if (problem.Code == "ssh.host_key_changed") return await Changed(actor, server, problem, reach, clock, ct);
            return problem.Code.StartsWith("ssh.", StringComparison.Ordinal) ? new Finding(Silent(server), problem.Detail) : problem;
        }

        await using var session = opened.Value;
        // Once it has shown another key, the old one again proves nothing about what happened in between.
        if (server.State == ServerState.Changed) return new Finding(ServerState.Changed, "The machine shows the known host key again. Confirm it if you know why it showed another one.", session.HostKey, session.HostKey);
        var facts = await MachineFacts.Read(session, reach.Hosts.Probe, ct);
        if (facts.Problem is { } broken) return new Finding(Silent(server), broken.Detail, session.HostKey);
        var fault = MachineFacts.Fault(facts.Value);
        return new Finding(fault.Length == 0 ? ServerState.Ready : ServerState.Failed, fault, session.HostKey, null, facts.Value);
    }

    // The new key is learnt by a log-in in which no command is run; it is only ever shown to a person.
    static async Task<Finding> Changed(Actor actor, Server server, Problem problem, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var shown = await reach.Open(actor, server, null, "look at a changed host key", clock, ct);
        if (shown.Problem is { } refused) return new Finding(ServerState.Changed, refused.Code == "ssh.key_refused" ? $"{problem.Detail} It does not let our key in, either. {refused.Detail}" : problem.Detail);
        await using var session = shown.Value;
        return new Finding(ServerState.Changed, problem.Detail, null, session.HostKey);
    }

    static ServerState Silent(Server server) => server.State switch
    {
        ServerState.Ready or ServerState.Unreachable => ServerState.Unreachable,
        ServerState.Changed => ServerState.Changed,
        ServerState.Failed when server.HostKey is not null => ServerState.Failed,
        _ => ServerState.Booting,
    };

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/servers/{id}/check",
        async (Actor actor, ServerId id, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, reach, clock, ct)).ToHttp());
}
