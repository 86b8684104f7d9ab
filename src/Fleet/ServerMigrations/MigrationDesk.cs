using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.TestMails;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.ServerMigrations;

/// <summary>A domain on its way.</summary>
/// <param name="Step">Whose DNS the plan writes; null before the first.</param>
/// <param name="HasNewKey">Its mail is signed by a key that never lay on the old server.</param>
/// <param name="IsOldKeyRevoked">The record of the key before that is to go.</param>
sealed record MovingDomain(DomainId Id, string Name, string? Step, DnsPlanId? Plan, TestMailId? TestMail, bool HasNewKey, bool IsOldKeyRevoked);

/// <summary>One step of one migration, open for a look. Its machine is the new server; <see cref="Old"/> is about the one that is left.</summary>
sealed record MigrationDesk(Actor Actor, ServerMigration Migration, WalkStep Step, WalkTools Tools, Func<string, Task> Seen)
    : WalkDesk(Actor, Migration.WorkspaceId, Migration.ToServerId, Step, Tools, Seen)
{
    const string SelectDomains = """
        select d.id, d.name, m.dns_step, m.dns_plan_id, m.test_mail_id, m.has_new_key, m.is_old_key_revoked
        from fleet.server_migration_domain m
        join fleet.domain d on d.tenant_id = m.tenant_id and d.id = m.domain_id
        where m.tenant_id = $1 and m.migration_id = $2
        order by d.name
        limit 5000
        """;

    const string SavePlan = "update fleet.server_migration_domain set dns_step = $4, dns_plan_id = $5 where tenant_id = $1 and migration_id = $2 and domain_id = $3";

    const string SaveTestMail = "update fleet.server_migration_domain set test_mail_id = $4 where tenant_id = $1 and migration_id = $2 and domain_id = $3";

    /// <summary>The same look at the machine that is left.</summary>
    public WalkDesk Old => new(Actor, Workspace, Migration.FromServerId, Step, Tools, Seen);

    public async Task<IReadOnlyList<MovingDomain>> Domains(CancellationToken ct)
    {
        await using var tx = await Db.Begin(Actor.Tenant, ct);
        return await tx.List(SelectDomains, Read, ct, Actor.Tenant, Migration.Id);
    }

    public Task Keep(MovingDomain domain, DnsPlanId plan, CancellationToken ct) => Save(SavePlan, ct, Actor.Tenant, Migration.Id, domain.Id, Step.Name, plan);

    public Task Keep(MovingDomain domain, TestMailId? mail, CancellationToken ct) => Save(SaveTestMail, ct, Actor.Tenant, Migration.Id, domain.Id, mail?.Value);

    /// <summary>What all together wait for: the first that stopped, else whoever outside is waited for, else the soonest look.</summary>
    /// <returns>Null when all are done.</returns>
    public static StepOutcome? Worst(IReadOnlyList<(string Of, StepOutcome Outcome)> all)
    {
        var open = all.Where(one => one.Outcome.State != "done").ToList();
        if (open.Count == 0) return null;
        var first = open.Find(one => one.Outcome.State == "stopped") is { Of: not null } stopped ? stopped : open.Find(one => one.Outcome.State == "customer") is { Of: not null } asked ? asked : open[0];
        return first.Outcome with { Note = open.Count == 1 ? $"{first.Of}: {first.Outcome.Note}" : $"{first.Of} and {open.Count - 1} more: {first.Outcome.Note}", After = open.Min(one => one.Outcome.After) };
    }

    static MovingDomain Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), row.GetString(1), row.Text(2), row.Maybe<Guid>(3) is { } plan ? new DnsPlanId(plan) : null, row.Maybe<Guid>(4) is { } mail ? new TestMailId(mail) : null,
        row.GetBoolean(5), row.GetBoolean(6));
}
