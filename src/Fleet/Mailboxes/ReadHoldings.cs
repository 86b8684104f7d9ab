using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>What each workspace of the account holds today.</summary>
/// <param name="Domains">Newest first.</param>
/// <param name="Mailboxes">How many; a workspace without one is left out.</param>
public sealed record Holdings(ILookup<WorkspaceId, Domain> Domains, IReadOnlyDictionary<WorkspaceId, long> Mailboxes);

/// <summary>Counts over all workspaces at once, for what is told of the whole account. Whoever calls has asked for the permission.</summary>
public static class ReadHoldings
{
    /// <summary>Domains that are read; the oldest beyond are left out.</summary>
    public const int DomainsMax = 100_000;

    const string SelectDomains = """
        select id, workspace_id, name, state, dkim_selector, dkim_public_key, return_path_host, tracking_host, checked_at, created_at
        from fleet.domain
        where tenant_id = $1
        order by id desc
        limit $2
        """;

    const string CountMailboxes = """
        select workspace_id, count(*)
        from fleet.mailbox
        where tenant_id = $1
        group by workspace_id
        order by workspace_id
        limit 100000
        """;

    const string SelectMailboxDomains = """
        select id, domain_id
        from fleet.mailbox
        where tenant_id = $1 and workspace_id = $2 and domain_id is not null
        order by id
        limit 100000
        """;

    /// <summary>The domain of each mailbox of a workspace; one whose domain is none of the account is left out.</summary>
    public static async Task<Dictionary<MailboxId, DomainId>> DomainsOfMailboxes(TenantTx tx, WorkspaceId workspace, CancellationToken ct) =>
        (await tx.List(SelectMailboxDomains, row => KeyValuePair.Create(new MailboxId(row.GetGuid(0)), new DomainId(row.GetGuid(1))), ct, tx.Tenant, workspace)).ToDictionary();

    public static async Task<Holdings> Within(TenantTx tx, CancellationToken ct)
    {
        var domains = await tx.List(SelectDomains, Domain.Read, ct, tx.Tenant, DomainsMax);
        var mailboxes = await tx.List(CountMailboxes, row => KeyValuePair.Create(new WorkspaceId(row.GetGuid(0)), row.GetInt64(1)), ct, tx.Tenant);
        return new(domains.ToLookup(one => one.WorkspaceId), mailboxes.ToDictionary());
    }
}
