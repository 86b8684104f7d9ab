using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Accounts.Limits;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Fleet.Domains;

/// <summary>Chooses how a domain's mail leaves. Holds for messages that are begun from then on, within 15 seconds; what the SPF record must name follows.</summary>
/// <remarks>Publishes <see cref="MailboxResumed"/> for each of its mailboxes, so that what waited for the other way is tried at once.
/// Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c>, <c>transport.invalid</c>, or <c>transport.not_included</c> when the entitlement <c>sending.direct</c> is 0.</remarks>
public static class ChooseTransport
{
    const string Entitlement = "sending.direct";
    const int WokenMax = 1000; // The others are asked at their next turn, within the hour.

    /// <param name="Transport">server or direct.</param>
    /// <param name="SourceAddress">For direct: an address that this machine has; empty leaves it to the system.</param>
    /// <param name="EhloName">For direct: a host name that leads to the address and that the address leads back to; empty takes the one of this installation.</param>
    public sealed record Input(string Transport, string? SourceAddress = null, string? EhloName = null);

    const string Save = """
        update fleet.domain
        set transport = $3, source_address = $4, ehlo_name = $5, transport_at = $6
        where tenant_id = $1 and id = $2
        """;

    const string ExpectSpf = "update fleet.domain_record set expected = $3, detail = $4, state = 'unchecked', found = '{}' where tenant_id = $1 and domain_id = $2 and kind = 'spf' and expected <> $3";

    const string SelectMailboxes = "select id, workspace_id from fleet.mailbox where tenant_id = $1 and domain_id = $2 and state = 'active' order by id limit $3";

    public static async Task<Result<ReadTransport.Output>> Handle(Actor actor, DomainId id, Input input, TenantDb db, Outbound outbound, PlatformHosts hosts, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsManage)) return Actor.Forbidden(Permissions.DomainsManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (Fault(input, outbound, out var route) is { } fault) return Problem.Invalid("transport.invalid", fault);
        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            if (await ListDomains.Within(tx, workspace, id, ct) is not { Domain: var domain }) return ListDomains.NotFound;
            if (route is not null && await ReadEntitlement.Within(tx, Entitlement, ct) == 0)
                return new Problem(ProblemKind.Forbidden, "transport.not_included", "The plan of this account does not include sending directly. Send through the mailboxes' own servers, or ask for a plan that does.");
            await Keep(tx, actor, domain, route, hosts, clock.GetUtcNow(), ct);
            await tx.Commit(ct);
        }

        return await ReadTransport.Handle(actor with { Kind = ActorKind.System }, id, db, outbound, ct);
    }

    static async Task Keep(TenantTx tx, Actor actor, Domain domain, DirectRoute? route, PlatformHosts hosts, DateTimeOffset now, CancellationToken ct)
    {
        var (transport, source) = (route is null ? "server" : "direct", route?.Source?.ToString() ?? "");
        await tx.Execute(Save, ct, tx.Tenant, domain.Id, transport, source, route?.EhloName ?? "", now);
        await Expect(tx, domain.Id, await SendingServer.Find(tx, domain.Id, ct), route, hosts, ct);
        foreach (var (mailbox, home) in await tx.List(SelectMailboxes, row => (new MailboxId(row.GetGuid(0)), new WorkspaceId(row.GetGuid(1))), ct, tx.Tenant, domain.Id, WokenMax))
            await tx.Publish(new MailboxResumed(home, mailbox), now, ct);
        await tx.Append(actor, "domain.transport_chosen", domain.Id.ToString(), new { transport, source }, now, ct);
    }

    /// <summary>What the SPF record must name follows from where mail leaves.</summary>
    internal static async Task Expect(TenantTx tx, DomainId id, SendingServer? server, DirectRoute? route, PlatformHosts hosts, CancellationToken ct)
    {
        var terms = string.Join(' ', ReadTransport.SpfTerms(server, route, hosts));
        await tx.Execute(ExpectSpf, ct, tx.Tenant, id, $"v=spf1 {terms} ~all", $"If the domain has an SPF record already, put {terms} into it before its last term and keep the rest: a second record makes both void (RFC 7208 3.2).");
    }

    static FieldProblem? Fault(Input input, Outbound outbound, out DirectRoute? route)
    {
        route = null;
        if (input.Transport is not ("server" or "direct")) return new("transport", "Choose server or direct.");
        if (input.Transport == "server") return null;
        var (source, name) = (input.SourceAddress?.Trim() ?? "", input.EhloName?.Trim() ?? "");
        IPAddress? address = null;
        if (source.Length > 0 && !IPAddress.TryParse(source, out address)) return new("source_address", "Give an address such as 192.0.2.10, or none.");
        var own = ReadTransport.Sources(outbound).ToList();
        if (address is not null && !own.Contains(address))
            return new("source_address", $"This machine has no such address. It has {(own.Count == 0 ? "none that is public" : string.Join(", ", own))}.");
        DomainName? host = null;
        if (name.Length > 0 && (!DomainName.TryParse(name, out host, out _) || !host.Ascii.Contains('.', StringComparison.Ordinal)))
            return new("ehlo_name", "Give a host name, such as out.example.com, that leads to the address and back; or none.");
        route = new DirectRoute(address, host?.Ascii ?? "");
        return null;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPut("/domains/{id}/transport",
        async (Actor actor, DomainId id, Input input, TenantDb db, Outbound outbound, PlatformHosts hosts, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, outbound, hosts, clock, ct)).ToHttp());
}
