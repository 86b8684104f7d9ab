using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.ServerMigrations.Steps;

/// <summary>Mail is signed by keys that never lay on the old server: those that waited in DNS. The others stay published until the last message they signed is delivered.</summary>
static class KeysStep
{
    const string Claim = "update fleet.server_migration_domain set has_new_key = true where tenant_id = $1 and migration_id = $2 and domain_id = $3 and not has_new_key";

    public static async Task<StepOutcome> Run(MigrationDesk desk, CancellationToken ct)
    {
        var domains = await desk.Domains(ct);
        foreach (var domain in domains.Where(domain => !domain.HasNewKey))
        {
            await desk.Seen($"Changing the signing key of {domain.Name}");
            if (await Change(desk, domain, ct) is { } refused) return refused;
        }

        var stack = await StackStep.Run(desk, "", ct);
        return stack.State == "done" ? StepOutcome.Done($"{domains.Count} {(domains.Count == 1 ? "domain signs" : "domains sign")} with a new key.") : stack;
    }

    // The swap is its own inverse, so it goes with the note that it was done.
    static async Task<StepOutcome?> Change(MigrationDesk desk, MovingDomain domain, CancellationToken ct)
    {
        var ready = await RotateDkim.Ready(desk.Actor, domain.Id, desk.Db, desk.Tools.Dns, desk.Clock, ct);
        if (ready.Problem is { } refused) return refused.Code == "dkim.not_published" ? StepOutcome.Waiting(refused.Detail, desk.Patience) : StepOutcome.Of(refused);
        await using var tx = await desk.Db.Begin(desk.Actor.Tenant, ct);
        if (await tx.Execute(Claim, ct, desk.Actor.Tenant, desk.Migration.Id, domain.Id) > 0) await RotateDkim.Within(tx, desk.Actor, ready.Value.Domain, ready.Value.Setup, desk.Now, ct);
        await tx.Commit(ct);
        return null;
    }
}
