using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Accounts.Mails;
using PenguinMails.Accounts.Passwords;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Accounts.Users;

/// <summary>Mails a link for a new password; says the same whether the address is known or not.</summary>
/// <remarks>Refuses with <c>email.invalid</c>.</remarks>
public static class RequestPasswordReset
{
    public sealed record Input(string Email);

    public static async Task<Result<Done>> Handle(Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (!EmailAddress.TryParse(input.Email, out var email, out var fault)) return Problems.EmailInvalid(fault);
        await SendLink.Request(db, email, "reset", clock.GetUtcNow(), ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/password/request-reset",
        async (Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(input, db, clock, ct)).ToHttp()).AllowAnonymous();
}

/// <summary>Sets a new password with a mailed link and logs out every device.</summary>
/// <remarks>Refuses with <c>token.invalid</c> or <c>password.*</c>; a weak password leaves the link usable.</remarks>
public static class ResetPassword
{
    public sealed record Input(string Token, string Password);

    public static async Task<Result<Done>> Handle(
        Input input, Origin origin, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (Password.Check(input.Password) is { } malformed) return malformed;
        var now = clock.GetUtcNow();
        await using var tx = await db.BeginUnscoped(ct);
        if (await EmailTokens.Redeem(tx, input.Token, ["reset"], now, ct) is not { User: { } id }) return Problems.TokenInvalid;
        var users = credentials.In(tx);
        if (await users.FindByIdAsync(id.ToString()) is not { } user) return Problems.TokenInvalid;
        if (Password.Judge(input.Password, user.Email, user.DisplayName) is { } weak) return weak;

        user.EmailVerifiedAt ??= now;
        Demand(await users.RemovePasswordAsync(user));
        Demand(await users.AddPasswordAsync(user, input.Password));
        await SessionRows.EndAll(tx, id, null, now, ct);
        await EmailTokens.Cancel(tx, id, ["reset", "change_old", "change_new"], now, ct);
        await LoginActivity.Record(tx, id, origin, LoginOutcome.PasswordReset, now, ct);
        await SendMail.Within(tx, user.Email, Letter.PasswordChanged(), now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    // Two changes of one person at the same moment: the later one dies with its request.
    internal static void Demand(Microsoft.AspNetCore.Identity.IdentityResult result)
    {
        if (!result.Succeeded) throw new InvalidOperationException("The account was changed at the same time: " + string.Join(", ", result.Errors.Select(error => error.Code)));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/password/reset",
        async (Input input, HttpContext http, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(input, Origin.Of(http), credentials, db, clock, ct)).ToHttp()).AllowAnonymous();
}

/// <summary>Changes the password of who knows the current one; other devices are logged out.</summary>
/// <remarks>Refuses with <c>password.wrong</c>, <c>password.*</c> or <c>attempts.too_many</c>.</remarks>
public static class ChangePassword
{
    public sealed record Input(string CurrentPassword, string NewPassword);

    public static async Task<Result<Done>> Handle(
        SignedIn person, Input input, Origin origin, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (Password.Judge(input.NewPassword, person.Email, person.DisplayName) is { } weak) return weak;
        var now = clock.GetUtcNow();
        if (await Reauthentication.Check(person, input.CurrentPassword, credentials, db, now, ct) is { } refused) return refused;
        await using var tx = await db.BeginUnscoped(ct);
        var users = credentials.In(tx);
        if (await users.FindByIdAsync(person.User.ToString()) is not { } user) return Problems.PasswordWrong;
        if (!(await users.ChangePasswordAsync(user, input.CurrentPassword, input.NewPassword)).Succeeded) return Problems.PasswordWrong;
        await SessionRows.EndAll(tx, person.User, person.Session, now, ct);
        await EmailTokens.Cancel(tx, person.User, ["reset", "change_old", "change_new"], now, ct);
        await LoginActivity.Record(tx, person.User, origin, LoginOutcome.PasswordChanged, now, ct);
        await SendMail.Within(tx, user.Email, Letter.PasswordChanged(), now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/password",
        async (SignedIn person, Input input, HttpContext http, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(person, input, Origin.Of(http), credentials, db, clock, ct)).ToHttp()).NeedsSession();
}
