using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Dns;

/// <summary>Makes a plan when a domain has drifted, for a person to look at: it is never applied by itself.</summary>
static class OfferRepair
{
    const string SelectOpen = "select state from fleet.dns_plan where tenant_id = $1 and domain_id = $2 and state in ('ready', 'applying', 'failed') order by id desc limit 1";

    /// <summary>One plan waits at a time; a zone that cannot be read is asked again at the next check.</summary>
    public static async Task Run(Actor actor, DomainId id, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            if (await tx.Maybe(SelectOpen, row => row.GetString(0), ct, actor.Tenant, id) is not null) return;
        }

        await PlanDns.Draw(actor, id, "drift", db, reach, clock, ct);
    }
}
