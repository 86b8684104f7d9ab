using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Provisionings;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Walks;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Fleet.ServerMigrations;

/// <summary>Begins to leave a server: its domains and mailboxes go to another, step by step, by a job. The old one may be dead already.</summary>
/// <remarks>Without the word it refuses with <c>server.confirm_migrate</c>, which says what will happen and which word to send. Refuses with <c>permission.missing</c>, <c>workspace.missing</c>,
/// <c>server.not_found</c>, <c>server_migration.same_server</c>, <c>server_migration.empty</c>, <c>server_migration.running</c>, <c>server_migration.provisioning</c> or <c>server.not_there</c>.</remarks>
public static class StartServerMigration
{
    /// <param name="To">The server that takes over; it may be new and bare.</param>
    /// <param name="Confirm">The old server's host name, letter for letter; null asks what will happen.</param>
    public sealed record Input(ServerId To, string? Confirm = null);

    const string Insert = """
        insert into fleet.server_migration (tenant_id, id, workspace_id, from_server_id, to_server_id, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict do nothing
        """;

    // Both servers at once, so that neither is left and moved to at the same time.
    const string SelectRunning = """
        select id
        from fleet.server_migration
        where tenant_id = $1 and state in ('running', 'stopped', 'undoing') and (from_server_id in ($2, $3) or to_server_id in ($2, $3))
        limit 1
        """;

    // A walk that is under way would go on putting things onto the old server.
    const string SelectProvisioning = "select id from fleet.provisioning where tenant_id = $1 and server_id in ($2, $3) and state in ('running', 'stopped', 'undoing') limit 1";

    const string LockServers = "select id from fleet.server where tenant_id = $1 and id in ($2, $3) order by id limit 2 for update";

    const string TakeDomains = """
        insert into fleet.server_migration_domain (tenant_id, migration_id, domain_id)
        select tenant_id, $2, id
        from fleet.domain
        where tenant_id = $1 and server_id = $3
        """;

    const string TakeMailboxes = """
        insert into fleet.server_migration_mailbox (tenant_id, migration_id, mailbox_id)
        select tenant_id, $2, id
        from fleet.mailbox
        where tenant_id = $1 and server_id = $3
        """;

    const string Forgive = "update fleet.server set stack_problem = '', stack_failures = 0 where tenant_id = $1 and id in ($2, $3)";

    public static async Task<Result<ServerMigration>> Handle(Actor actor, ServerId from, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Lacks(Permissions.DomainsManage)) return Actor.Forbidden(Permissions.DomainsManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await Server.Find(tx, workspace, from, ct) is not { } old || await Server.Find(tx, workspace, input.To, ct) is not { } next) return Server.NotFound;
        if (old.Id == next.Id) return new Problem(ProblemKind.Conflict, "server_migration.same_server", "A server cannot take over from itself. Add the new machine first, then choose it.");
        await tx.List(LockServers, row => row.GetGuid(0), ct, actor.Tenant, from, input.To);
        if ((await tx.List(SelectRunning, row => new ServerMigrationId(row.GetGuid(0)), ct, actor.Tenant, from, input.To)) is [var running])
            return new Problem(ProblemKind.Conflict, "server_migration.running", $"One of the two is part of a migration already ({running}). Go on with that one, or cancel it.");
        if ((await tx.List(SelectProvisioning, row => new ProvisioningId(row.GetGuid(0)), ct, actor.Tenant, from, input.To)) is [var walking])
            return new Problem(ProblemKind.Conflict, "server_migration.provisioning", $"A domain is being set up on one of the two ({walking}). Let that end, or cancel it, and begin then.");
        if (next.State is ServerState.Destroying or ServerState.Destroyed or ServerState.Failed)
            return new Problem(ProblemKind.Conflict, "server.not_there", $"{next.HostName} is {Server.Word(next.State)}. Choose another server.");
        return await Begin(actor, workspace, old, next, input, tx, clock.GetUtcNow(), ct);
    }

    static async Task<Result<ServerMigration>> Begin(Actor actor, WorkspaceId workspace, Server old, Server next, Input input, TenantTx tx, DateTimeOffset now, CancellationToken ct)
    {
        var id = TypedId.New<ServerMigrationId>(now);
        if (await tx.Execute(Insert, ct, actor.Tenant, id, workspace, old.Id, next.Id, now) == 0) return new Problem(ProblemKind.Conflict, "server_migration.running", $"{old.HostName} is being left already.");
        var domains = await tx.Execute(TakeDomains, ct, actor.Tenant, id, old.Id);
        var mailboxes = await tx.Execute(TakeMailboxes, ct, actor.Tenant, id, old.Id);
        if (domains == 0) return new Problem(ProblemKind.Conflict, "server_migration.empty", $"{old.HostName} carries no domain, so there is nothing to move. Give it up on its page.");
        if (input.Confirm?.Trim() != old.HostName) return Ask(old, next, domains, mailboxes); // What was inserted goes with the transaction.
        await WalkStep.Lay(tx, id.Value, ServerMigration.StepNames, ct);
        await tx.Execute(Forgive, ct, actor.Tenant, old.Id, next.Id);
        await AdvanceServerMigration.Enqueue(tx, workspace, id, now, ct);
        await tx.Append(actor, "server_migration.started", id.ToString(), new { from = old.HostName, to = next.HostName, domains, mailboxes }, now, ct);
        var made = await ServerMigration.Find(tx, workspace, id, ct);
        await tx.Commit(ct);
        return made is null ? ServerMigration.NotFound : made;
    }

    static Problem Ask(Server old, Server next, int domains, int mailboxes) => new(ProblemKind.Conflict, "server.confirm_migrate",
        $"{next.HostName} takes over {domains:N0} {(domains == 1 ? "domain" : "domains")} and {mailboxes:N0} {(mailboxes == 1 ? "mailbox" : "mailboxes")} from {old.HostName}: "
        + $"it is set up the same way, DNS is changed, mail is carried over, and the signing keys that lay on {old.HostName} are revoked. Sending goes on meanwhile. Send the word {old.HostName} as confirm to begin.");

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/servers/{id}/migrate",
        async (Actor actor, ServerId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/server-migrations/{made.Id}", made)));
}
