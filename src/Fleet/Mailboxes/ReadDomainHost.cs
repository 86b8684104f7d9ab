using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>A domain and which server of ours carries it, for the page of its addresses.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>domain.not_found</c>.</remarks>
public static class ReadDomainHost
{
    /// <param name="HostName">Null when its mail lies at another provider.</param>
    public sealed record Output(Domain Domain, string? HostName);

    const string Select = """
        select s.host_name
        from fleet.domain d
        join fleet.server s on s.tenant_id = d.tenant_id and s.id = d.server_id
        where d.tenant_id = $1 and d.workspace_id = $2 and d.id = $3
        """;

    public static async Task<Result<Output>> Handle(Actor actor, DomainId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListDomains.Within(tx, workspace, id, ct) is not { } found) return ListDomains.NotFound;
        return new Output(found.Domain, await tx.Maybe(Select, row => row.GetString(0), ct, actor.Tenant, workspace, id));
    }
}
