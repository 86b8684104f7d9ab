using PenguinMails.Core;
using PenguinMails.Fleet.Provisionings.Steps;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.Provisionings;

/// <summary>From a domain name to mailboxes that send.</summary>
sealed record ProvisioningWalk(Actor Actor, Provisioning Provisioning, WalkTools Tools) : IWalk
{
    const string End = "update fleet.provisioning set state = $3, ended_at = $4 where tenant_id = $1 and id = $2 and state in ('running', 'undoing')";

    const string Stop = "update fleet.provisioning set state = 'stopped' where tenant_id = $1 and id = $2 and state = 'running'";

    public Guid Id => Provisioning.Id.Value;

    public string State => Provisioning.State;

    public IReadOnlyList<WalkStep> Steps => Provisioning.Steps;

    public Task<StepOutcome> Take(WalkStep step, Func<string, Task> tell, CancellationToken ct) => Take(new StepDesk(Actor, Provisioning, step, Tools, tell), ct);

    public Task<StepOutcome> Undo(WalkStep step, Func<string, Task> tell, CancellationToken ct) => Undo(new StepDesk(Actor, Provisioning, step, Tools, tell), ct);

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

    public async Task Finish(bool isUndoing, CancellationToken ct)
    {
        var now = Tools.Clock.GetUtcNow();
        await using var tx = await Tools.Db.Begin(Actor.Tenant, ct);
        await tx.Execute(End, ct, Actor.Tenant, Id, isUndoing ? "cancelled" : "ready", now);
        if (!isUndoing) await tx.Publish(new DomainProvisioned(Provisioning.WorkspaceId, Provisioning.Id, Provisioning.DomainName, Provisioning.PlatformMs), now, ct);
        await tx.Append(Actor, isUndoing ? "provisioning.undone" : "provisioning.ready", Provisioning.Id.ToString(), new { platform_ms = Provisioning.PlatformMs, customer_ms = Provisioning.CustomerMs }, now, ct);
        await tx.Commit(ct);
    }

    public async Task Halt(string step, StepOutcome outcome, CancellationToken ct)
    {
        await using var tx = await Tools.Db.Begin(Actor.Tenant, ct);
        await tx.Execute(Stop, ct, Actor.Tenant, Id);
        await tx.Append(Actor, "provisioning.stopped", Provisioning.Id.ToString(), new { step, code = outcome.ProblemCode }, Tools.Clock.GetUtcNow(), ct);
        await tx.Commit(ct);
    }
}
