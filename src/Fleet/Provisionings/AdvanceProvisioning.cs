using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Provisionings.Steps;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.Provisionings;

/// <summary>A domain sends from a server of ours, proved by a message that arrived.</summary>
/// <param name="PlatformMs">Milliseconds it took without the time people outside were waited for.</param>
public sealed record DomainProvisioned(WorkspaceId Workspace, ProvisioningId Provisioning, string Domain, long PlatformMs);

/// <summary>The job that takes a provisioning from step to step: one for each, which comes again while something is waited for. Killed anywhere it looks at the world and goes on; each step bears being taken twice.</summary>
static class AdvanceProvisioning
{
    public const string Kind = "fleet.advance_provisioning";

    public sealed record Order(WorkspaceId Workspace, ProvisioningId Provisioning);

    const string End = "update fleet.provisioning set state = $3, ended_at = $4 where tenant_id = $1 and id = $2 and state in ('running', 'undoing')";

    const string Stop = "update fleet.provisioning set state = 'stopped' where tenant_id = $1 and id = $2 and state = 'running'";

    public static async Task Enqueue(TenantTx tx, WorkspaceId workspace, ProvisioningId id, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Enqueue(new JobOrder<Order>(Kind, new(workspace, id)) { UniqueKey = Key(id), Priority = 3, AttemptsMax = 20 }, now, ct);
        await tx.Wake(Kind, Key(id), now, ct);
    }

    static string Key(ProvisioningId id) => id.Value.ToString("N");

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        if (await Advance(order, run.Tenant, run.Need<WalkTools>(), (done, what) => run.Progress(done, Provisioning.StepNames.Count, what, ct), ct) is { } after) run.Again(after);
    }

    /// <param name="seen">Steps done, and what is being done.</param>
    /// <returns>When to look again; null when it ended or waits for a person here.</returns>
    internal static async Task<TimeSpan?> Advance(Order order, TenantId tenant, WalkTools tools, Func<int, string, Task> seen, CancellationToken ct)
    {
        var actor = Actor.System(tenant, order.Workspace);
        while (await Find(order, tenant, tools, ct) is { State: "running" or "undoing" } provisioning)
        {
            var isUndoing = provisioning.State == "undoing";
            if ((isUndoing ? provisioning.Steps.LastOrDefault(step => step.State is not ("open" or "undone")) : provisioning.Current) is not { } next)
            {
                await Finish(provisioning, isUndoing, actor, tools, ct);
                return null;
            }

            var row = new StepRow(tools.Db, tenant, provisioning.Id.Value, next.Name, tools.Clock);
            var outcome = await row.Look(next, isUndoing, what => seen(provisioning.Steps.Count(one => one.State == "done"), what), (step, tell) =>
            {
                var desk = new StepDesk(actor, provisioning, step, tools, tell);
                return isUndoing ? Undo(desk, ct) : Take(desk, ct);
            }, ct);
            if (outcome.State == "stopped" && !isUndoing) await Halt(provisioning, next.Name, outcome, actor, tools, ct);
            if (outcome.State is "waiting" or "customer") return outcome.After;
        }

        return null;
    }

    static Task<StepOutcome> Take(StepDesk desk, CancellationToken ct) => desk.Step.Name switch
    {
        "server" => ServerStep.Run(desk, ct),
        "domain" => DomainStep.Run(desk, ct),
        "stack" => StackStep.Run(desk, "Postfix, Dovecot and Rspamd run as they should; nothing is open that need not be.", ct),
        "dns" => DnsStep.Run(desk, ct),
        "ptr" => PtrStep.Run(desk, ct),
        "certificate" => CertificateStep.Run(desk, ct),
        "dkim" => DkimStep.Run(desk, ct),
        "mailbox" => MailboxStep.Run(desk, ct),
        "test_mail" => TestMailStep.Run(desk, ct),
        _ => throw new InvalidOperationException($"Unknown step {desk.Step.Name}."),
    };

    static Task<StepOutcome> Undo(StepDesk desk, CancellationToken ct) => desk.Step.Name switch
    {
        "mailbox" => MailboxStep.Undo(desk, ct),
        "dns" => DnsStep.Undo(desk, ct),
        "domain" => DomainStep.Undo(desk, ct),
        "server" => Task.FromResult(StepOutcome.Done("The server stays. Destroy it on its page if it is no longer needed.")),
        _ => Task.FromResult(StepOutcome.Done("Nothing to take back.")),
    };

    static async Task<Provisioning?> Find(Order order, TenantId tenant, WalkTools tools, CancellationToken ct)
    {
        await using var tx = await tools.Db.Begin(tenant, ct);
        return await Provisioning.Find(tx, order.Workspace, order.Provisioning, ct);
    }

    static async Task Finish(Provisioning provisioning, bool isUndoing, Actor actor, WalkTools tools, CancellationToken ct)
    {
        var now = tools.Clock.GetUtcNow();
        await using var tx = await tools.Db.Begin(actor.Tenant, ct);
        await tx.Execute(End, ct, actor.Tenant, provisioning.Id, isUndoing ? "cancelled" : "ready", now);
        if (!isUndoing) await tx.Publish(new DomainProvisioned(provisioning.WorkspaceId, provisioning.Id, provisioning.DomainName, provisioning.PlatformMs), now, ct);
        await tx.Append(actor, isUndoing ? "provisioning.undone" : "provisioning.ready", provisioning.Id.ToString(), new { platform_ms = provisioning.PlatformMs, customer_ms = provisioning.CustomerMs }, now, ct);
        await tx.Commit(ct);
    }

    static async Task Halt(Provisioning provisioning, string step, StepOutcome outcome, Actor actor, WalkTools tools, CancellationToken ct)
    {
        var now = tools.Clock.GetUtcNow();
        await using var tx = await tools.Db.Begin(actor.Tenant, ct);
        await tx.Execute(Stop, ct, actor.Tenant, provisioning.Id);
        await tx.Append(actor, "provisioning.stopped", provisioning.Id.ToString(), new { step, code = outcome.ProblemCode }, now, ct);
        await tx.Commit(ct);
    }

    /// <summary>The program failed at every attempt: a person may go on.</summary>
    public static async Task Bury(Order order, JobRun run, CancellationToken ct)
    {
        var tools = run.Need<WalkTools>();
        if (await Find(order, run.Tenant, tools, ct) is not { State: "running" } provisioning || provisioning.Current is not { } current) return;
        await new StepRow(tools.Db, run.Tenant, provisioning.Id.Value, current.Name, tools.Clock).End(StepOutcome.Broken, current, isUndoing: false, ct);
        await Halt(provisioning, current.Name, StepOutcome.Broken, Actor.System(run.Tenant, order.Workspace), tools, ct);
    }
}
