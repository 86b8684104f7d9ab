using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Fleet.Servers;

/// <summary>The chain of jobs that looks at a server again and again: each run orders the next one, until the server is gone.</summary>
/// <remarks>A chain for each server, as for each domain: a job of the platform sees no tenant's rows, and so one slow machine delays no other.</remarks>
static class RecheckServer
{
    public const string Kind = "fleet.check_server";

    static readonly TimeSpan WhenReady = TimeSpan.FromHours(1);
    static readonly TimeSpan WhenSilent = TimeSpan.FromMinutes(15);

    /// <param name="Round">1, 2, 3 and so on: keeps a run that is tried again from starting a second chain.</param>
    public sealed record Order(WorkspaceId Workspace, ServerId Server, long Round);

    /// <summary>Starts the chain in the transaction that adds the server.</summary>
    public static Task Begin(TenantTx tx, WorkspaceId workspace, ServerId server, DateTimeOffset now, CancellationToken ct) => Enqueue(tx, new Order(workspace, server, 1), WhenSilent, now, ct);

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var (actor, clock) = (Actor.System(run.Tenant, order.Workspace), run.Need<TimeProvider>());
        var found = await ListServers.One(actor, order.Server, run.Db, ct);
        if (found.Problem is not null || found.Value.State == ServerState.Destroyed) return;
        var server = found.Value;
        // What waits for a person is not asked again and again.
        var isSeen = server.CheckedAt is { } at && clock.GetUtcNow() - at < WhenReady - TimeSpan.FromMinutes(1);
        if (server.State == ServerState.Unreachable || (server.State == ServerState.Ready && !isSeen))
        {
            var looked = await CheckServer.Handle(actor, order.Server, run.Db, run.Need<ServerReach>(), clock, ct);
            if (looked.IsOk) server = looked.Value;
        }

        await using var tx = await run.Db.Begin(run.Tenant, ct);
        // What was asked for while the machine was away is caught up.
        if (server is { State: ServerState.Ready, StackKind: not null } && server.StackDigest != (await HostedMail.Read(tx, server, ct)).Digest) await ApplyStack.Enqueue(tx, order.Workspace, server.Id, clock.GetUtcNow(), ct);
        await Enqueue(tx, order with { Round = order.Round + 1 }, server.State == ServerState.Unreachable ? WhenSilent : WhenReady, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
    }

    static Task Enqueue(TenantTx tx, Order order, TimeSpan delay, DateTimeOffset now, CancellationToken ct) =>
        tx.Enqueue(new JobOrder<Order>(Kind, order) { DueAt = now + delay, UniqueKey = $"{order.Server.Value:N}/{order.Round}", AttemptsMax = 50, Priority = 8 }, now, ct);
}
