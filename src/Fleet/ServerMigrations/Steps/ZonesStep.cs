using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.ServerMigrations.Steps;

/// <summary>The zone of every domain that moves holds what the step before makes necessary. All of them are written and watched at once.</summary>
static class ZonesStep
{
    /// <param name="done">What is said once all are so.</param>
    public static async Task<StepOutcome> Run(MigrationDesk desk, string done, CancellationToken ct)
    {
        var outcomes = new List<(string, StepOutcome)>();
        foreach (var domain in await desk.Domains(ct)) outcomes.Add((domain.Name, await Work(desk, domain).Run(ct)));
        return MigrationDesk.Worst(outcomes) ?? StepOutcome.Done(done);
    }

    public static async Task<StepOutcome> Undo(MigrationDesk desk, CancellationToken ct)
    {
        var outcomes = new List<(string, StepOutcome)>();
        foreach (var domain in await desk.Domains(ct)) outcomes.Add((domain.Name, await Work(desk, domain).Undo(ct)));
        return MigrationDesk.Worst(outcomes) ?? StepOutcome.Done("DNS is as it was before.");
    }

    static ZoneWork Work(MigrationDesk desk, MovingDomain domain) =>
        new(desk, domain.Id, domain.Name, domain.Step == desk.Step.Name ? domain.Plan : null, (plan, ct) => desk.Keep(domain, plan, ct));
}
