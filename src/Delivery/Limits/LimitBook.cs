using PenguinMails.Accounts.Limits;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Transport;
using PenguinMails.Delivery.Warmup;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Limits;

/// <summary>The limits of one account, and what was used of them. Exact under any number of workers: a limit is locked while it is read and counted.</summary>
sealed class LimitBook(LimitPlace place, IReadOnlyList<SendLimit> limits)
{
    const string PlanEntitlement = "messages.per_day";
    const int DaySeconds = 24 * 3600;

    const string Select = "select scope, key, window_seconds, most from delivery.send_limit where tenant_id = $1 limit 100";

    const string SelectWarmUps = """
        select subject, key, zone, country, careful, state, started_at, stepped_at
        from delivery.warm_up
        where tenant_id = $1 and ((subject = 'domain' and key = $2) or (subject = 'ip' and key = $3) or (subject = 'mailbox' and key = $4))
        limit 3
        """;

    const string Lock = "select delivery.lock_limits($1, $2, $3, $4)";

    const string TakeUp = "select message_id, scope, key, nullif(until, 'infinity') from delivery.take_limits($1, $2, $3, $4, $5, $6, $7, $8)";

    const string GiveBack = """
        update delivery.limit_use u
        set used = u.used - 1
        from unnest($2::text[], $3::text[], $4::integer[]) as t (scope, key, window_seconds)
        where u.tenant_id = $1 and u.scope = t.scope and u.key = t.key and u.window_seconds = t.window_seconds and u.used > 0
          and u.bucket = to_timestamp(floor(extract(epoch from $5::timestamptz) / (t.window_seconds / 60.0)) * (t.window_seconds / 60.0))
        """;

    // As delivery.take_limits counts, without the lock: what is full now.
    const string SelectFull = """
        select t.scope, t.key, t.window_seconds, min(u.bucket) + make_interval(secs => t.window_seconds * 61 / 60.0)
        from unnest($3::text[], $4::text[], $5::integer[], $6::integer[]) as t (scope, key, window_seconds, most)
        left join delivery.limit_use u
          on u.tenant_id = $1 and u.scope = t.scope and u.key = t.key and u.window_seconds = t.window_seconds and u.used > 0
          and u.bucket > $2::timestamptz - make_interval(secs => t.window_seconds * 61 / 60.0)
        group by t.scope, t.key, t.window_seconds, t.most
        having coalesce(sum(u.used), 0) >= t.most
        limit 10000
        """;

    const string SelectOfMailbox = """
        select t.window_seconds, t.most, coalesce(sum(u.used), 0), min(u.bucket) + make_interval(secs => t.window_seconds * 61 / 60.0)
        from unnest($4::integer[], $5::integer[]) as t (window_seconds, most)
        left join delivery.limit_use u
          on u.tenant_id = $1 and u.scope = 'mailbox' and u.key = $3 and u.window_seconds = t.window_seconds and u.used > 0
          and u.bucket > $2::timestamptz - make_interval(secs => t.window_seconds * 61 / 60.0)
        group by t.window_seconds, t.most
        order by t.window_seconds
        limit 100
        """;

    public bool IsEmpty => limits.Count == 0 && !place.HasDefaults;

    public static async Task<LimitBook> Read(TenantTx tx, SendingState state, CancellationToken ct)
    {
        var place = new LimitPlace(state.Domain, state.Server, state.Id.Value.ToString("N"));
        var limits = await tx.List(Select, row => new SendLimit(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3)), ct, tx.Tenant);
        if (await ReadEntitlement.Within(tx, PlanEntitlement, ct) is { } included)
            limits.Add(new(SendLimit.Plan, SendLimit.Each, DaySeconds, (int)Math.Min(int.MaxValue, included)));
        // A domain or server that warms up sends its budget in any 24 hours, whoever of its mailboxes sends.
        var warmUps = await tx.List(SelectWarmUps, KeptWarmUp.Read, ct, tx.Tenant, place.Domain, place.Server, place.Mailbox);
        foreach (var warmUp in warmUps.Where(one => one.Subject != "mailbox"))
            limits.Add(new(warmUp.Subject == "domain" ? "domain" : "server", warmUp.Key, DaySeconds, warmUp.State.Budget));
        return new(place with { IsNew = warmUps.Exists(one => one.State.Phase != WarmUpPhase.Warm) }, limits);
    }

    /// <summary>The limits without room, for each message that has one. Reads only: the gate counts.</summary>
    public async Task<Dictionary<MessageKey, LimitFact>> Full(TenantTx tx, IReadOnlyList<MessageKey> messages, DateTimeOffset now, CancellationToken ct)
    {
        if (IsEmpty || messages.Count == 0) return [];
        var uses = messages.ToDictionary(m => m, m => place.Uses(limits, m.Address, m.Provider).Where(use => use.Scope != "mailbox").ToArray()); // That one the lane asks about as a whole.
        var asked = uses.Values.SelectMany(u => u).Distinct().ToArray();
        if (asked.Length == 0) return [];
        var full = await tx.List(SelectFull, row => (Scope: row.GetString(0), Key: row.GetString(1), Window: row.GetInt32(2), Until: row.Maybe<DateTimeOffset>(3)), ct,
            tx.Tenant, now, Scopes(asked), Keys(asked), Windows(asked), asked.Select(u => u.Most).ToArray());
        var found = full.ToDictionary(f => (f.Scope, f.Key, f.Window), f => new LimitFact(f.Scope, f.Key, f.Until));
        var longest = new Dictionary<MessageKey, LimitFact>();
        foreach (var (message, counts) in uses)
            if (counts.Select(u => found.GetValueOrDefault((u.Scope, u.Key, u.WindowSeconds)) is { } one ? one with { Of = u } : null).OfType<LimitFact>().MaxBy(f => f.Until ?? DateTimeOffset.MaxValue) is { } fact) longest[message] = fact;
        return longest;
    }

    /// <summary>What the plan includes when it is used up; null while it is not, or when the plan sets no limit.</summary>
    public async Task<LimitFact?> PlanUsed(TenantTx tx, DateTimeOffset now, CancellationToken ct)
    {
        var plan = limits.Where(limit => limit.Scope == SendLimit.Plan).Select(limit => new LimitUse(limit.Scope, limit.Key, limit.WindowSeconds, limit.Most)).ToArray();
        if (plan.Length == 0) return null;
        var full = await tx.List(SelectFull, row => new LimitFact(row.GetString(0), row.GetString(1), row.Maybe<DateTimeOffset>(3)), ct,
            tx.Tenant, now, Scopes(plan), Keys(plan), Windows(plan), plan.Select(u => u.Most).ToArray());
        return full.Count > 0 ? full[0] : null;
    }

    /// <summary>How many messages the limits of the mailbox leave it now, and which one leaves none.</summary>
    public async Task<(long Room, LimitFact? Full)> OfMailbox(TenantTx tx, DateTimeOffset now, CancellationToken ct)
    {
        var uses = place.Uses(limits, "", "").Where(use => use.Scope == "mailbox").ToArray();
        if (uses.Length == 0) return (long.MaxValue, null);
        var rows = await tx.List(SelectOfMailbox, row => (Window: row.GetInt32(0), Room: row.GetInt32(1) - row.GetInt64(2), Until: row.Maybe<DateTimeOffset>(3)), ct,
            tx.Tenant, now, place.Mailbox, Windows(uses), uses.Select(u => u.Most).ToArray());
        var full = rows.Where(row => row.Room <= 0).OrderByDescending(row => row.Until ?? DateTimeOffset.MaxValue).ToList();
        return (rows.Min(row => row.Room), full is [var longest, ..] ? new("mailbox", place.Mailbox, longest.Until) { Of = uses.First(use => use.WindowSeconds == longest.Window) } : null);
    }

    /// <summary>Before anything else in a transaction that counts: nobody holds a lane's row while waiting for a limit.</summary>
    public async Task LockAll(TenantTx tx, IEnumerable<Claimed> messages, CancellationToken ct)
    {
        var uses = messages.SelectMany(Uses).Distinct().ToArray();
        if (uses.Length > 0) await tx.Execute(Lock, ct, tx.Tenant, Scopes(uses), Keys(uses), Windows(uses));
    }

    /// <summary>Counts the messages in the order given, as far as there is room.</summary>
    /// <returns>Those without room.</returns>
    public async Task<Dictionary<Guid, LimitFact>> Take(TenantTx tx, IReadOnlyList<Claimed> messages, DateTimeOffset now, CancellationToken ct)
    {
        var uses = messages.SelectMany((message, i) => Uses(message).Select(use => (Of: i + 1, Use: use))).ToArray();
        if (uses.Length == 0) return [];
        var all = uses.Select(u => u.Use).ToArray();
        var refused = await tx.List(TakeUp, row => (Id: row.GetGuid(0), Fact: new LimitFact(row.GetString(1), row.GetString(2), row.Maybe<DateTimeOffset>(3))), ct,
            tx.Tenant, now, messages.Select(m => m.Id.Value).ToArray(), uses.Select(u => u.Of).ToArray(), Scopes(all), Keys(all), Windows(all), all.Select(u => u.Most).ToArray());
        return refused.ToDictionary(r => r.Id, r => r.Fact);
    }

    /// <summary>Counted and not begun: the place is free again.</summary>
    public async Task Return(TenantTx tx, IEnumerable<(Claimed Message, DateTimeOffset At)> messages, CancellationToken ct)
    {
        foreach (var (message, at) in messages)
            if (Uses(message) is { Length: > 0 } uses) await tx.Execute(GiveBack, ct, tx.Tenant, Scopes(uses), Keys(uses), Windows(uses), at);
    }

    LimitUse[] Uses(Claimed message) => place.Uses(limits, message.Address, message.Provider);

    static string[] Scopes(LimitUse[] uses) => [.. uses.Select(u => u.Scope)];

    static string[] Keys(LimitUse[] uses) => [.. uses.Select(u => u.Key)];

    static int[] Windows(LimitUse[] uses) => [.. uses.Select(u => u.WindowSeconds)];
}

/// <summary>What decides which limits a message counts for.</summary>
sealed record MessageKey(string Address, string Provider);
