using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Servers;

/// <summary>Brings a server's mail stack to what the rows say, by a job: the only writer to a machine or its API, one at a time. Bears being killed anywhere: the next run compares and goes on.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>server.not_found</c>; what the machine says stands in the server's stack problem.</remarks>
public static class ApplyStack
{
    public const string Kind = "fleet.apply_stack";
    const int AttemptsMax = 20; // Only kills count: what a machine refuses is saved and ends the run.
    const int RoundsMax = 5; // While it worked somebody may have asked for more.

    public sealed record Order(WorkspaceId Workspace, ServerId Server);

    const string Note = "update fleet.server set stack_note = $3, stack_tried_at = $4 where tenant_id = $1 and id = $2";

    const string Applied = "update fleet.server set stack_kind = coalesce(stack_kind, 'native'), stack_digest = $3, stacked_at = $4, stack_tried_at = $4, stack_note = $5, stack_notes = $6, stack_problem = '', stack_failures = 0 where tenant_id = $1 and id = $2";

    const string Failed = "update fleet.server set stack_problem = $3, stack_note = '', stack_failures = stack_failures + 1, stack_tried_at = $4 where tenant_id = $1 and id = $2";

    public static async Task<Result<Server>> Handle(Actor actor, ServerId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await Server.Find(tx, workspace, id, ct) is not { } server) return Server.NotFound;
        await Enqueue(tx, workspace, id, now, ct);
        await tx.Append(actor, "server.stack_wanted", id.ToString(), new { host_name = server.HostName }, now, ct);
        await tx.Commit(ct);
        return server;
    }

    internal static Task Enqueue(TenantTx tx, WorkspaceId workspace, ServerId id, DateTimeOffset now, CancellationToken ct) =>
        tx.Enqueue(new JobOrder<Order>(Kind, new(workspace, id)) { UniqueKey = id.Value.ToString("N"), Priority = 3, AttemptsMax = AttemptsMax }, now, ct);

    internal static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var (actor, clock) = (Actor.System(run.Tenant, order.Workspace), run.Need<TimeProvider>());
        for (var round = 0; round < RoundsMax; round++)
        {
            await using var tx = await run.Db.Begin(run.Tenant, ct);
            if (await Server.Find(tx, order.Workspace, order.Server, ct) is not { } server) return;
            var wanted = await HostedMail.Read(tx, server, ct);
            await tx.Commit(ct);
            // The first round also mends what somebody changed on the machine.
            if (round > 0 && server.StackDigest == wanted.Digest) return;
            var applied = await Apply(actor, wanted, run, clock, ct);
            await Save(run, order.Server, applied, wanted.Digest, clock, ct);
            if (!applied.IsOk) return;
        }
    }

    /// <summary>Its worker died at every attempt.</summary>
    internal static Task Bury(Order order, JobRun run, CancellationToken ct) => Save(run, order.Server,
        new Problem(ProblemKind.Unavailable, "stack.killed", "The program was stopped again and again while it worked on this machine. Start it once more: what was done is found and not done twice."), "", run.Need<TimeProvider>(), ct);

    static async Task<Result<StackChanges>> Apply(Actor actor, HostedMail wanted, JobRun run, TimeProvider clock, CancellationToken ct)
    {
        var access = SecretAccess.Job(run.Tenant, $"mail stack of {wanted.Server.HostName}", Kind);
        var plan = await wanted.Open(access, run.Need<MailboxSecrets>(), run.Need<SealedBox>(), run.Need<AcmeSettings>(), ct);
        if (plan.Problem is { } closed) return closed;
        var opened = await OpenStack.Of(run.Need<ServerReach>(), actor, wanted, "mail stack", run.Db, clock, ct);
        if (opened.Problem is { } unreached) return unreached;
        await using var stack = opened.Value;
        return await stack.Stack.Apply(plan.Value, async step =>
        {
            await run.Progress(0, null, step.Detail, ct);
            await using var tx = await run.Db.Begin(run.Tenant, ct);
            await tx.Execute(Note, ct, run.Tenant, wanted.Server.Id, step.Detail, clock.GetUtcNow());
            await tx.Commit(ct);
        }, ct);
    }

    static async Task Save(JobRun run, ServerId id, Result<StackChanges> applied, string digest, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        if (applied.Problem is { } problem) await tx.Execute(Failed, ct, run.Tenant, id, problem.Detail, now);
        else await tx.Execute(Applied, ct, run.Tenant, id, digest, now, Summary(applied.Value), applied.Value.Notes.ToArray());
        await tx.Append(Actor.System(run.Tenant), applied.IsOk ? "server.stack_applied" : "server.stack_failed", id.ToString(), new { code = applied.Problem?.Code, digest }, now, ct);
        await tx.Commit(ct);
    }

    static string Summary(StackChanges changes) => changes.IsNothing ? "Nothing had to be changed" : string.Join(", ", changes.Items.CountBy(change => change.Kind).Select(kind => $"{kind.Key} {kind.Value:N0}"));

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/servers/{id}/apply",
        async (Actor actor, ServerId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp(server => TypedResults.Accepted($"/api/v1/servers/{id}", server)));
}
