using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Servers;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>Signs with the waiting key from now on; the one that signed so far stays published, so that mail under way still verifies. The customer does nothing.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c>, or <c>dkim.not_published</c> while DNS does not show the waiting key.</remarks>
public static class RotateDkim
{
    const string Swap = """
        with signing as (
          select dkim_selector, dkim_public_key, dkim_private_key_sealed
          from fleet.domain
          where tenant_id = $1 and id = $2
        ), waiting as (
          update fleet.domain as d
          set dkim_selector = s.dkim_next_selector, dkim_public_key = s.dkim_next_public_key, dkim_private_key_sealed = s.dkim_next_private_key_sealed
          from fleet.dns_setup as s
          where d.tenant_id = $1 and d.id = $2 and s.tenant_id = $1 and s.domain_id = $2 and s.dkim_next_selector = $3
          returning d.id
        )
        update fleet.dns_setup as s
        set dkim_next_selector = signing.dkim_selector, dkim_next_public_key = signing.dkim_public_key, dkim_next_private_key_sealed = signing.dkim_private_key_sealed, dkim_rotated_at = $4
        from signing, waiting
        where s.tenant_id = $1 and s.domain_id = $2
        """;

    const string Expect = "update fleet.domain_record set host = $3, expected = $4, found = '{}', state = 'unchecked', detail = '' where tenant_id = $1 and domain_id = $2 and kind = 'dkim'";

    // It signs what people send from it with their own programs.
    const string FindServer = "select server_id from fleet.domain where tenant_id = $1 and id = $2 and server_id is not null";

    public static async Task<Result<DnsOverview>> Handle(Actor actor, DomainId id, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsManage)) return Actor.Forbidden(Permissions.DomainsManage);
        var ready = await Ready(actor, id, db, reach, clock, ct);
        if (ready.Problem is { } refused) return refused;
        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            await Within(tx, actor, ready.Value.Domain, ready.Value.Setup, clock.GetUtcNow(), ct);
            await tx.Commit(ct);
        }

        return await ReadDns.Handle(actor with { Kind = ActorKind.System }, id, db, reach, clock, ct);
    }

    /// <summary>The domain and its setup, once DNS shows the waiting key.</summary>
    internal static async Task<Result<(Domain Domain, DnsSetup Setup)>> Ready(Actor actor, DomainId id, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        var found = await DnsDesk.SetUp(actor, id, db, reach, clock, ct);
        if (found.Problem is { } refused) return refused;
        var host = Host(found.Value.Domain, found.Value.Setup);
        var answer = await reach.Dns.Resolver(clock).Look(host, DnsType.Txt, ct);
        return answer.Records.Any(record => string.Concat(record.Value.Where(c => !char.IsWhiteSpace(c))).Contains($"p={found.Value.Setup.DkimNextPublicKey}", StringComparison.Ordinal))
            ? found.Value
            : new Problem(ProblemKind.Conflict, "dkim.not_published", $"DNS does not show the waiting key at {host}, so mail signed with it would fail. Apply a plan first.");
    }

    /// <summary>Swaps the two keys, unless somebody did meanwhile.</summary>
    internal static async Task Within(TenantTx tx, Actor actor, Domain domain, DnsSetup setup, DateTimeOffset now, CancellationToken ct)
    {
        if (await tx.Execute(Swap, ct, tx.Tenant, domain.Id, setup.DkimNextSelector, now) == 0) return;
        await tx.Execute(Expect, ct, tx.Tenant, domain.Id, Host(domain, setup), $"v=DKIM1; k=rsa; p={setup.DkimNextPublicKey}");
        if ((await tx.List(FindServer, row => new ServerId(row.GetGuid(0)), ct, tx.Tenant, domain.Id)) is [var server]) await ApplyStack.Enqueue(tx, domain.WorkspaceId, server, now, ct);
        await tx.Append(actor, "dkim.rotated", domain.Id.ToString(), new { selector = setup.DkimNextSelector, was = domain.DkimSelector }, now, ct);
    }

    static string Host(Domain domain, DnsSetup setup) => $"{setup.DkimNextSelector}._domainkey.{domain.Name}";

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/domains/{id}/dns/rotate-dkim",
        async (Actor actor, DomainId id, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, reach, clock, ct)).ToHttp());
}
