using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Rotations;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>Health of the workspace's mailboxes with cause and remedy, in the order and pages of <see cref="ListMailboxes"/>, and of one. From what is known; connects nowhere.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>cursor.invalid</c> or <c>mailbox.not_found</c>.</remarks>
public static class ReadMailboxHealth
{
    // The test's report without its dialogue, which can be long.
    const string Select = """
        select m.id, m.state = 'paused', split_part(m.address, '@', 2), d.state, (m.test_report #- '{smtp,dialogue}' #- '{imap,dialogue}')::text, s.host_name, s.state, coalesce(s.problem, ''), coalesce(s.stack_problem, ''),
          m.auth, m.consent_lost_at, coalesce(m.consent_lost_cause, '')
        from fleet.mailbox m
        left join fleet.domain d on d.tenant_id = m.tenant_id and d.id = m.domain_id
        left join fleet.server s on s.tenant_id = m.tenant_id and s.id = m.server_id
        where m.tenant_id = $1 and m.id = any($2)
        order by m.id desc
        limit 500
        """;

    public static async Task<Result<Page<MailboxHealth>>> Handle(Actor actor, ListMailboxes.Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var mailboxes = await ListMailboxes.Handle(actor, input, db, ct);
        if (mailboxes.Problem is { } refused) return refused;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return new Page<MailboxHealth>(await Within(tx, [.. mailboxes.Value.Items.Select(one => one.Id)], clock.GetUtcNow(), ct), mailboxes.Value.NextCursor);
    }

    public static async Task<Result<MailboxHealth>> One(Actor actor, MailboxId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var mailbox = await ListMailboxes.One(actor, id, db, ct);
        if (mailbox.Problem is { } refused) return refused;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await Within(tx, [id], clock.GetUtcNow(), ct) is [var health] ? health : ListMailboxes.NotFound;
    }

    /// <param name="mailboxes">At most 500, of the tenant.</param>
    internal static async Task<List<MailboxHealth>> Within(TenantTx tx, IReadOnlyList<MailboxId> mailboxes, DateTimeOffset now, CancellationToken ct)
    {
        var facts = await tx.List(Select, Read, ct, tx.Tenant, mailboxes.Select(id => id.Value).ToArray());
        var paths = mailboxes.SelectMany(id => new[] { true, false }.Select(isSmtp => MailboxSecrets.PathOf(id, isSmtp).Text)).ToList();
        var overdue = (await ReadOverdue.Within(tx, paths, now, ct)).GroupBy(secret => MailboxSecrets.Find(secret.Path)?.Id ?? default).ToDictionary(group => group.Key, group => group.Min(secret => secret.DueAt));
        return facts.ConvertAll(fact => (fact with { OverdueSince = overdue.TryGetValue(fact.Id, out var since) ? since : null }).Judge());
    }

    static MailboxFacts Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetBoolean(1), row.GetString(2), row.Text(3), row.Text(4) is { } report ? Report(report) : null,
        row.Text(5), row.Text(6), row.GetString(7), row.GetString(8), Mailbox.AuthOf(row.GetString(9)), row.Maybe<DateTimeOffset>(10), row.GetString(11), null);

    // The dialogue was left in the database.
    static MailboxTest Report(string stored)
    {
        var read = Json.Read<Stored>(stored);
        return new MailboxTest(read.Ok, Server(read.Smtp), read.Imap is { } imap ? Server(imap) : null, read.TestedAt);
    }

    static ServerTest Server(StoredServer server) => new(server.Host, server.Port, server.Ok, server.Steps, []);

    sealed record Stored(bool Ok, StoredServer Smtp, StoredServer? Imap, DateTimeOffset TestedAt);

    sealed record StoredServer(string Host, int Port, bool Ok, IReadOnlyList<TestStep> Steps);

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/mailboxes/health", async (Actor actor, string? cursor, int? limit, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, new(cursor, limit), db, clock, ct)).ToHttp());
        api.MapGet("/mailboxes/{id}/health", async (Actor actor, MailboxId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await One(actor, id, db, clock, ct)).ToHttp());
    }
}
