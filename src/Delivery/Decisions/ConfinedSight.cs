using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Decisions;

/// <summary>What somebody confined to one workspace may see of rows that are kept for the whole account.</summary>
sealed class ConfinedSight(WorkspaceSenders senders, IReadOnlySet<string> campaigns)
{
    /// <summary>In place of figures that other workspaces' mail is counted in.</summary>
    public const string Elsewhere = "It is counted over more than this workspace. Who has a role in the whole account sees the figures.";

    const string SelectCampaigns = "select campaign_id from delivery.campaign_control where tenant_id = $1 and workspace_id = $2 order by campaign_id limit 100000";

    /// <returns>Null: this permission of the actor reaches the whole account.</returns>
    public static async Task<ConfinedSight?> Of(Actor actor, string permission, TenantTx tx, CancellationToken ct)
    {
        if (actor.ConfinedTo(permission) is not { } workspace) return null;
        var campaigns = await tx.List(SelectCampaigns, row => row.GetGuid(0).ToString("N"), ct, tx.Tenant, workspace);
        return new(await WorkspaceSenders.Read(tx, workspace, ct), campaigns.ToHashSet(StringComparer.Ordinal));
    }

    /// <param name="scope">mailbox, campaign, domain, ip or server, tenant or account, company, provider, domain_provider.</param>
    /// <param name="key">A mailbox's or campaign's id without prefix, a name, or <c>*</c>.</param>
    public Holding Of(string scope, string key) => scope switch
    {
        "campaign" => campaigns.Contains(key) ? Holding.Whole : Holding.None,
        "mailbox" or "domain" or "server" when key != "*" => senders.Of(scope, key),
        "domain_provider" when key != "*" => Of("domain", LimitPlace.Split(key).Domain, LimitPlace.Split(key).Provider),
        "ip" => senders.Of("server", key),
        "company" when key != "*" => Holding.None, // Whom another workspace writes to.
        "provider" when Provider.IsUnknown(key) => Holding.None,
        _ => Holding.Shared,
    };

    /// <summary>The same of a row that is kept for one receiving provider: one that nobody knows is named by the recipients' own domain.</summary>
    public Holding Of(string scope, string key, string provider) => Of(scope, key) is var holding && holding == Holding.Shared && Provider.IsUnknown(provider) ? Holding.None : holding;
}
