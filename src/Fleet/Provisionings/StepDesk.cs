using PenguinMails.Core;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.TestMails;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.Provisionings;

/// <summary>One step of one provisioning, open for a look.</summary>
sealed record StepDesk(Actor Actor, Provisioning Provisioning, WalkStep Step, WalkTools Tools, Func<string, Task> Seen)
    : WalkDesk(Actor, Provisioning.WorkspaceId, Provisioning.ServerId, Step, Tools, Seen)
{
    const string SaveDomain = "update fleet.provisioning set domain_id = $3 where tenant_id = $1 and id = $2";
    const string SavePlan = "update fleet.provisioning set dns_plan_id = $3 where tenant_id = $1 and id = $2";
    const string SaveTestMail = "update fleet.provisioning set test_mail_id = $3 where tenant_id = $1 and id = $2";

    public DomainId Domain => Provisioning.DomainId ?? throw new InvalidOperationException("The step before gives the domain.");

    public Task Keep(DomainId domain, CancellationToken ct) => Save(SaveDomain, ct, Actor.Tenant, Provisioning.Id, domain);

    public Task Keep(DnsPlanId? plan, CancellationToken ct) => Save(SavePlan, ct, Actor.Tenant, Provisioning.Id, plan?.Value);

    public Task Keep(TestMailId? mail, CancellationToken ct) => Save(SaveTestMail, ct, Actor.Tenant, Provisioning.Id, mail?.Value);
}
