using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes.AppPasswords;
using PenguinMails.Fleet.Servers;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>Changes what is given of a mailbox and leaves the rest. A new server or secret makes it untested.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>mailbox.not_found</c>, <c>mailbox.invalid</c>, <c>mailbox.insecure</c>, <c>mailbox.secret_needed</c>, <c>mailbox.consent_only</c> or <c>mailbox.not_hosted</c>.</remarks>
public static class ChangeMailbox
{
    /// <param name="Secret">Null keeps the stored one, which is possible only while host, port and user stay the same: it must not be sent to another server unseen.</param>
    public sealed record ServerChange(string Host, int Port, ConnectionSecurity Security, string User, string? Secret = null);

    /// <param name="RemovesImap">True takes the IMAP server away; not together with <paramref name="Imap"/>.</param>
    /// <param name="QuotaMb">Mebibytes, 10 to 1,000,000. This and the next for mailboxes on a server of ours only, which learns of it within a minute.</param>
    /// <param name="HourlyLimit">1 to 100,000 messages.</param>
    public sealed record Input(
        string? DisplayName = null, int? DailyCap = null, int? GapSeconds = null, int? ConnectionsMax = null, ServerChange? Smtp = null, ServerChange? Imap = null, bool RemovesImap = false,
        int? QuotaMb = null, int? HourlyLimit = null);

    const string Kept = "kept"; // Stands for a secret that stays, where only its length is judged.

    const string Lock = """
        select id, workspace_id, domain_id, address, display_name, state, smtp_host, smtp_port, smtp_security, smtp_user, imap_host, imap_port, imap_security, imap_user,
          daily_cap, gap_seconds, connections_max, tested_at, test_ok, created_at, server_id, quota_mb, hourly_limit, auth, consent_lost_at
        from fleet.mailbox
        where tenant_id = $1 and workspace_id = $2 and id = $3
        for update
        """;

    const string Save = "update fleet.mailbox set display_name = $3, daily_cap = $4, gap_seconds = $5, connections_max = $6, quota_mb = $7, hourly_limit = $8 where tenant_id = $1 and id = $2";

    const string SaveSmtp = """
        update fleet.mailbox
        set smtp_host = $3, smtp_port = $4, smtp_security = $5, smtp_user = $6, smtp_secret_version = coalesce($7, smtp_secret_version), smtp_secret_sealed = case when $7::integer is null then smtp_secret_sealed end, tested_at = null, test_ok = null, test_report = null
        where tenant_id = $1 and id = $2
        """;

    const string SaveImap = """
        update fleet.mailbox
        set imap_host = $3, imap_port = $4, imap_security = $5, imap_user = $6, imap_secret_version = case when $3::text is not null then coalesce($7, imap_secret_version) end,
          imap_secret_sealed = case when $3::text is not null and $7::integer is null then imap_secret_sealed end,
          tested_at = null, test_ok = null, test_report = null
        where tenant_id = $1 and id = $2
        """;

    public static async Task<Result<Mailbox>> Handle(Actor actor, MailboxId id, Input input, TenantDb db, MailboxSecrets secrets, string source, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Lock, Mailbox.Read, ct, actor.Tenant, workspace, id) is not { } mailbox) return ListMailboxes.NotFound;
        if (Refusal(mailbox, input) is { } refusal) return refusal;

        var kept = await Keep(new SecretAccess(actor, "mailbox changed", source), id, input, secrets, ct);
        if (kept.Problem is { } unkept) return unkept;
        await tx.Execute(Save, ct, actor.Tenant, id, input.DisplayName?.Trim() ?? mailbox.DisplayName, input.DailyCap ?? mailbox.DailyCap,
            input.GapSeconds ?? mailbox.GapSeconds, input.ConnectionsMax ?? mailbox.ConnectionsMax, input.QuotaMb ?? mailbox.QuotaMb, input.HourlyLimit ?? mailbox.HourlyLimit);
        if (input.Smtp is { } smtp)
            await tx.Execute(SaveSmtp, ct, actor.Tenant, id, smtp.Host.Trim(), smtp.Port, Mailbox.Word(smtp.Security), smtp.User, kept.Value.Smtp);
        if (input.Imap is { } imap)
            await tx.Execute(SaveImap, ct, actor.Tenant, id, imap.Host.Trim(), imap.Port, Mailbox.Word(imap.Security), imap.User, kept.Value.Imap);
        else if (input.RemovesImap)
            await tx.Execute(SaveImap, ct, actor.Tenant, id, null, null, null, null, null);
        if (mailbox.ServerId is { } server && (input.QuotaMb ?? input.HourlyLimit ?? kept.Value.Smtp ?? kept.Value.Imap) is not null) await ApplyStack.Enqueue(tx, workspace, server, clock.GetUtcNow(), ct);
        await tx.Append(actor, "mailbox.changed", id.ToString(), new { fields = Named(input) }, clock.GetUtcNow(), ct);
        var changed = await tx.One(Lock, Mailbox.Read, ct, actor.Tenant, workspace, id);
        await tx.Commit(ct);
        return changed;
    }

    // Judged as if the mailbox were connected anew with all its values, so that both ways hold the same limits.
    static Problem? Refusal(Mailbox was, Input input)
    {
        if (input is { RemovesImap: true, Imap: not null }) return Problem.Invalid("mailbox.invalid", new FieldProblem("removes_imap", "Either remove the IMAP server or give a new one."));
        // An access token must not be shown to any other server.
        if (was.Auth != MailboxAuth.Password && (input.Smtp is not null || input.Imap is not null || input.RemovesImap)) return ConsentOnly;
        if (was.ServerId is null && (input.QuotaMb ?? input.HourlyLimit) is not null) return AppPassword.NotHosted;
        if (CreateMailbox.Faults(input.QuotaMb, input.HourlyLimit).ToArray() is { Length: > 0 } beyond) return Problem.Invalid("mailbox.invalid", beyond);
        if (input.Smtp is { Secret: null } smtp && !IsSame(was.Smtp, smtp)) return SecretNeeded("smtp");
        if (input.Imap is { Secret: null } imap && !IsSame(was.Imap, imap)) return SecretNeeded("imap");
        var whole = new ConnectMailbox.Input(was.Address, input.DisplayName ?? was.DisplayName, Whole(input.Smtp) ?? Whole(was.Smtp),
            input.RemovesImap ? null : Whole(input.Imap) ?? (was.Imap is null ? null : Whole(was.Imap)),
            input.DailyCap ?? was.DailyCap, input.GapSeconds ?? was.GapSeconds, input.ConnectionsMax ?? was.ConnectionsMax);
        var faults = ConnectMailbox.Faults(whole).ToArray();
        return faults.Length > 0 ? Problem.Invalid("mailbox.invalid", faults) : ConnectMailbox.Insecure(whole.Smtp, whole.Imap);
    }

    static readonly Problem ConsentOnly = new(ProblemKind.Conflict, "mailbox.consent_only", "This mailbox was connected at its provider, so its servers are known and it has no password here. Connect it again to renew the permission.");

    static bool IsSame(ServerSettings? was, ServerChange change) =>
        was is not null && was.Host.Equals(change.Host.Trim(), StringComparison.OrdinalIgnoreCase) && was.Port == change.Port && was.User == change.User;

    static Problem SecretNeeded(string server) =>
        Problem.Invalid("mailbox.secret_needed", new FieldProblem($"{server}.secret", "Give the password again: the stored one is sent only to the server and user it was given for."));

    static ConnectMailbox.ServerInput? Whole(ServerChange? change) => change is null ? null : new(change.Host, change.Port, change.Security, change.User, change.Secret ?? Kept);

    static ConnectMailbox.ServerInput Whole(ServerSettings was) => new(was.Host, was.Port, was.Security, was.User, Kept);

    // New versions; null where the stored one stays. A version that no row takes up in the end is never used.
    static async Task<Result<(int? Smtp, int? Imap)>> Keep(SecretAccess access, MailboxId id, Input input, MailboxSecrets secrets, CancellationToken ct)
    {
        var (smtp, imap) = ((int?)null, (int?)null);
        if (input.Smtp?.Secret is { } first)
        {
            var kept = await secrets.Keep(access, id, isSmtp: true, first, null, isHosted: false, ct);
            if (kept.Problem is { } problem) return problem;
            smtp = kept.Value;
        }

        if (input.Imap?.Secret is { } second)
        {
            var kept = await secrets.Keep(access, id, isSmtp: false, second, null, isHosted: false, ct);
            if (kept.Problem is { } problem) return problem;
            imap = kept.Value;
        }

        return (smtp, imap);
    }

    static IReadOnlyList<string> Named(Input input) =>
    [
        .. new (string Name, bool IsGiven)[]
        {
            ("display_name", input.DisplayName is not null), ("daily_cap", input.DailyCap is not null), ("gap_seconds", input.GapSeconds is not null),
            ("connections_max", input.ConnectionsMax is not null), ("smtp", input.Smtp is not null), ("imap", input.Imap is not null || input.RemovesImap),
            ("quota_mb", input.QuotaMb is not null), ("hourly_limit", input.HourlyLimit is not null),
        }.Where(field => field.IsGiven).Select(field => field.Name),
    ];

    internal static void Map(IEndpointRouteBuilder api) => api.MapPatch("/mailboxes/{id}",
        async (HttpContext http, Actor actor, MailboxId id, Input input, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, secrets, SecretAccess.Of(http), clock, ct)).ToHttp());
}
