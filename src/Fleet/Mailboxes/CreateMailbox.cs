using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>Makes a mailbox on the server that carries its domain. The password is drawn by the program, lies in the secret store, and is never shown; the server learns of it within a minute.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c>, <c>domain.not_hosted</c>, <c>server.leaving</c>, <c>mailbox.is_alias</c>, and as <see cref="ConnectMailbox"/> does.</remarks>
public static class CreateMailbox
{
    /// <param name="Local">What stands before the @.</param>
    /// <param name="QuotaMb">Mebibytes of mail kept, 10 to 1,000,000. Default 1,024.</param>
    /// <param name="HourlyLimit">Messages the server takes from it in an hour, whatever the caps here say, 1 to 100,000. Default 100.</param>
    public sealed record Input(string Local, string DisplayName, int DailyCap = 30, int GapSeconds = 120, int QuotaMb = 1024, int HourlyLimit = 100);

    const int PasswordOctets = 24;
    internal const int SubmissionPort = 587; // RFC 6409.
    internal const int ImapsPort = 993; // RFC 8314 3.3.

    const string SaveHost = "update fleet.mailbox set server_id = $3, quota_mb = $4, hourly_limit = $5 where tenant_id = $1 and id = $2";

    public static async Task<Result<ConnectMailbox.Output>> Handle(
        Actor actor, DomainId id, Input input, TenantDb db, MailboxSecrets secrets, string source, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (Faults(input.QuotaMb, input.HourlyLimit).ToArray() is { Length: > 0 } faults) return Problem.Invalid("mailbox.invalid", faults);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var held = await HostedDomain.Hold(tx, workspace, id, ct);
        if (held.Problem is { } unheld) return unheld;
        if (held.Value.AddressOf(input.Local) is not { } address) return Problem.Invalid("mailbox.invalid", new FieldProblem("local", $"What stands before the @: {HostedDomain.LocalRule}."));
        if ((await HostedDomain.Aliases(tx, [address], ct)).Count > 0) return IsAlias(address);
        var made = await ConnectMailbox.Within(tx, actor, Settings(held.Value, address, input.DisplayName, input.DailyCap, input.GapSeconds), isHosted: true, secrets, source, clock, ct);
        if (!made.IsOk) return made;
        await Host(tx, made.Value.Id, held.Value, input.QuotaMb, input.HourlyLimit, ct);
        await held.Value.Follow(tx, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return made;
    }

    internal static IEnumerable<FieldProblem> Faults(int? quotaMb, int? hourlyLimit)
    {
        if (quotaMb is < 10 or > 1_000_000) yield return new("quota_mb", "10 to 1,000,000 MiB.");
        if (hourlyLimit is < 1 or > 100_000) yield return new("hourly_limit", "1 to 100,000 messages an hour.");
    }

    internal static Problem IsAlias(string address) => new(ProblemKind.Conflict, "mailbox.is_alias", $"{address} is an alias. Remove the alias first, or choose another address.");

    /// <summary>How the program reaches a mailbox there, with a password of its own making.</summary>
    internal static ConnectMailbox.Input Settings(HostedDomain held, string address, string displayName, int dailyCap, int gapSeconds)
    {
        var password = Convert.ToBase64String(RandomNumberGenerator.GetBytes(PasswordOctets));
        return new(address, displayName, new(held.Server.HostName, SubmissionPort, ConnectionSecurity.Starttls, address, password),
            new(held.Server.HostName, ImapsPort, ConnectionSecurity.Tls, address, password), dailyCap, gapSeconds);
    }

    internal static Task Host(TenantTx tx, MailboxId id, HostedDomain held, int quotaMb, int hourlyLimit, CancellationToken ct) =>
        tx.Execute(SaveHost, ct, tx.Tenant, id, held.Server.Id, quotaMb, hourlyLimit);

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/domains/{id}/mailboxes",
        async (HttpContext http, Actor actor, DomainId id, Input input, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, secrets, SecretAccess.Of(http), clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/mailboxes/{made.Id}", made)));
}
