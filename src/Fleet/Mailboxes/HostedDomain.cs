using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.ServerMigrations;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Stacks;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>A domain and the server of ours that carries it, held so that its addresses are given out one wish after the other: no mailbox and alias ever get the same.</summary>
sealed record HostedDomain(Domain Domain, Server Server)
{
    // Lets foreign keys through, so that mailboxes of other providers are connected meanwhile.
    const string Lock = "select server_id from fleet.domain where tenant_id = $1 and workspace_id = $2 and id = $3 for no key update";

    const string SelectAliases = "select address from fleet.mailbox_alias where tenant_id = $1 and address = any($2) order by address limit 1000";

    /// <summary>What the servers understand before the @.</summary>
    public const string LocalRule = "a to z, 0 to 9, dot, dash and underscore, beginning with a letter or figure; at most 64 characters";

    /// <summary>Refuses with <c>domain.not_found</c>, <c>domain.not_hosted</c> or <c>server.leaving</c>.</summary>
    public static async Task<Result<HostedDomain>> Hold(TenantTx tx, WorkspaceId workspace, DomainId id, CancellationToken ct)
    {
        if (await ListDomains.Within(tx, workspace, id, ct) is not { } found) return ListDomains.NotFound;
        var server = (await tx.List(Lock, row => row.Maybe<Guid>(0), ct, tx.Tenant, workspace, id)).SingleOrDefault();
        if (server is { } known && await Server.Find(tx, workspace, new(known), ct) is { } host)
            return await ServerMigration.Forbids(tx, host, ct) is { } leaving ? leaving : new HostedDomain(found.Domain, host);
        return new Problem(ProblemKind.Conflict, "domain.not_hosted", $"No server of yours carries {found.Domain.Name}. Set one up for it, or connect a mailbox of another provider.");
    }

    /// <summary>The address for what a person wrote before the @; null when the servers would not understand it.</summary>
    public string? AddressOf(string local)
    {
        var written = local.Trim().ToLowerInvariant();
        return StackPlanFault.IsOwnLocal(written) ? $"{written}@{Domain.Name}" : null;
    }

    /// <summary>Those of the addresses that are aliases.</summary>
    public static Task<List<string>> Aliases(TenantTx tx, string[] addresses, CancellationToken ct) => tx.List(SelectAliases, row => row.GetString(0), ct, tx.Tenant, addresses);

    /// <summary>Lets the machine follow the rows.</summary>
    public Task Follow(TenantTx tx, DateTimeOffset now, CancellationToken ct) => ApplyStack.Enqueue(tx, Server.WorkspaceId, Server.Id, now, ct);
}
