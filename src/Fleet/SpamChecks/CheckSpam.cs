using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Servers;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Fleet.SpamChecks;

/// <summary>Asks Rspamd on the domain's own server what it thinks of a message, before it is sent. Sends nothing, teaches the filter nothing, keeps nothing.</summary>
/// <remarks>The message goes over SSH to <c>rspamc</c> on the machine, as if it came from the server's own address. Three checks at once in this process. Refuses with
/// <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c>, <c>spam.message_invalid</c>, <c>spam.no_filter</c> (the domain's mail leaves from elsewhere),
/// <c>spam.busy</c>, <c>spam.no_answer</c>, or as the machine and the secret store do.</remarks>
public static class CheckSpam
{
    /// <summary>Octets of a message.</summary>
    public const int MessageOctetsMax = 2 * 1024 * 1024;

    const string Endpoint = "127.0.0.1:11334"; // Where RspamdFiles lets the controller listen.
    const int AtOnceMax = 3;
    const int AskSeconds = 20;
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(AskSeconds + 10);
    static readonly SemaphoreSlim Places = new(AtOnceMax);

    const string SelectServer = "select server_id from fleet.domain where tenant_id = $1 and id = $2 and server_id is not null";

    /// <param name="Message">A whole message with its header, at most 2 MB as UTF-8.</param>
    public sealed record Input(string Message);

    public static Task<Result<SpamVerdict>> Handle(Actor actor, DomainId id, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) =>
        Handle(actor, id, Encoding.UTF8.GetBytes(input.Message), Endpoint, db, reach, clock, ct);

    /// <summary>The same for a message as octets.</summary>
    public static Task<Result<SpamVerdict>> Handle(Actor actor, DomainId id, ReadOnlyMemory<byte> message, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) =>
        Handle(actor, id, message, Endpoint, db, reach, clock, ct);

    internal static async Task<Result<SpamVerdict>> Handle(
        Actor actor, DomainId id, ReadOnlyMemory<byte> message, string endpoint, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsRead)) return Actor.Forbidden(Permissions.DomainsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (message.Length is 0 or > MessageOctetsMax) return Problem.Invalid("spam.message_invalid", new FieldProblem("message", $"Give a whole message with its header, at most {MessageOctetsMax / 1024 / 1024} MB."));
        var found = await Find(actor.Tenant, workspace, id, db, ct);
        if (found.Problem is { } refused) return refused;
        if (!await Places.WaitAsync(TimeSpan.Zero, ct)) return new Problem(ProblemKind.TooMany, "spam.busy", "Other messages are being checked. Try again in some seconds.") { RetryAfterSeconds = 5 };
        try
        {
            return await Ask(actor, found.Value.Domain, found.Value.Server, message, endpoint, db, reach, clock, ct);
        }
        finally
        {
            Places.Release();
        }
    }

    static async Task<Result<(Domain Domain, Server Server)>> Find(TenantId tenant, WorkspaceId workspace, DomainId id, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        if (await ListDomains.Within(tx, workspace, id, ct) is not { Domain: var domain }) return ListDomains.NotFound;
        var server = (await tx.List(SelectServer, row => new ServerId(row.GetGuid(0)), ct, tenant, id)) is [var at] ? await Server.Find(tx, workspace, at, ct) : null;
        if (server is { StackKind: not null }) return (domain, server);
        return new Problem(ProblemKind.Conflict, "spam.no_filter",
            $"{domain.Name} sends through another provider, so there is no filter of yours to ask. Send a test mail from the mailbox instead, or give the domain a server of your own.");
    }

    static async Task<Result<SpamVerdict>> Ask(
        Actor actor, Domain domain, Server server, ReadOnlyMemory<byte> message, string endpoint, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var opened = await reach.Open(actor, server, "checking a message for spam", db, clock, ct);
        if (opened.Problem is { } closed) return closed;
        await using var session = opened.Value;
        var ran = await session.Run(Words(domain, server, endpoint), message, Limit, ct);
        if (ran.Problem is { } lost) return lost;
        // rspamc ends with 0 even when nobody listens; only an answer is one.
        return SpamVerdict.Read(ran.Value.Text, server.HostName, clock.GetUtcNow()) is { } verdict && !ran.Value.IsCut ? verdict
            : new Problem(ProblemKind.Unavailable, "spam.no_answer", $"Rspamd on {server.HostName} gave no answer. Bring the server up to date; if that does not help, look at its log.");
    }

    // The return path is what real messages carry, so that SPF is judged as it will be.
    static string[] Words(Domain domain, Server server, string endpoint) =>
    [
        "rspamc", "-h", endpoint, "--json", "--compact", "-t", $"{AskSeconds}", "-F", $"b-check@{domain.ReturnPathHost}", "--helo", server.HostName,
        .. IPAddress.TryParse(server.Addresses[0].Ip, out var ip) ? new[] { "-i", $"{ip}" } : [],
    ];

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/domains/{id}/spam-check",
        async (Actor actor, DomainId id, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, reach, clock, ct)).ToHttp());
}
