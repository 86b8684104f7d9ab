using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>Connects a mailbox with its SMTP and, if given, IMAP settings. Opens no connection; test it afterwards.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>mailbox.invalid</c>, <c>mailbox.insecure</c>, <c>mailbox.exists</c>, <c>mailbox.address_taken</c> or as the secret store does.</remarks>
public static class ConnectMailbox
{
    /// <param name="Secret">Password or app password, at most 1,000 characters; stored in the secret store, never shown again.</param>
    public sealed record ServerInput(string Host, int Port, ConnectionSecurity Security, string User, string Secret);

    /// <param name="DailyCap">Default 30: the customary ceiling for cold mail from one mailbox.</param>
    /// <param name="GapSeconds">Default 120.</param>
    public sealed record Input(
        string Address, string DisplayName, ServerInput Smtp, ServerInput? Imap = null, int DailyCap = 30, int GapSeconds = 120, int ConnectionsMax = 1);

    public sealed record Output(MailboxId Id);

    const int SecretLengthMax = 1000;
    const int HostLengthMax = 253;
    const int FirstVersion = 1; // The id is new, so nothing was ever stored for it.

    const string FindDomain = "select id from fleet.domain where tenant_id = $1 and workspace_id = $2 and name = $3";

    const string InsertRow = """
        insert into fleet.mailbox (tenant_id, id, workspace_id, domain_id, address, display_name, smtp_host, smtp_port, smtp_security, smtp_user, smtp_secret_version,
          imap_host, imap_port, imap_security, imap_user, imap_secret_version, daily_cap, gap_seconds, connections_max, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
        on conflict on constraint mailbox_once do nothing
        """;

    const string InsertRoute = "insert into fleet.mailbox_route (address, tenant_id, mailbox_id) values ($1, $2, $3) on conflict (address) do nothing";

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, MailboxSecrets secrets, string source, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is null) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var made = await Within(tx, actor, input, isHosted: false, secrets, source, clock, ct);
        if (made.IsOk) await tx.Commit(ct);
        return made;
    }

    /// <summary>The same in the caller's transaction, for an actor who may.</summary>
    internal static async Task<Result<Output>> Within(TenantTx tx, Actor actor, Input input, bool isHosted, MailboxSecrets secrets, string source, TimeProvider clock, CancellationToken ct)
    {
        if (Refusal(input) is { } refusal) return refusal;
        var now = clock.GetUtcNow();
        var inserted = await Insert(tx, actor, input, now, ct);
        if (inserted.Problem is { } taken) return taken;
        if (await Keep(new SecretAccess(actor, "mailbox connected", source), inserted.Value, input, isHosted, secrets, ct) is { } unkept) return unkept;
        await Append(tx, actor, inserted.Value, input, now, ct);
        return new Output(inserted.Value);
    }

    internal static Problem? Refusal(Input input) =>
        Faults(input).ToArray() is { Length: > 0 } faults ? Problem.Invalid("mailbox.invalid", faults) : Insecure(input.Smtp, input.Imap);

    /// <summary>The row alone, for what <see cref="Refusal"/> found nothing wrong with. Its passwords and its line of the record follow, in this order: the record is held until the commit.</summary>
    internal static async Task<Result<MailboxId>> Insert(TenantTx tx, Actor actor, Input input, DateTimeOffset now, CancellationToken ct)
    {
        var (address, workspace) = (EmailAddress.Parse(input.Address.Trim()), actor.Workspace);
        var id = TypedId.New<MailboxId>(now);
        var domain = (await tx.List(FindDomain, row => row.GetGuid(0), ct, actor.Tenant, workspace, address.Domain.Ascii)).Select(found => (Guid?)found).SingleOrDefault();
        var imap = input.Imap;
        var added = await tx.Execute(InsertRow, ct, actor.Tenant, id, workspace, domain, address.Normal, input.DisplayName.Trim(),
            input.Smtp.Host.Trim(), input.Smtp.Port, Mailbox.Word(input.Smtp.Security), input.Smtp.User, FirstVersion,
            imap?.Host.Trim(), imap?.Port, imap is null ? null : Mailbox.Word(imap.Security), imap?.User,
            imap is null ? null : FirstVersion, input.DailyCap, input.GapSeconds, input.ConnectionsMax, now);
        if (added == 0) return new Problem(ProblemKind.Conflict, "mailbox.exists", $"{address} is connected in this account already.");
        return await tx.Execute(InsertRoute, ct, address.Normal, actor.Tenant, id) == 0
            ? new Problem(ProblemKind.Conflict, "mailbox.address_taken", $"{address} is connected in another account of this installation. Disconnect it there first.")
            : id;
    }

    // Stored in their own transactions before this one commits: a mailbox never stands without its password. Should the commit fail,
    // passwords of an id that nobody has are left over, which no one can reach.
    internal static async Task<Problem?> Keep(SecretAccess access, MailboxId id, Input input, bool isHosted, MailboxSecrets secrets, CancellationToken ct)
    {
        var smtp = await secrets.Keep(access, id, isSmtp: true, input.Smtp.Secret, 0, isHosted, ct);
        if (smtp.Problem is not null || input.Imap is not { } imap) return smtp.Problem;
        return (await secrets.Keep(access, id, isSmtp: false, imap.Secret, 0, isHosted, ct)).Problem;
    }

    internal static Task<long> Append(TenantTx tx, Actor actor, MailboxId id, Input input, DateTimeOffset now, CancellationToken ct) =>
        tx.Append(actor, "mailbox.connected", id.ToString(), new { input.DailyCap, input.GapSeconds }, now, ct);

    /// <summary>A password in clear is for a server on this machine only (RFC 8314 3).</summary>
    internal static Problem? Insecure(ServerInput smtp, ServerInput? imap) =>
        smtp.Security == ConnectionSecurity.None && !IsThisMachine(smtp.Host) ? Problem.Invalid("mailbox.insecure", Encrypt("smtp.security", "starttls with port 587, or tls with port 465"))
        : imap is { Security: ConnectionSecurity.None } && !IsThisMachine(imap.Host) ? Problem.Invalid("mailbox.insecure", Encrypt("imap.security", "tls with port 993, or starttls with port 143"))
        : null;

    static FieldProblem Encrypt(string field, string choice) => new(field, $"Without encryption the password could be read on its way. Choose {choice}.");

    static bool IsThisMachine(string host) =>
        IPAddress.TryParse(host.Trim(), out var address) ? IPAddress.IsLoopback(address) : host.Trim().Equals("localhost", StringComparison.OrdinalIgnoreCase);

    internal static IEnumerable<FieldProblem> Faults(Input input)
    {
        if (!EmailAddress.TryParse(input.Address.Trim(), out _, out var fault))
            yield return new("address", $"Not an e-mail address: {fault.Reason} at character {fault.Offset + 1}.");
        if (input.DisplayName.Trim().Length is 0 or > 100 || !HeaderText.TryCreate(input.DisplayName.Trim(), out _, out _))
            yield return new("display_name", "The name recipients see: 1 to 100 characters without line breaks.");
        if (input.DailyCap is < 1 or > 1_000_000) yield return new("daily_cap", "1 to 1,000,000 messages in 24 hours.");
        if (input.GapSeconds is < 0 or > 86_400) yield return new("gap_seconds", "0 to 86,400 seconds.");
        if (input.ConnectionsMax is < 1 or > 20) yield return new("connections_max", "1 to 20 connections.");
        if (input is { ConnectionsMax: > 1, GapSeconds: > 0 }) yield return new("connections_max", "More than one connection needs a gap of 0 seconds.");
        foreach (var found in Faults("smtp", input.Smtp)) yield return found;
        if (input.Imap is not { } imap) yield break;
        foreach (var found in Faults("imap", imap)) yield return found;
    }

    static IEnumerable<FieldProblem> Faults(string prefix, ServerInput server)
    {
        if (server.Host.Trim().Length is 0 or > HostLengthMax || Uri.CheckHostName(server.Host.Trim()) == UriHostNameType.Unknown)
            yield return new($"{prefix}.host", "A host name such as smtp.example.com, or an IP address.");
        if (server.Port is < 1 or > 65535) yield return new($"{prefix}.port", "1 to 65535; usually 587 for SMTP and 993 for IMAP.");
        if (server.User.Length is 0 or > 254 || server.User.Any(char.IsControl)) yield return new($"{prefix}.user", "1 to 254 characters.");
        if (server.Secret.Length is 0 or > SecretLengthMax || server.Secret.AsSpan().IndexOfAny('\0', '\r', '\n') >= 0)
            yield return new($"{prefix}.secret", $"1 to {SecretLengthMax} characters in one line.");
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/mailboxes",
        async (HttpContext http, Actor actor, Input input, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, secrets, SecretAccess.Of(http), clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/mailboxes/{made.Id}", made)));
}
