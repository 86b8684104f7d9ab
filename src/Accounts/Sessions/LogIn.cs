using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Accounts.Limits;
using PenguinMails.Accounts.Passwords;
using PenguinMails.Accounts.Users;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Accounts.Sessions;

/// <summary>Checks a password and opens a session. Takes as long for unknown addresses as for known ones.</summary>
/// <remarks>Refuses with <c>login.failed</c>, <c>login.unverified</c>, <c>login.locked</c> or <c>attempts.too_many</c>, the latter with the
/// seconds to wait. Wrong passwords delay the place they come from (5th: 30 s, doubling to 15 min). Many from many places slow down
/// unknown places by up to a minute; a place or device where this person logged in before keeps its own count, so nobody can lock them out.</remarks>
public static class LogIn
{
    public sealed record Input(string Email, string Password);

    /// <param name="Token">For <c>Authorization: Bearer</c> or the session cookie; 14 days idle, 90 days at most.</param>
    /// <param name="Device">For the cookie <see cref="Origin.DeviceCookie"/>.</param>
    public sealed record Output(string Token, string Device, DateTimeOffset ExpiresAt);

    static readonly DelayRule FromOnePlace = new(4, 30, 900);
    static readonly DelayRule FromUnknownPlaces = new(20, 1, 60);
    static readonly DelayRule AtManyAccounts = new(50, 10, 900);
    static readonly TimeSpan KnownFor = TimeSpan.FromDays(90);

    static readonly Problem Failed = new(ProblemKind.Unauthenticated, "login.failed", "Address and password do not match.");
    static readonly Problem Unverified = new(ProblemKind.Forbidden, "login.unverified", "Open the link in the mail we sent to confirm your address, or ask for a new one.");
    static readonly Problem Locked = new(ProblemKind.Forbidden, "login.locked", "This account is locked. Ask whoever runs this installation.");

    // Reads index login_activity_user.
    const string KnownPlace = """
        select count(*)
        from (
          select 1
          from accounts.login_activity
          where user_id = $1 and ip = $2 and outcome = 'signed_in' and at > $3
          limit 1) as hit
        """;

    public static async Task<Result<Output>> Handle(
        Input input, Origin origin, Credentials credentials, KnownDevice devices, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (!EmailAddress.TryParse(input.Email, out var email, out _) || Password.Check(input.Password) is not null) return Failed;
        var now = clock.GetUtcNow();
        var (user, isKnownPlace) = await Find(email, origin, credentials, db, now, ct);
        var device = user is null ? null : devices.Name(user.Id, origin.Device);
        var own = new Counter("login/" + email.Normal, device ?? origin.Block, FromOnePlace);
        Counter[] shared = device is not null || isKnownPlace
            ? []
            : [new("login/" + email.Normal, "unknown", FromUnknownPlaces), new("login", origin.Block, AtManyAccounts)];
        if (await Throttle.Enter(db, [own, .. shared], now, ct) is { } tooMany) return tooMany;

        var verdict = credentials.Verify(user, input.Password);
        await using var tx = await db.BeginUnscoped(ct);
        if (user is null || verdict == PasswordVerificationResult.Failed)
        {
            if (user is not null) await LoginActivity.Record(tx, user.Id, origin, LoginOutcome.WrongPassword, now, ct);
            await tx.Commit(ct);
            return Failed;
        }

        await Throttle.Clear(tx, [own], ct);
        await Throttle.TakeBack(tx, shared, now, ct);
        if (verdict == PasswordVerificationResult.SuccessRehashNeeded) await Renew(credentials, tx, user, input.Password);
        var barred = user.LockoutEnd > now ? Locked : user.EmailVerifiedAt is null ? Unverified : null;
        var token = barred is null ? await SessionRows.Open(tx, user.Id, origin, now, ct) : "";
        await LoginActivity.Record(tx, user.Id, origin, Outcome(barred), now, ct);
        await tx.Commit(ct);
        return barred is null ? new Output(token, devices.New(user.Id), now + SessionRows.Absolute) : barred;
    }

    static async Task<(UserAccount? User, bool IsKnownPlace)> Find(
        EmailAddress email, Origin origin, Credentials credentials, TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        var user = await credentials.In(tx).FindByEmailAsync(email.Normal);
        var seen = await tx.One(KnownPlace, row => row.GetInt64(0), ct, user?.Id ?? default, origin.Ip, now - KnownFor);
        return (user, origin.Ip.Length > 0 && seen > 0);
    }

    static async Task Renew(Credentials credentials, TenantTx tx, UserAccount user, string password)
    {
        user.PasswordHash = credentials.Hash(user, password);
        await credentials.In(tx).UpdateAsync(user); // A loser against a change at the same time keeps the older hash.
    }

    static LoginOutcome Outcome(Problem? barred) =>
        barred is null ? LoginOutcome.SignedIn : barred == Locked ? LoginOutcome.Locked : LoginOutcome.Unverified;

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/log-in",
        async (Input input, HttpContext http, Credentials credentials, KnownDevice devices, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(input, Origin.Of(http), credentials, devices, db, clock, ct)).ToHttp()).AllowAnonymous();
}

/// <summary>Ends the session it is called with.</summary>
public static class LogOut
{
    public static async Task<Result<Done>> Handle(SignedIn person, Origin origin, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = await db.BeginUnscoped(ct);
        await SessionRows.End(tx, person.User, person.Session, now, ct);
        await LoginActivity.Record(tx, person.User, origin, LoginOutcome.SignedOut, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/log-out",
        async (SignedIn person, HttpContext http, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(person, Origin.Of(http), db, clock, ct)).ToHttp()).NeedsSession();
}
