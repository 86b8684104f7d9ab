using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>A plan without its items.</summary>
public sealed record DnsPlanSummary(DnsPlanId Id, string State, string Origin, int Changes, string Problem, DateTimeOffset CreatedAt, DateTimeOffset? VerifiedAt);

/// <summary>How a domain's DNS is run, without the credential.</summary>
/// <param name="Newest">The last plan; null when there is none.</param>
/// <param name="MtaStsAdvice">What the TLS reports say about enforcing the policy of MTA-STS; empty when there is nothing to do.</param>
public sealed record DnsOverview(DnsSetup Setup, bool HasCredential, DnsPlanSummary? Newest, string MtaStsAdvice);

/// <summary>The setup of a domain's DNS, its plans, one of them whole, and that one as a zone file.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c>, <c>cursor.invalid</c> or <c>dns.plan_not_found</c>.</remarks>
public static class ReadDns
{
    const string SelectPlans = """
        select id, state, origin, (select count(*) from jsonb_array_elements(items) as item where item ->> 'action' in ('create', 'change', 'remove')), problem, created_at, verified_at
        from fleet.dns_plan
        where tenant_id = $1 and domain_id = $2 and ($3::uuid is null or id < $3)
        order by id desc
        limit $4
        """;

    const string SelectHasSecret = "select secret_sealed is not null from fleet.dns_setup where tenant_id = $1 and domain_id = $2";

    public static async Task<Result<DnsOverview>> Handle(Actor actor, DomainId id, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsRead)) return Actor.Forbidden(Permissions.DomainsRead);
        var found = await DnsDesk.SetUp(actor, id, db, reach, clock, ct);
        if (found.Problem is { } refused) return refused;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var has = await tx.One(SelectHasSecret, row => row.GetBoolean(0), ct, actor.Tenant, id);
        return new DnsOverview(found.Value.Setup, has, (await tx.List(SelectPlans, Read, ct, actor.Tenant, id, (Guid?)null, 1)).FirstOrDefault(),
            await AdviseMtaSts.Within(tx, id, found.Value.Setup, clock.GetUtcNow(), ct));
    }

    public static async Task<Result<Page<DnsPlanSummary>>> Plans(Actor actor, DomainId id, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsRead)) return Actor.Forbidden(Permissions.DomainsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (!Cursor.TryDecodeId(cursor, out var after)) return Cursor.Broken;
        var most = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListDomains.Within(tx, workspace, id, ct) is null) return ListDomains.NotFound;
        return Page<DnsPlanSummary>.Of(await tx.List(SelectPlans, Read, ct, actor.Tenant, id, after, most + 1), most, row => row.Id.Value.ToString("N"));
    }

    public static async Task<Result<DnsPlan>> Plan(Actor actor, DomainId id, DnsPlanId plan, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsRead)) return Actor.Forbidden(Permissions.DomainsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListDomains.Within(tx, workspace, id, ct) is null) return ListDomains.NotFound;
        return await DnsPlan.Find(tx, id, plan, ct) is { } found ? found : DnsPlan.NotFound;
    }

    /// <summary>What shall stand in the zone, for a panel that imports it. Record sets that are to go away are named in remarks.</summary>
    public static async Task<Result<string>> ZoneFile(Actor actor, DomainId id, DnsPlanId plan, TenantDb db, CancellationToken ct) =>
        (await Plan(actor, id, plan, db, ct)).Match<Result<string>>(found => Text(found), problem => problem);

    static string Text(DnsPlan plan)
    {
        var removed = plan.Items.Where(item => item.Action is "remove" or "change").Select(item => $"; take away first: {item.Name}. {item.Type}\n");
        return ZoneText.File(plan.Zone, plan.Items.Where(item => item.Action != "blocked").Select(item => item.SetAfter).OfType<DnsRecordSet>(), $"plan {plan.Id}") + string.Concat(removed);
    }

    static DnsPlanSummary Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetString(2), (int)row.GetInt64(3), row.GetString(4), row.GetFieldValue<DateTimeOffset>(5), row.Maybe<DateTimeOffset>(6));

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/domains/{id}/dns", async (Actor actor, DomainId id, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, reach, clock, ct)).ToHttp());
        api.MapGet("/domains/{id}/dns/plans", async (Actor actor, DomainId id, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Plans(actor, id, cursor, limit, db, ct)).ToHttp());
        api.MapGet("/domains/{id}/dns/plans/{plan}", async (Actor actor, DomainId id, DnsPlanId plan, TenantDb db, CancellationToken ct) => (await Plan(actor, id, plan, db, ct)).ToHttp());
        api.MapGet("/domains/{id}/dns/plans/{plan}/zone-file", async (Actor actor, DomainId id, DnsPlanId plan, TenantDb db, CancellationToken ct) =>
            (await ZoneFile(actor, id, plan, db, ct)).ToHttp(text => TypedResults.File(Encoding.ASCII.GetBytes(text), "text/dns", $"{plan}.zone"))); // RFC 4027.
    }
}
