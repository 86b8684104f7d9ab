using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Walks;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Fleet.ServerMigrations;

public readonly record struct ServerMigrationId(Guid Value) : ITypedId<ServerMigrationId>
{
    public static string Prefix => "smg";
    public static ServerMigrationId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out ServerMigrationId id) => TypedId.TryParse(text, out id);
}

/// <summary>A mailbox that moves.</summary>
/// <param name="Messages">Carried over by this migration.</param>
/// <param name="Octets">Of those.</param>
/// <param name="ComparedAt">When all of it was last found on the new server; null before.</param>
/// <param name="Problem">Why it could not be read or written last; empty when it could.</param>
public sealed record MovingMailbox(MailboxId Id, string Address, long Messages, long Octets, DateTimeOffset? ComparedAt, string Problem);

/// <summary>Everything of one server goes to another, so that the first can be given up. Its states are drawn in docs/states/server-migration.md.</summary>
/// <param name="State">running, stopped (waits for a person to go on), undoing, done or cancelled.</param>
/// <param name="IsMailLeft">A person decided that the old server's mail is not waited for.</param>
/// <param name="SwitchedAt">From when mail leaves from the new server; there is no way back by cancelling then.</param>
/// <param name="LeftAt">From when the old server is to carry nothing.</param>
/// <param name="Domains">Names of the domains that move.</param>
public sealed record ServerMigration(
    ServerMigrationId Id, WorkspaceId WorkspaceId, string State, ServerId FromServerId, ServerId ToServerId, string FromHostName, string ToHostName, bool IsMailLeft,
    DateTimeOffset? SwitchedAt, DateTimeOffset? LeftAt, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt, IReadOnlyList<string> Domains, IReadOnlyList<MovingMailbox> Mailboxes, IReadOnlyList<WalkStep> Steps)
{
    /// <summary>In the order they are taken.</summary>
    public static readonly IReadOnlyList<string> StepNames = ["server", "stack", "dns", "ptr", "certificate", "switch", "exchange", "test_mail", "keys", "mail", "leave", "clean"];

    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "server_migration.not_found", "There is no such migration of a server in this workspace.");

    /// <summary>The step at work or next; null when all are done.</summary>
    public WalkStep? Current => Steps.FirstOrDefault(step => step.State is not ("done" or "undone"));

    /// <summary>Milliseconds of this installation's own time so far.</summary>
    public long PlatformMs => Steps.Sum(step => step.PlatformMs);

    /// <summary>Milliseconds spent waiting for people outside.</summary>
    public long CustomerMs => Steps.Sum(step => step.CustomerMs);

    /// <summary>When the step ended; null while it has not.</summary>
    internal DateTimeOffset? DoneAt(string step) => Steps.FirstOrDefault(one => one.Name == step)?.DoneAt;

    const string Select = """
        select m.id, m.workspace_id, m.state, m.from_server_id, m.to_server_id, f.host_name, t.host_name, m.is_mail_left, m.switched_at, m.left_at, m.created_at, m.ended_at
        from fleet.server_migration m
        join fleet.server f on f.tenant_id = m.tenant_id and f.id = m.from_server_id
        join fleet.server t on t.tenant_id = m.tenant_id and t.id = m.to_server_id
        where m.tenant_id = $1 and m.workspace_id = $2 and m.id = $3
        """;

    const string SelectDomains = """
        select d.name
        from fleet.server_migration_domain m
        join fleet.domain d on d.tenant_id = m.tenant_id and d.id = m.domain_id
        where m.tenant_id = $1 and m.migration_id = $2
        order by d.name
        limit 5000
        """;

    const string SelectMailboxes = """
        select b.id, b.address, m.messages, m.octets, m.compared_at, m.problem
        from fleet.server_migration_mailbox m
        join fleet.mailbox b on b.tenant_id = m.tenant_id and b.id = m.mailbox_id
        where m.tenant_id = $1 and m.migration_id = $2
        order by b.address
        limit 5000
        """;

    const string SelectLeaving = "select id from fleet.server_migration where tenant_id = $1 and from_server_id = $2 and state in ('running', 'stopped', 'undoing')";

    /// <summary>Null when the workspace has no such migration.</summary>
    internal static async Task<ServerMigration?> Find(TenantTx tx, WorkspaceId workspace, ServerMigrationId id, CancellationToken ct) =>
        await tx.Maybe(Select, Read, ct, tx.Tenant, workspace, id) is { } found
            ? found with
            {
                Domains = await tx.List(SelectDomains, row => row.GetString(0), ct, tx.Tenant, id),
                Mailboxes = await tx.List(SelectMailboxes, ReadMailbox, ct, tx.Tenant, id),
                Steps = await WalkStep.Of(tx, id.Value, StepNames, ct),
            }
            : null;

    /// <summary>Refuses with <c>server.leaving</c> what would put something new on a server that is being left.</summary>
    internal static async Task<Problem?> Forbids(TenantTx tx, Server server, CancellationToken ct) =>
        await tx.Maybe(SelectLeaving, row => new Holder(new(row.GetGuid(0))), ct, tx.Tenant, server.Id) is { } leaving
            ? new Problem(ProblemKind.Conflict, "server.leaving", $"{server.HostName} is being left ({leaving.Id}), so nothing new goes onto it. Wait until the migration is over, or choose the new server.")
            : null;

    sealed record Holder(ServerMigrationId Id);

    /// <summary>Without domains, mailboxes and steps.</summary>
    internal static ServerMigration Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetString(2), new(row.GetGuid(3)), new(row.GetGuid(4)), row.GetString(5), row.GetString(6), row.GetBoolean(7),
        row.Maybe<DateTimeOffset>(8), row.Maybe<DateTimeOffset>(9), row.GetFieldValue<DateTimeOffset>(10), row.Maybe<DateTimeOffset>(11), [], [], []);

    static MovingMailbox ReadMailbox(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.Maybe<DateTimeOffset>(4), row.GetString(5));
}
