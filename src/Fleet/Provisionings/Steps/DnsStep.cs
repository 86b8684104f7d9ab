using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.Provisionings.Steps;

/// <summary>The domain's records stand in its zone and the world sees them.</summary>
static class DnsStep
{
    public static Task<StepOutcome> Run(StepDesk desk, CancellationToken ct) => Work(desk).Run(ct);

    /// <summary>Restores what stood in the zone before; what somebody changed since then stays.</summary>
    public static Task<StepOutcome> Undo(StepDesk desk, CancellationToken ct) =>
        desk.Provisioning.DomainId is null ? Task.FromResult(StepOutcome.Done("Nothing was written into DNS.")) : Work(desk).Undo(ct);

    static ZoneWork Work(StepDesk desk) => new(desk, desk.Domain, desk.Provisioning.DomainName, desk.Provisioning.DnsPlanId, (plan, ct) => desk.Keep(plan, ct));
}
