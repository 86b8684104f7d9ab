using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.ServerMigrations;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Fleet.Walks;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Fleet.Provisionings;

/// <summary>Begins the walk from a domain name to mailboxes that send. The domain is added, if it is not there, and its DNS host is asked once; all else is done by a job, step by step.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>provisioning.invalid</c>, <c>provisioning.running</c>, <c>server.not_found</c>, <c>server.not_there</c>, <c>server.leaving</c>,
/// and as <see cref="AddDomain"/> and <see cref="ConnectDnsHost"/> do; nothing is left behind then.</remarks>
public static class StartProvisioning
{
    /// <param name="DnsHost">Null for records that are published by hand, or for the host that is connected already.</param>
    public sealed record Input(string Domain, ServerId ServerId, IReadOnlyList<WantedMailbox> Mailboxes, ConnectDnsHost.Input? DnsHost = null);

    const int MailboxesMax = 50;
    const int DisplayNameMax = 100;

    const string FindDomain = "select id from fleet.domain where tenant_id = $1 and workspace_id = $2 and name = $3";

    const string FindRunning = "select id from fleet.provisioning where tenant_id = $1 and domain_id = $2 and state in ('running', 'stopped', 'undoing') limit 1";

    const string Insert = "insert into fleet.provisioning (tenant_id, id, workspace_id, wish, server_id, domain_id, has_made_domain, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (tenant_id, domain_id) where state in ('running', 'stopped', 'undoing') do nothing";

    public static async Task<Result<Provisioning>> Handle(Actor actor, Input input, TenantDb db, DnsReach dns, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (Faults(input).ToArray() is { Length: > 0 } faults) return Problem.Invalid("provisioning.invalid", faults);
        var server = await ListServers.One(actor, input.ServerId, db, ct);
        if (server.Problem is { } missing) return missing;
        if (server.Value.State is ServerState.Destroying or ServerState.Destroyed) return new Problem(ProblemKind.Conflict, "server.not_there", $"{server.Value.HostName} is going or gone. Choose another server.");

        if (await Leaving(actor, server.Value, db, ct) is { } leaving) return leaving;

        var domain = await Domain(actor, workspace, input.Domain, db, dns, clock, ct);
        if (domain.Problem is { } refused) return refused;
        var (id, hasMade) = domain.Value;
        if (!hasMade && await Running(actor, id, input.Domain, db, ct) is { } running) return running;
        if (input.DnsHost is { } host && (await ConnectDnsHost.Handle(actor, id, host, db, dns, clock, ct)).Problem is { } unreached)
        {
            if (hasMade) await RemoveDomain.Handle(actor, id, db, clock, ct);
            return unreached;
        }

        return await Save(actor, workspace, input, id, hasMade, db, clock, ct);
    }

    static async Task<Problem?> Leaving(Actor actor, Server server, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await ServerMigration.Forbids(tx, server, ct);
    }

    static async Task<Problem?> Running(Actor actor, DomainId domain, string name, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await tx.List(FindRunning, row => new ProvisioningId(row.GetGuid(0)), ct, actor.Tenant, domain) is [var running, ..] ? Busy(name, running.ToString()) : null;
    }

    static Problem Busy(string domain, string which) => new(ProblemKind.Conflict, "provisioning.running", $"{domain} is being set up already ({which}). Go on with that one, or cancel it.");

    static async Task<Result<Provisioning>> Save(Actor actor, WorkspaceId workspace, Input input, DomainId domain, bool hasMadeDomain, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var id = TypedId.New<ProvisioningId>(now);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListDomains.Within(tx, workspace, domain, ct) is not { } found) return ListDomains.NotFound;
        var wish = new Provisioning.Wish(found.Domain.Name, [.. input.Mailboxes.Select(wanted => new WantedMailbox(wanted.Local.Trim(), wanted.DisplayName.Trim()))]);
        // Two wishes at once: the other was faster.
        if (await tx.Execute(Insert, ct, actor.Tenant, id, workspace, Jsonb.Of(wish), input.ServerId, domain, hasMadeDomain, now) == 0) return Busy(found.Domain.Name, "another one");
        await WalkStep.Lay(tx, id.Value, Provisioning.StepNames, ct);
        await AdvanceProvisioning.Enqueue(tx, workspace, id, now, ct);
        await tx.Append(actor, "provisioning.started", id.ToString(), new { domain = wish.Domain, server = input.ServerId, mailboxes = wish.Mailboxes.Count }, now, ct);
        var made = await Provisioning.Find(tx, workspace, id, ct);
        await tx.Commit(ct);
        return made is null ? Provisioning.NotFound : made;
    }

    static async Task<Result<(DomainId Id, bool HasMade)>> Domain(Actor actor, WorkspaceId workspace, string text, TenantDb db, DnsReach dns, TimeProvider clock, CancellationToken ct)
    {
        if (DomainName.TryParse(text.Trim(), out var name, out _))
        {
            await using var tx = await db.Begin(actor.Tenant, ct);
            if (await tx.List(FindDomain, row => new DomainId(row.GetGuid(0)), ct, actor.Tenant, workspace, name.Ascii) is [var known]) return (known, false);
        }

        var added = await AddDomain.Handle(actor, new(text), db, dns.Box, dns.Hosts, clock, ct);
        return added.Match<Result<(DomainId, bool)>>(made => (made.Id, true), problem => problem);
    }

    static IEnumerable<FieldProblem> Faults(Input input)
    {
        if (input.Mailboxes.Any(wanted => wanted is null))
        {
            yield return new("mailboxes", "Each mailbox needs a local part and the name recipients see."); // JSON may hold null there.
            yield break;
        }

        if (input.Mailboxes.Count is 0 or > MailboxesMax) yield return new("mailboxes", $"1 to {MailboxesMax} mailboxes; more can be made once these send.");
        if (input.Mailboxes.DistinctBy(wanted => wanted.Local.Trim().ToLowerInvariant()).Count() < input.Mailboxes.Count) yield return new("mailboxes", "The same name stands there twice.");
        foreach (var wanted in input.Mailboxes)
        {
            if (!EmailAddress.TryParse($"{wanted.Local.Trim()}@example.com", out _, out var fault)) yield return new("mailboxes", $"{wanted.Local} cannot stand before an @: {fault.Reason}.");
            else if (!StackPlanFault.IsOwnLocal(wanted.Local.Trim().ToLowerInvariant())) yield return new("mailboxes", $"{wanted.Local} cannot stand before the @ on a server of yours: {HostedDomain.LocalRule}.");
            if (wanted.DisplayName.Trim().Length is 0 or > DisplayNameMax || !HeaderText.TryCreate(wanted.DisplayName.Trim(), out _, out _))
                yield return new("mailboxes", $"The name recipients see for {wanted.Local}: 1 to {DisplayNameMax} characters without line breaks.");
        }
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/provisionings",
        async (Actor actor, Input input, TenantDb db, DnsReach dns, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, dns, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/provisionings/{made.Id}", made)));
}
