using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Routes;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Conversations;

/// <summary>Switches a mailbox's part in the conversation pool on, or stops it. A stop holds within a second, also for what waits to be sent.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>mailbox.not_found</c>, <c>pool.off</c>, <c>pool.not_joined</c>, <c>pool.no_imap</c> or <c>pool.invalid</c>. Each act is in the audit log.</remarks>
public static class SwitchPoolMailbox
{
    public const int PerDayMax = 20, PerDayUsual = 10;

    const int ReasonLengthMax = 500;

    /// <param name="Language">Of what it writes: en, de, fr or es. Default en.</param>
    /// <param name="PerDay">Messages to the pool on a working day, 1 to 20; default 10. While it warms up at most half of the day's budget.</param>
    /// <param name="Zone">IANA name; it writes Monday to Friday from 9:00 to 17:30 there. Default Etc/UTC.</param>
    public sealed record Input(string? Language = null, int? PerDay = null, string? Zone = null);

    /// <param name="Reason">In words; default that a person stopped it. At most 500 characters.</param>
    public sealed record Stopping(string? Reason = null);

    static readonly Problem NoMailbox = new(ProblemKind.NotFound, "mailbox.not_found", "There is no such mailbox in this workspace.");

    static readonly Problem NotJoined = new(ProblemKind.Conflict, "pool.not_joined", "The account has not agreed to take part. An owner does so on the page Conversation pool.");

    static readonly Problem NoImap = new(ProblemKind.Conflict, "pool.no_imap", "This mailbox is not looked into over IMAP, so mail of the pool could not be found in it. Add its IMAP server, or let its collection go on, and try again in a minute.");

    const string SelectConsent = "select exists (select from delivery.pool_consent where tenant_id = $1), exists (select from delivery.collection where mailbox_id = $2 and tenant_id = $1 and not is_paused)";

    const string Save = """
        insert into delivery.pool_mailbox (tenant_id, mailbox_id, is_on, reason, language, per_day, zone, changed_at)
        values ($1, $2, true, '', $3, $4, $5, $6)
        on conflict (tenant_id, mailbox_id) do update
        set is_on = true, reason = '', language = excluded.language, per_day = excluded.per_day, zone = excluded.zone, changed_at = excluded.changed_at
        """;

    const string SaveMember = """
        insert into delivery.pool_member (mailbox_id, tenant_id, language, per_day, zone)
        values ($2, $1, $3, $4, $5)
        on conflict (mailbox_id) do update
        set language = excluded.language, per_day = excluded.per_day, zone = excluded.zone
        """;

    const string SaveStop = "update delivery.pool_mailbox set is_on = false, reason = $3, changed_at = $4 where tenant_id = $1 and mailbox_id = $2 and is_on";

    public static async Task<Result<Done>> Handle(Actor actor, MailboxId id, Input input, DeliveryOptions options, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (!options.Pool.IsOn) return JoinPool.Off;
        var (language, perDay, zone) = (input.Language ?? "en", input.PerDay ?? PerDayUsual, input.Zone ?? "Etc/UTC");
        if (Fault(language, perDay, zone) is { } fault) return Problem.Invalid("pool.invalid", fault);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await Theirs(tx, actor, id, ct) is not { } mailbox) return NoMailbox;
        var (isJoined, isCollected) = await tx.One(SelectConsent, row => (row.GetBoolean(0), row.GetBoolean(1)), ct, actor.Tenant, id);
        if (!isJoined) return NotJoined;
        if (!isCollected) return NoImap;
        await tx.Execute(Save, ct, actor.Tenant, id, language, (short)perDay, zone, now);
        await tx.Execute(SaveMember, ct, actor.Tenant, id, language, (short)perDay, zone);
        await tx.Execute(LearnDomains.Note, ct, (object)new[] { mailbox.Domain });
        await tx.Append(actor, "pool.mailbox_on", id.ToString(), new { language, perDay, zone }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    public static async Task<Result<Done>> Stop(Actor actor, MailboxId id, Stopping input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        await using (var tx = await db.Begin(actor.Tenant, ct))
            if (await Theirs(tx, actor, id, ct) is null) return NoMailbox;
        await Stop(actor, id, input.Reason?.Replace("\0", "", StringComparison.Ordinal).Trim() is { Length: > 0 } said ? said[..Math.Min(said.Length, ReasonLengthMax)] : "Stopped by a person.", db, clock.GetUtcNow(), ct);
        return default(Done);
    }

    /// <summary>The stop itself, by whomever.</summary>
    internal static async Task Stop(Actor actor, MailboxId id, string reason, TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            await PoolMembers.Remove(tx, [id.Value], now, ct);
            if (await tx.Execute(SaveStop, ct, actor.Tenant, id, reason, now) == 1) await tx.Append(actor, "pool.mailbox_stopped", id.ToString(), new { reason }, now, ct);
            await tx.Commit(ct);
        }

        await PoolMembers.DropTowards(db, [id.Value], now, ct);
    }

    static FieldProblem? Fault(string language, int perDay, string zone) =>
        !Phrases.Languages.Contains(language) ? new("language", $"Conversations are written in {string.Join(", ", Phrases.Languages)}.")
        : perDay is < 1 or > PerDayMax ? new("per_day", $"Give a number from 1 to {PerDayMax}.")
        : !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _) ? new("zone", "Give a time zone such as Europe/Berlin.")
        : null;

    static async Task<SendingState?> Theirs(TenantTx tx, Actor actor, MailboxId id, CancellationToken ct) =>
        await ReadSendingState.Within(tx, [id.Value], ct) is [var mailbox] && (actor.Workspace is not { } workspace || mailbox.Workspace == workspace) ? mailbox : null;

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/sending/conversations/mailboxes/{id}/on",
            async (Actor actor, MailboxId id, Input input, DeliveryOptions options, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, options, db, clock, ct)).ToHttp());
        api.MapPost("/sending/conversations/mailboxes/{id}/stop",
            async (Actor actor, MailboxId id, Stopping input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Stop(actor, id, input, db, clock, ct)).ToHttp());
    }
}
