using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.ServerMigrations.Steps;

/// <summary>Of every domain a message from the new server arrived here, and SPF, DKIM and DMARC pass.</summary>
static class TestMailsStep
{
    // The first by address; a paused one stays quiet.
    const string SelectSender = """
        select b.id
        from fleet.server_migration_mailbox m
        join fleet.mailbox b on b.tenant_id = m.tenant_id and b.id = m.mailbox_id
        where m.tenant_id = $1 and m.migration_id = $2 and b.domain_id = $3 and b.state = 'active'
        order by b.address
        limit 1
        """;

    sealed record Sender(MailboxId Id);

    public static async Task<StepOutcome> Run(MigrationDesk desk, CancellationToken ct)
    {
        var outcomes = new List<(string, StepOutcome)>();
        foreach (var domain in await desk.Domains(ct))
            if (await Find(desk, domain, ct) is { } sender)
                outcomes.Add((domain.Name, await new MailProof(desk, sender.Id, desk.Migration.SwitchedAt ?? desk.Now, domain.TestMail, (mail, token) => desk.Keep(domain, mail, token)).Run(ct)));
        return MigrationDesk.Worst(outcomes) ?? StepOutcome.Done(outcomes.Count == 0 ? "No domain has a mailbox that sends, so nothing was sent." : $"A message from each of {outcomes.Count} {(outcomes.Count == 1 ? "domain" : "domains")} arrived; SPF, DKIM and DMARC pass.");
    }

    static async Task<Sender?> Find(MigrationDesk desk, MovingDomain domain, CancellationToken ct)
    {
        await using var tx = await desk.Db.Begin(desk.Actor.Tenant, ct);
        return await tx.Maybe(SelectSender, row => new Sender(new(row.GetGuid(0))), ct, desk.Actor.Tenant, desk.Migration.Id, domain.Id);
    }
}
