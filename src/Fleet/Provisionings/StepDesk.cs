using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Servers;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Provisionings;

/// <summary>How a look at a step ended.</summary>
/// <param name="State">done, waiting, customer or stopped, as the step's row has it.</param>
/// <param name="After">When to look again.</param>
sealed record StepOutcome(string State, string Note, string ProblemCode, TimeSpan After)
{
    public static StepOutcome Done(string note) => new("done", note, "", TimeSpan.Zero);

    /// <summary>For a machine or for DNS; on this installation's clock.</summary>
    public static StepOutcome Waiting(string note, TimeSpan after) => new("waiting", note, "", after);

    /// <summary>For somebody outside, on a clock of their own.</summary>
    public static StepOutcome Customer(string note, TimeSpan after) => new("customer", note, "", after);

    /// <summary>Waits where it may pass by itself, else stops for a person.</summary>
    public static StepOutcome Of(Problem problem) => problem.Kind is ProblemKind.Unavailable or ProblemKind.TooMany
        ? Waiting(problem.Detail, TimeSpan.FromSeconds(problem.RetryAfterSeconds ?? 15))
        : new("stopped", problem.Detail, problem.Code, TimeSpan.Zero);

    public static StepOutcome Stopped(string code, string note) => new("stopped", note, code, TimeSpan.Zero);
}

/// <summary>What the steps need of the program.</summary>
sealed record ProvisioningTools(
    TenantDb Db, ServerReach Servers, DnsReach Dns, MailboxSecrets Secrets, SealedBox Box, Outbound Outbound, PlatformHosts Hosts, AcmeSettings Acme, TimeProvider Clock);

/// <summary>One step of one provisioning, open for a look.</summary>
/// <param name="Seen">Shows what is being done; lets a wish to cancel through.</param>
sealed record StepDesk(Actor Actor, Provisioning Provisioning, ProvisioningStep Step, ProvisioningTools Tools, Func<string, Task> Seen)
{
    const string SaveDomain = "update fleet.provisioning set domain_id = $3 where tenant_id = $1 and id = $2";
    const string SavePlan = "update fleet.provisioning set dns_plan_id = $3 where tenant_id = $1 and id = $2";
    const string SaveTestMail = "update fleet.provisioning set test_mail_id = $3 where tenant_id = $1 and id = $2";

    public TenantDb Db => Tools.Db;

    public TimeProvider Clock => Tools.Clock;

    public DateTimeOffset Now => Tools.Clock.GetUtcNow();

    public DomainId Domain => Provisioning.DomainId ?? throw new InvalidOperationException("The step before gives the domain.");

    /// <summary>How long somebody outside has been waited for: looked at often in the beginning, then ever more rarely.</summary>
    public TimeSpan Patience => TimeSpan.FromMilliseconds(Math.Clamp((Step.CustomerMs + Step.PlatformMs) / 4, 2_000, 300_000));

    public Task Keep(DomainId domain, CancellationToken ct) => Keep(SaveDomain, domain, ct);

    public Task Keep(DnsPlanId? plan, CancellationToken ct) => Keep(SavePlan, plan?.Value, ct);

    public Task Keep(TestMails.TestMailId? mail, CancellationToken ct) => Keep(SaveTestMail, mail?.Value, ct);

    async Task Keep(string sql, object? value, CancellationToken ct)
    {
        await using var tx = await Db.Begin(Actor.Tenant, ct);
        await tx.Execute(sql, ct, Actor.Tenant, Provisioning.Id, value);
        await tx.Commit(ct);
    }
}
