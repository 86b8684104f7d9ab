using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Servers.Hosts;

namespace PenguinMails.Fleet.Servers;

/// <summary>The job that destroys a server. It is over only when the host knows no server of the wish any more, so that nothing is paid for that nobody sees.</summary>
static class TakeDownServer
{
    public const string Kind = "fleet.destroy_server";

    internal const int RoundsMax = 240;

    /// <summary>An order whose answer was lost may show up late: after this many rounds of nothing, there is nothing.</summary>
    internal const int LooksMin = 3;

    const string Gone = """
        update fleet.server
        set state = 'destroyed', problem = '', host_key_offered = null
        where tenant_id = $1 and id = $2 and state = 'destroying'
        """;

    const string Note = "update fleet.server set problem = $3 where tenant_id = $1 and id = $2 and state = 'destroying'";
    const string Fail = "update fleet.server set state = 'failed', problem = $3 where tenant_id = $1 and id = $2 and state = 'destroying'";

    /// <param name="Round">1 to <see cref="RoundsMax"/>.</param>
    public sealed record Order(WorkspaceId Workspace, ServerId Server, int Round);

    public static Task Enqueue(TenantTx tx, Order order, TimeSpan delay, DateTimeOffset now, CancellationToken ct) =>
        tx.Enqueue(new JobOrder<Order>(Kind, order) { DueAt = now + delay, UniqueKey = $"{order.Server.Value:N}/{order.Round}", Priority = 3 }, now, ct);

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var (reach, clock) = (run.Need<ServerReach>(), run.Need<TimeProvider>());
        var actor = Actor.System(run.Tenant, order.Workspace);
        if ((await ListServers.One(actor, order.Server, run.Db, ct)) is not { IsOk: true, Value: { State: ServerState.Destroying } server }) return;
        var problem = server.Wish is { } wish ? await AtHost(actor, server, wish, order.Round, reach, ct) : await LetGo(actor, server, reach, clock, ct);
        problem ??= (await reach.ForgetKey(actor, server, ct)).Problem;
        var now = clock.GetUtcNow();
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        if (problem is null)
        {
            await tx.Execute(Gone, ct, run.Tenant, order.Server);
            await tx.Append(actor, "server.destroyed", order.Server.ToString(), new { host_name = server.HostName }, now, ct);
        }
        else if (problem.Kind == ProblemKind.Unavailable && order.Round < RoundsMax)
        {
            await tx.Execute(Note, ct, run.Tenant, order.Server, problem.Detail);
            await Enqueue(tx, order with { Round = order.Round + 1 }, problem.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : reach.Hosts.Pause, now, ct);
        }
        else
        {
            await tx.Execute(Fail, ct, run.Tenant, order.Server, $"{problem.Detail} The server may still be paid for: look at the host, then destroy it here again.");
            await tx.Append(actor, "server.destroy_failed", order.Server.ToString(), new { code = problem.Code }, now, ct);
        }

        await tx.Commit(ct);
    }

    public static async Task Bury(Order order, JobRun run, CancellationToken ct)
    {
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        await tx.Execute(Fail, ct, run.Tenant, order.Server, "The program was stopped again and again while it destroyed the server. It may still be paid for: destroy it here again.");
        await tx.Commit(ct);
    }

    static async Task<Problem?> AtHost(Actor actor, Server server, Guid wish, int round, ServerReach reach, CancellationToken ct)
    {
        var opened = await reach.Host(actor, server.HostKind, "destroy a server", ct);
        if (opened.Problem is { } closed) return closed;
        using var host = opened.Value;
        if (server.HostRef is { } known && (await host.Destroy(known, ct)).Problem is { } refused) return refused;
        var left = await OrderOnce.Kept(host, wish, ct);
        if (left.Problem is { } silent) return silent;
        if (left.Value.State != HostedState.Gone)
            return (await host.Destroy(left.Value.Ref, ct)).Problem ?? new Problem(ProblemKind.Unavailable, "server.destroying", "The host is destroying the server.");
        return server.HostRef is null && round < LooksMin ? new Problem(ProblemKind.Unavailable, "server.destroying", "Looking whether an order of this server was still taken.") : null;
    }

    // A machine that does not answer is let go as well: it is not ours, and its owner can remove the line.
    static async Task<Problem?> LetGo(Actor actor, Server server, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (server.HostKey is null) return null;
        var opened = await reach.Open(actor, server, server.HostKey, "let a server go", clock, ct);
        if (opened.Problem is { } problem) return problem.Code.StartsWith("secret.", StringComparison.Ordinal) && problem.Code != "secret.not_found" ? problem : null;
        await using var session = opened.Value;
        await AuthorisedKeys.Remove(session, server.SshPublicKey, ct);
        return null;
    }
}
