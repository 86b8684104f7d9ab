using Npgsql;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Routes;

/// <summary>The circuit breakers of one mailbox: towards each receiving provider, towards everybody, and those of its domain. Safe to use from all of its connections.</summary>
/// <remarks>A server of a known mailbox provider (Google, Microsoft …) speaks for itself: what it refuses closes the mailbox. Any other server passes on what the recipient's provider said.</remarks>
sealed class RouteBook(SendingState state, IReadOnlyList<RouteRow> rows)
{
    /// <summary>In place of a provider: towards everybody.</summary>
    public const string Everybody = "*";

    const string Select = """
        select scope, key, provider, state, until, connections, gap_seconds, trips, in_a_row, has_accepted, rule, reason, last_at
        from delivery.route
        where tenant_id = $1 and ((scope = 'mailbox' and key = $2) or (scope = 'domain' and key = $3))
        limit 5000
        """;

    const string Upsert = """
        insert into delivery.route (tenant_id, scope, key, provider, state, until, connections, gap_seconds, trips, in_a_row, has_accepted, rule, reason, last_at, changed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        on conflict (tenant_id, scope, key, provider) do update
        set state = excluded.state, until = excluded.until, connections = excluded.connections, gap_seconds = excluded.gap_seconds, trips = excluded.trips, in_a_row = excluded.in_a_row,
          has_accepted = excluded.has_accepted, rule = excluded.rule, reason = excluded.reason, last_at = excluded.last_at,
          changed_at = case when delivery.route.state = excluded.state then delivery.route.changed_at else excluded.changed_at end
        """;

    readonly Provider _server = Provider.Of(state.Server);
    readonly Lock _gate = new();
    readonly Dictionary<RouteKey, RouteRow> _rows = rows.ToDictionary(row => row.Key);
    readonly HashSet<RouteKey> _changed = [];

    public static async Task<RouteBook> Read(TenantTx tx, SendingState state, CancellationToken ct) =>
        new(state, await tx.List(Select, RouteRow.Read, ct, tx.Tenant, MailboxKey(state.Id), state.Domain));

    /// <summary>Why nothing goes to this provider now; null when it is open. A gap that is not over closes it too.</summary>
    public RouteFact? Closed(string provider, DateTimeOffset now)
    {
        lock (_gate)
            return Along(provider).Select(row => Fact(row, now)).OfType<RouteFact>().MaxBy(fact => fact.Until ?? DateTimeOffset.MaxValue);
    }

    /// <summary>How many connections the mailbox may have: as many as its own provider takes from it, and fewer while a provider takes mail carefully.</summary>
    public int ConnectionsMax(DateTimeOffset now)
    {
        lock (_gate)
            return _rows.Values.Select(row => row.Route.At(now, row.Profile)).Where(route => route is { MayOpen: true, State: RouteState.Slowed or RouteState.Recovering })
                .Select(route => route.Connections).Append(_server.Account?.ConnectionsMax ?? int.MaxValue).Min();
    }

    /// <summary>How many connections this provider takes at once; only meaningful while it is open.</summary>
    public int ConnectionsMax(string provider, DateTimeOffset now)
    {
        lock (_gate) return Along(provider).Select(row => row.Route.At(now, row.Profile).Connections).DefaultIfEmpty(int.MaxValue).Min();
    }

    /// <summary>What a server said of one message.</summary>
    /// <param name="provider">Of the recipient.</param>
    public void Heard(string provider, SmtpOutcome outcome, DateTimeOffset now)
    {
        if (outcome.Kind is SmtpKind.InDoubt or SmtpKind.Unsupported) return;
        lock (_gate)
        {
            if (outcome.Kind == SmtpKind.Accepted)
            {
                foreach (var row in Along(provider).ToList()) Set(row with { Route = row.Route.Accepted(now, row.Profile), LastAt = now }, row);
                return;
            }

            var speaker = _server.IsKnown ? _server : Provider.ById(provider);
            Refused(_server.IsKnown ? Everybody : provider, speaker, outcome.Code, outcome.EnhancedCode, outcome.Text, now);
        }
    }

    /// <summary>What a delivery report says that the recipient's provider said.</summary>
    public void Reported(string provider, int code, string? enhanced, string text, DateTimeOffset now)
    {
        lock (_gate) Refused(provider, Provider.ById(provider), code, enhanced, text, now);
    }

    /// <summary>Writes what changed since the last time, with whatever else the transaction does.</summary>
    public void Save(TenantTx tx, DateTimeOffset now)
    {
        lock (_gate)
        {
            foreach (var key in _changed)
            {
                var (route, last) = (_rows[key].Route, _rows[key].LastAt);
                tx.Later(Upsert, tx.Tenant, key.Scope, key.Key, key.Provider, RouteRow.Word(route.State), route.Until, (short)route.Connections, route.GapSeconds, (short)route.Trips, (short)route.InARow,
                    route.HasAccepted, route.Rule, route.Reason, last, now);
            }

            _changed.Clear();
        }
    }

    internal static string MailboxKey(MailboxId mailbox) => mailbox.Value.ToString("N");

    void Refused(string provider, Provider speaker, int code, string? enhanced, string text, DateTimeOffset now)
    {
        if (provider.Length == 0 || ReplyRule.Of(speaker.Id, code, enhanced, text) is not { } rule) return;
        RouteKey key = rule.Scope switch
        {
            BackOffScope.Route => new("mailbox", MailboxKey(state.Id), provider),
            BackOffScope.Sender => new("mailbox", MailboxKey(state.Id), Everybody),
            BackOffScope.Domain => new("domain", state.Domain, Everybody),
        };
        var row = _rows.GetValueOrDefault(key) ?? new(key, Route.New(RouteRow.ProfileOf(key)), null);
        Set(row with { Route = row.Route.Refused(rule, now, row.Profile), LastAt = now }, row);
    }

    void Set(RouteRow now, RouteRow before)
    {
        if (now == before || (before.Route.State == RouteState.Flowing && now.Route == before.Route)) return;
        _rows[now.Key] = now;
        _changed.Add(now.Key);
    }

    IEnumerable<RouteRow> Along(string provider) => _rows.Values.Where(row => row.Key.Provider == Everybody || row.Key.Provider == provider);

    static RouteFact? Fact(RouteRow row, DateTimeOffset now)
    {
        var route = row.Route.At(now, row.Profile);
        if (!route.MayOpen) return new(route.Reason, route.Until);
        var next = route.State is RouteState.Slowed or RouteState.Recovering ? row.LastAt?.AddSeconds(route.GapSeconds) : null;
        return next > now ? new(route.Reason, next) : null;
    }
}

/// <param name="Scope">mailbox or domain.</param>
/// <param name="Key">The mailbox's id without prefix, or the domain's name.</param>
/// <param name="Provider">Or <c>*</c>.</param>
sealed record RouteKey(string Scope, string Key, string Provider);

/// <param name="LastAt">When it was last used; the gap counts from there.</param>
sealed record RouteRow(RouteKey Key, Route Route, DateTimeOffset? LastAt)
{
    /// <summary>How the provider likes to be treated; of everybody, as one that is not known.</summary>
    public Provider Profile => ProfileOf(Key);

    public static Provider ProfileOf(RouteKey key) => key.Provider == RouteBook.Everybody ? Provider.Other with { Name = "every recipient" } : Provider.ById(key.Provider);

    public static RouteRow Read(NpgsqlDataReader row) => new(
        new(row.GetString(0), row.GetString(1), row.GetString(2)),
        new(State(row.GetString(3)), row.Maybe<DateTimeOffset>(4), row.GetInt16(5), row.GetInt32(6), row.GetInt16(7), row.GetInt16(8), row.GetBoolean(9), row.GetString(10), row.GetString(11)),
        row.Maybe<DateTimeOffset>(12));

    public static string Word(RouteState state) => state switch
    {
        RouteState.Flowing => "flowing",
        RouteState.Slowed => "slowed",
        RouteState.Suspended => "suspended",
        RouteState.Recovering => "recovering",
        RouteState.Stopped => "stopped",
    };

    static RouteState State(string word) => Enum.GetValues<RouteState>().First(state => Word(state) == word);
}
