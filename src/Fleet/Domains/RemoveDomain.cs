using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Domains;

/// <summary>Removes a domain with its records and its DKIM key. Links of mails already sent lose their own host, so remove the DNS records last.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c> or <c>domain.in_use</c>.</remarks>
public static class RemoveDomain
{
    // Holds off a mailbox that is being connected: its foreign key waits for this lock.
    const string Lock = "select name from fleet.domain where tenant_id = $1 and workspace_id = $2 and id = $3 for update";

    const string Users = "select address from fleet.mailbox where tenant_id = $1 and domain_id = $2 order by address limit 4";

    const string Delete = "delete from fleet.domain where tenant_id = $1 and id = $2";

    public static async Task<Result<Done>> Handle(Actor actor, DomainId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsManage)) return Actor.Forbidden(Permissions.DomainsManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Lock, row => row.GetString(0), ct, actor.Tenant, workspace, id) is not { } name) return ListDomains.NotFound;
        var users = await tx.List(Users, row => row.GetString(0), ct, actor.Tenant, id);
        if (users.Count > 0)
            return new Problem(ProblemKind.Conflict, "domain.in_use", $"{name} is used by {string.Join(", ", users.Take(3))}{(users.Count > 3 ? " and others" : "")}. Remove these mailboxes first.");
        await tx.Execute(Delete, ct, actor.Tenant, id);
        await tx.Append(actor, "domain.removed", id.ToString(), new { name }, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapDelete("/domains/{id}",
        async (Actor actor, DomainId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp());
}
