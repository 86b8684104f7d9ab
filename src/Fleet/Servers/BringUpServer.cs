using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Servers.Hosts;

namespace PenguinMails.Fleet.Servers;

/// <summary>The job that buys a server and brings it up: orders, waits for its addresses, sets the host's firewall, logs in. Bears being killed anywhere and run again:
/// each run looks first at what the host has.</summary>
static class BringUpServer
{
    public const string Kind = "fleet.order_server";

    /// <summary>With the usual pause about 40 minutes.</summary>
    internal const int RoundsMax = 240;

    // Only while nobody gave the server up.
    const string SaveRef = "update fleet.server set host_ref = $3, state = 'booting', problem = 'The host is building the server.' where tenant_id = $1 and id = $2 and state in ('ordered', 'booting')";
    const string SaveAddresses = "update fleet.server set addresses = $3 where tenant_id = $1 and id = $2 and state = 'booting'";
    const string Note = "update fleet.server set problem = $3 where tenant_id = $1 and id = $2 and state in ('ordered', 'booting')";
    const string Fail = "update fleet.server set state = 'failed', problem = $3 where tenant_id = $1 and id = $2 and state in ('ordered', 'booting')";

    /// <param name="Round">1 to <see cref="RoundsMax"/>.</param>
    public sealed record Order(WorkspaceId Workspace, ServerId Server, int Round);

    public static Task Enqueue(TenantTx tx, Order order, TimeSpan delay, DateTimeOffset now, CancellationToken ct) =>
        tx.Enqueue(new JobOrder<Order>(Kind, order) { DueAt = now + delay, UniqueKey = $"{order.Server.Value:N}/{order.Round}", Priority = 3 }, now, ct);

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var (reach, clock) = (run.Need<ServerReach>(), run.Need<TimeProvider>());
        var actor = Actor.System(run.Tenant, order.Workspace);
        if ((await ListServers.One(actor, order.Server, run.Db, ct)) is not { IsOk: true, Value: { State: ServerState.Ordered or ServerState.Booting, Wish: { } wish } server }) return;
        if (await Step(actor, server, wish, run.Db, reach, clock, ct) is not { } problem) return;
        var now = clock.GetUtcNow();
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        if (problem.Kind == ProblemKind.Unavailable && order.Round < RoundsMax)
        {
            await tx.Execute(Note, ct, run.Tenant, order.Server, problem.Detail);
            var wait = problem.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : reach.Hosts.Pause;
            await Enqueue(tx, order with { Round = order.Round + 1 }, wait, now, ct);
        }
        else
        {
            await tx.Execute(Fail, ct, run.Tenant, order.Server, $"{problem.Detail} Destroy the server to be sure that nothing is paid for, then order it again.");
            await tx.Append(actor, "server.order_failed", order.Server.ToString(), new { code = problem.Code }, now, ct);
        }

        await tx.Commit(ct);
    }

    /// <summary>The program died at every attempt: the server waits for a person.</summary>
    public static async Task Bury(Order order, JobRun run, CancellationToken ct)
    {
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        await tx.Execute(Fail, ct, run.Tenant, order.Server, "The program was stopped again and again while it brought the server up. Destroy the server to be sure that nothing is paid for, then order it again.");
        await tx.Commit(ct);
    }

    /// <summary>Null when the server was checked: ready, or with a problem of its own.</summary>
    static async Task<Problem?> Step(Actor actor, Server server, Guid wish, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var opened = await reach.Host(actor, server.HostKind, "bring a server up", ct);
        if (opened.Problem is { } closed) return closed;
        using var host = opened.Value;
        var hosted = server.HostRef is { } known
            ? await host.Find(known, ct)
            : await OrderOnce.Run(host, new ServerWish(wish, server.HostName, server.Region ?? "", server.Size ?? "", server.SshPublicKey), ct);
        if (hosted.Problem is { } refused) return refused;
        if (hosted.Value.State is HostedState.Gone or HostedState.Failed) return new Problem(ProblemKind.Conflict, "server.build_failed", $"{ServerHosts.NameOf(server.HostKind)} could not build the server, or it was destroyed there.");
        if (server.HostRef is null && !await Saved(SaveRef, hosted.Value.Ref)) return (await host.Destroy(hosted.Value.Ref, ct)).Problem; // Given up while it was ordered.
        if (hosted.Value is not { State: HostedState.Running, Addresses.Count: > 0 }) return new Problem(ProblemKind.Unavailable, "server.building", "The host is building the server.");
        ServerAddress[] addresses = [.. hosted.Value.Addresses.Select(address => new ServerAddress(address.ToString(), server.HostName))];
        if (!await Saved(SaveAddresses, Jsonb.Of(addresses))) return null;
        if ((await host.Protect(hosted.Value.Ref, ct)).Problem is { } unprotected) return unprotected;
        var looked = await CheckServer.Handle(actor, server.Id, db, reach, clock, ct);
        if (looked.Problem is { } unread) return unread;
        return looked.Value.State == ServerState.Booting ? new Problem(ProblemKind.Unavailable, "server.booting", looked.Value.Problem) : null;

        async Task<bool> Saved(string sql, object value)
        {
            await using var tx = await db.Begin(actor.Tenant, ct);
            var rows = await tx.Execute(sql, ct, actor.Tenant, server.Id, value);
            await tx.Commit(ct);
            return rows == 1;
        }
    }
}
