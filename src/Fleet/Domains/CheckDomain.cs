using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Reports;
using PenguinMails.Fleet.WebNames;

namespace PenguinMails.Fleet.Domains;

/// <summary>Every required record of the domain is right, for the first time or again.</summary>
public sealed record DomainVerified(WorkspaceId Workspace, DomainId Domain, string Name);

/// <summary>A domain that was verified has a required record missing or wrong.</summary>
/// <param name="Records">Kinds of those records.</param>
public sealed record DomainDrifted(WorkspaceId Workspace, DomainId Domain, string Name, IReadOnlyList<string> Records);

/// <summary>Asks DNS for each record of a domain, writes down what was found and moves the domain's state. Publishes <see cref="DomainVerified"/> or <see cref="DomainDrifted"/> when the state changes.</summary>
/// <remarks>pending to verified when every required record is right; verified to drifted when one is missing or wrong; back when all are right again.
/// A DNS server that fails or is silent proves nothing and moves nothing. Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>domain.not_found</c>.</remarks>
public static class CheckDomain
{
    const string Lock = """
        select id, workspace_id, name, state, dkim_selector, dkim_public_key, return_path_host, tracking_host, checked_at, created_at
        from fleet.domain
        where tenant_id = $1 and id = $2
        for update
        """;

    // What an earlier check found stays when DNS did not answer.
    const string SaveRecord = """
        update fleet.domain_record
        set state = $4, detail = $5, checked_at = $7, found = case when $4 = 'unknown' then found else $6 end
        where tenant_id = $1 and domain_id = $2 and kind = $3
        """;

    const string SaveState = "update fleet.domain set state = $3, checked_at = $4 where tenant_id = $1 and id = $2";

    public static async Task<Result<DomainDetail>> Handle(Actor actor, DomainId id, TenantDb db, DnsSettings dns, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsManage)) return Actor.Forbidden(Permissions.DomainsManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (await Read(actor.Tenant, workspace, id, db, ct) is not { } before) return ListDomains.NotFound;

        var resolver = dns.Resolver(clock);
        var verdicts = await Task.WhenAll(before.Records.Select(record => AskRecord.Run(record, resolver, ct))); // At most seven questions at once, outside any transaction.

        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Lock, Domain.Read, ct, actor.Tenant, id) is not { } domain) return ListDomains.NotFound;
        var now = clock.GetUtcNow();
        foreach (var (record, verdict) in before.Records.Zip(verdicts))
            await tx.Execute(SaveRecord, ct, actor.Tenant, id, record.Kind, verdict.State, verdict.Detail, verdict.Found.ToArray(), now);
        var required = before.Records.Zip(verdicts).Where(pair => pair.First.IsRequired).Select(pair => (pair.First.Kind, pair.Second.State)).ToList();
        var next = Next(domain.State, [.. required.Select(pair => pair.State)]);
        await tx.Execute(SaveState, ct, actor.Tenant, id, Word(next), now);
        var dkim = before.Records.Zip(verdicts).FirstOrDefault(pair => pair.First.Kind == "dkim").Second?.State ?? "unknown";
        ReportRoute.Follow(tx, domain, dkim);
        WebName.Follow(tx, domain, dkim);
        if (next != domain.State) await Tell(tx, actor, domain, next, [.. required.Where(pair => pair.State is "missing" or "wrong").Select(pair => pair.Kind)], now, ct);
        await tx.Commit(ct);
        return await Read(actor.Tenant, workspace, id, db, ct) is { } after ? after : ListDomains.NotFound;
    }

    /// <param name="required">States of the required records.</param>
    internal static DomainState Next(DomainState state, IReadOnlyList<string> required)
    {
        if (required.All(record => record == "ok")) return DomainState.Verified;
        return state == DomainState.Verified && required.Any(record => record is "missing" or "wrong") ? DomainState.Drifted : state;
    }

    static async Task Tell(TenantTx tx, Actor actor, Domain domain, DomainState next, string[] records, DateTimeOffset now, CancellationToken ct)
    {
        if (next == DomainState.Verified) await tx.Publish(new DomainVerified(domain.WorkspaceId, domain.Id, domain.Name), now, ct);
        else await tx.Publish(new DomainDrifted(domain.WorkspaceId, domain.Id, domain.Name, records), now, ct);
        await tx.Append(actor, $"domain.{Word(next)}", domain.Id.ToString(), new { was = Word(domain.State), records }, now, ct);
    }

    static async Task<DomainDetail?> Read(TenantId tenant, WorkspaceId workspace, DomainId id, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        return await ListDomains.Within(tx, workspace, id, ct);
    }

    static string Word(DomainState state) => state switch { DomainState.Pending => "pending", DomainState.Verified => "verified", DomainState.Drifted => "drifted" };

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/domains/{id}/check",
        async (Actor actor, DomainId id, TenantDb db, DnsSettings dns, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, dns, clock, ct)).ToHttp());
}
