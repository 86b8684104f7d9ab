using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Limits;

/// <summary>The limits that hold: those the account set, and of providers' own those that are in use.</summary>
/// <remarks>Refuses with <c>permission.missing</c>.</remarks>
public static class ListLimits
{
    /// <param name="Key">As it was set; a mailbox's id in full.</param>
    /// <param name="Name">The key, or the mailbox's address.</param>
    /// <param name="Used">Over the stretch that ends now; null for <c>*</c>, where each key has its own, and for who is confined to a workspace where other workspaces use it too.</param>
    /// <param name="Reason">Why it was set; empty for none.</param>
    /// <param name="IsDefault">Nobody set it: the provider's careful number, or what it takes from its own mailboxes.</param>
    public sealed record Line(string Scope, string Key, int WindowSeconds, int Most, long? Used, string Reason, string Name, bool IsDefault = false);

    /// <summary>All limits of an account; to who is confined to a workspace, those that can hold its mail back, less recipients' companies.</summary>
    public sealed record Lines(IReadOnlyList<Line> Items);

    const string Select = """
        select l.scope, l.key, l.window_seconds, l.most, case when l.key <> '*' or l.scope = 'account' then (
          select coalesce(sum(u.used), 0)
          from delivery.limit_use u
          where u.tenant_id = l.tenant_id and u.scope = l.scope and u.key = l.key and u.window_seconds = l.window_seconds
            and u.bucket > $2::timestamptz - make_interval(secs => l.window_seconds * 61 / 60.0)) end, l.reason
        from delivery.send_limit l
        where l.tenant_id = $1
        order by l.scope, l.key, l.window_seconds
        limit 100
        """;

    // Nobody set these; they are counted where they hold.
    const string SelectDefaults = """
        select u.scope, u.key, u.window_seconds, sum(u.used)
        from delivery.limit_use u
        where u.tenant_id = $1 and u.scope in ('domain_provider', 'mailbox') and u.used > 0 and u.bucket > $2::timestamptz - make_interval(secs => u.window_seconds * 61 / 60.0)
          and not exists (select 1 from delivery.send_limit l where l.tenant_id = $1 and l.scope = u.scope and l.window_seconds = u.window_seconds and l.key in (u.key, '*'))
        group by u.scope, u.key, u.window_seconds
        order by sum(u.used) desc, u.scope, u.key, u.window_seconds
        limit 200
        """;

    public static async Task<Result<Lines>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MessagesRead)) return Actor.Forbidden(Permissions.MessagesRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var now = clock.GetUtcNow();
        var lines = await tx.List(Select, Read, ct, actor.Tenant, now);
        lines.AddRange(await tx.List(SelectDefaults, ReadDefault, ct, actor.Tenant, now));
        if (await ConfinedSight.Of(actor, Permissions.MessagesRead, tx, ct) is { } sight) lines = [.. lines.Select(line => Seen(line, sight)).OfType<Line>()];
        Guid[] ids = [.. lines.Where(line => line is { Scope: "mailbox", Key: not "*" }).Select(line => Guid.Parse(line.Key)).Distinct()];
        var mailboxes = (await ReadSendingState.Within(tx, ids, ct)).ToDictionary(state => state.Id.Value.ToString("N"));
        return new Lines([.. lines.Select(line => line is { Scope: "mailbox", Key: not "*" } ? Named(line, mailboxes.GetValueOrDefault(line.Key)) : line).OfType<Line>()]);
    }

    static Line? Named(Line line, SendingState? mailbox)
    {
        var named = line with { Key = new MailboxId(Guid.Parse(line.Key)).ToString(), Name = mailbox?.Address ?? "a mailbox that was removed" };
        if (!line.IsDefault) return named;
        return mailbox is not null && Provider.Of(mailbox.Server).Account?.Limits.FirstOrDefault(limit => limit.Seconds == line.WindowSeconds) is { } limit ? named with { Most = limit.Count } : null;
    }

    static Line? Seen(Line line, ConfinedSight sight) => sight.Of(line.Scope, line.Key) switch
    {
        Holding.Whole => line,
        Holding.Shared => line with { Used = null },
        Holding.None => null,
    };

    static Line Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.Maybe<long>(4), row.GetString(5), row.GetString(1));

    static Line ReadDefault(NpgsqlDataReader row)
    {
        var (scope, key) = (row.GetString(0), row.GetString(1));
        return new(scope, key, row.GetInt32(2), scope == "domain_provider" ? Provider.ById(LimitPlace.Split(key).Provider).PerHourMax : 0, row.GetInt64(3), "", key, IsDefault: true);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/sending/limits",
        async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, clock, ct)).ToHttp());
}
