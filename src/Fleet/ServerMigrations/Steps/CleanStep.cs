using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.ServerMigrations.Steps;

/// <summary>DNS forgets the old server: its addresses leave the SPF records, its name goes, and the keys that lay on it are revoked.</summary>
static class CleanStep
{
    static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    // A message may wait that long for a receiver; its signature must hold until then.
    static readonly TimeSpan QueueMax = TimeSpan.FromHours(1);

    const string Claim = "update fleet.server_migration_domain set is_old_key_revoked = true where tenant_id = $1 and migration_id = $2 and domain_id = $3 and has_new_key and not is_old_key_revoked";

    public static async Task<StepOutcome> Run(MigrationDesk desk, CancellationToken ct)
    {
        var open = (await desk.Domains(ct)).Where(domain => !domain.IsOldKeyRevoked).ToList();
        if (open.Count > 0 && await SignedBefore(desk, ct) is { } waits) return waits;
        foreach (var domain in open)
        {
            await using var tx = await desk.Db.Begin(desk.Actor.Tenant, ct);
            if (await ListDomains.Within(tx, desk.Workspace, domain.Id, ct) is not { } detail) return StepOutcome.Of(ListDomains.NotFound);
            if (await tx.Execute(Claim, ct, desk.Actor.Tenant, desk.Migration.Id, domain.Id) > 0) await RevokeDkim.Within(tx, desk.Actor, detail.Domain, desk.Tools.Box, desk.Now, ct);
            await tx.Commit(ct);
        }

        return await ZonesStep.Run(desk, $"DNS knows nothing of {desk.Migration.FromHostName} any more, and the keys that lay there are revoked.", ct);
    }

    /// <summary>Whether mail that the old keys signed still waits on the new server.</summary>
    static async Task<StepOutcome?> SignedBefore(MigrationDesk desk, CancellationToken ct)
    {
        if (desk.Migration.DoneAt("keys") is not { } changed || changed < desk.Now - QueueMax) return null;
        var queue = await CompareStack.Queue(desk.Actor, desk.Server, desk.Db, desk.Tools.Servers, desk.Clock, ct);
        if (queue.Problem is { Code: "stack.unsupported" }) return StepOutcome.Waiting($"The queue of {desk.Migration.ToHostName} cannot be read, so the old keys stay published for an hour.", changed + QueueMax - desk.Now);
        if (queue.Problem is { } refused) return StepOutcome.Of(refused);
        var old = queue.Value.Count(mail => mail.ArrivedAt <= changed);
        return old == 0 ? null : StepOutcome.Waiting($"{old:N0} {(old == 1 ? "message that the old key signed waits" : "messages that the old keys signed wait")} in the queue; the old keys stay published until they are gone, at most an hour.", Look);
    }
}
