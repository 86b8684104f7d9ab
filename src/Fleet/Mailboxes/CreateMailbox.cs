using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.ServerMigrations;
using PenguinMails.Fleet.Servers;
using PenguinMails.Secrets.Store;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>Makes a mailbox on the server that carries its domain. The password is drawn by the program, lies in the secret store, and is never shown; the server learns of it within a minute.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c>, <c>domain.not_hosted</c>, <c>server.leaving</c>, and as <see cref="ConnectMailbox"/> does.</remarks>
public static class CreateMailbox
{
    /// <param name="Local">What stands before the @.</param>
    /// <param name="QuotaMb">Mebibytes of mail kept, 10 to 1,000,000. Default 1,024.</param>
    /// <param name="HourlyLimit">Messages the server takes from it in an hour, whatever the caps here say, 1 to 100,000. Default 100.</param>
    public sealed record Input(string Local, string DisplayName, int DailyCap = 30, int GapSeconds = 120, int QuotaMb = 1024, int HourlyLimit = 100);

    const int PasswordOctets = 24;
    const int SubmissionPort = 587; // RFC 6409.
    const int ImapsPort = 993; // RFC 8314 3.3.

    const string FindServer = "select server_id from fleet.domain where tenant_id = $1 and id = $2 and server_id is not null";

    const string Host = "update fleet.mailbox set server_id = $3, quota_mb = $4, hourly_limit = $5 where tenant_id = $1 and id = $2";

    public static async Task<Result<ConnectMailbox.Output>> Handle(
        Actor actor, DomainId id, Input input, TenantDb db, MailboxSecrets secrets, string source, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (input.QuotaMb is < 10 or > 1_000_000) return Problem.Invalid("mailbox.invalid", new FieldProblem("quota_mb", "10 to 1,000,000 MiB."));
        if (input.HourlyLimit is < 1 or > 100_000) return Problem.Invalid("mailbox.invalid", new FieldProblem("hourly_limit", "1 to 100,000 messages an hour."));
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListDomains.Within(tx, workspace, id, ct) is not { } domain) return ListDomains.NotFound;
        var serverId = (await tx.List(FindServer, row => new ServerId(row.GetGuid(0)), ct, actor.Tenant, id)).Cast<ServerId?>().FirstOrDefault();
        if (serverId is not { } known || await Server.Find(tx, workspace, known, ct) is not { } server)
            return new Problem(ProblemKind.Conflict, "domain.not_hosted", $"No server of yours carries {domain.Domain.Name}. Set one up for it, or connect a mailbox of another provider.");

        if (await ServerMigration.Forbids(tx, server, ct) is { } leaving) return leaving;
        var address = $"{input.Local.Trim()}@{domain.Domain.Name}";
        var password = Convert.ToBase64String(RandomNumberGenerator.GetBytes(PasswordOctets));
        var settings = new ConnectMailbox.Input(address, input.DisplayName,
            new(server.HostName, SubmissionPort, ConnectionSecurity.Starttls, address, password), new(server.HostName, ImapsPort, ConnectionSecurity.Tls, address, password), input.DailyCap, input.GapSeconds);
        var made = await ConnectMailbox.Within(tx, actor, settings, isHosted: true, secrets, source, clock, ct);
        if (!made.IsOk) return made;
        await tx.Execute(Host, ct, actor.Tenant, made.Value.Id, known, input.QuotaMb, input.HourlyLimit);
        await ApplyStack.Enqueue(tx, workspace, known, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return made;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/domains/{id}/mailboxes",
        async (HttpContext http, Actor actor, DomainId id, Input input, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, secrets, SecretAccess.Of(http), clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/mailboxes/{made.Id}", made)));
}
