using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Sessions;

/// <summary>The person's open sessions, newest first; at most 200.</summary>
public static class ListSessions
{
    /// <param name="IsCurrent">The one that asks.</param>
    public sealed record Session(SessionId Id, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, string Ip, string UserAgent, bool IsCurrent);

    public sealed record Output(IReadOnlyList<Session> Items);

    const string Select = """
        select id, created_at, last_seen_at, ip, user_agent, id = $2
        from accounts.session
        where user_id = $1 and revoked_at is null and idle_until > $3 and absolute_until > $3
        order by id desc
        limit 200
        """;

    public static async Task<Result<Output>> Handle(SignedIn person, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        return new Output(await tx.List(Select, row => new Session(new(row.GetGuid(0)), row.GetFieldValue<DateTimeOffset>(1),
            row.GetFieldValue<DateTimeOffset>(2), row.GetString(3), row.GetString(4), row.GetBoolean(5)), ct, person.User, person.Session, clock.GetUtcNow()));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/sessions",
        async (SignedIn person, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(person, db, clock, ct)).ToHttp()).NeedsSession();
}

/// <summary>Ends one of the person's sessions, such as that of a lost phone.</summary>
/// <remarks>Refuses with <c>session.not_found</c>, also for a session of somebody else.</remarks>
public static class RevokeSession
{
    static readonly Problem Unknown = new(ProblemKind.NotFound, "session.not_found", "There is no such open session of yours.");

    public static async Task<Result<Done>> Handle(SignedIn person, SessionId id, Origin origin, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = await db.BeginUnscoped(ct);
        if (!await SessionRows.End(tx, person.User, id, now, ct)) return Unknown;
        await LoginActivity.Record(tx, person.User, origin, LoginOutcome.SessionRevoked, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapDelete("/sessions/{id}",
        async (SignedIn person, SessionId id, HttpContext http, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(person, id, Origin.Of(http), db, clock, ct)).ToHttp()).NeedsSession();
}

/// <summary>What happened to the person's log-in within a year, newest first.</summary>
/// <remarks>Refuses with <c>cursor.invalid</c>.</remarks>
public static class ListLoginActivity
{
    const string Select = """
        select id, at, ip, user_agent, outcome
        from accounts.login_activity
        where user_id = $1 and ($2::uuid is null or id < $2)
        order by id desc
        limit $3
        """;

    public static async Task<Result<Page<LoginActivity>>> Handle(SignedIn person, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (!Cursor.TryDecodeId(cursor, out var before)) return Cursor.Broken;
        var count = Cursor.Limit(limit);
        await using var tx = await db.BeginUnscoped(ct);
        var rows = await tx.List(Select, LoginActivity.Read, ct, person.User, before, count + 1);
        return Page<LoginActivity>.Of(rows, count, row => row.Id.ToString("N"));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/login-activity",
        async (SignedIn person, string? cursor, int? limit, TenantDb db, CancellationToken ct) =>
            (await Handle(person, cursor, limit, db, ct)).ToHttp()).NeedsSession();
}
