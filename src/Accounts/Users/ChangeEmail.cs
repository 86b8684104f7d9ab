using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Accounts.Mails;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Accounts.Users;

/// <summary>Asks both addresses to confirm a change; nothing changes until both did. Says the same whether the new address is taken or not.</summary>
/// <remarks>Refuses with <c>email.invalid</c>, <c>email.same</c>, <c>password.wrong</c> or <c>attempts.too_many</c>.</remarks>
public static class ChangeEmail
{
    public sealed record Input(string CurrentPassword, string NewEmail);

    static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    public static async Task<Result<Done>> Handle(
        SignedIn person, Input input, Credentials credentials, PublicWeb web, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (!EmailAddress.TryParse(input.NewEmail, out var email, out var fault)) return Problems.EmailInvalid(fault);
        var now = clock.GetUtcNow();
        if (await Reauthentication.Check(person, input.CurrentPassword, credentials, db, now, ct) is { } refused) return refused;
        var mayMailNew = await MailGate.IsOpen(db, email, now, ct);
        await using var tx = await db.BeginUnscoped(ct);
        var users = credentials.In(tx);
        if (await users.FindByIdAsync(person.User.ToString()) is not { } user) return Problems.PasswordWrong;
        if (user.EmailNormal == email.Normal)
            return Problem.Invalid("email.same", new FieldProblem("new_email", "This is your address already."));

        await EmailTokens.Cancel(tx, user.Id, ["change_old", "change_new"], now, ct);
        var pair = Guid.CreateVersion7(now);
        var old = await EmailTokens.Issue(tx, "change_old", user.Id, Lifetime, now, ct, pair, email.Text);
        await SendMail.Within(tx, user.Email, Letter.ConfirmOldEmail(web.Link("confirm-email-change", old)), now, ct);
        if (mayMailNew) await MailNew(tx, user, email, pair, await users.FindByEmailAsync(email.Normal) is not null, web, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    static async Task MailNew(
        TenantTx tx, UserAccount user, EmailAddress email, Guid pair, bool isTaken, PublicWeb web, DateTimeOffset now, CancellationToken ct)
    {
        if (isTaken)
        {
            await SendMail.Within(tx, email.Text, Letter.AlreadyKnown(new Uri(web.Root, "forgot-password").ToString()), now, ct);
            return;
        }

        var token = await EmailTokens.Issue(tx, "change_new", user.Id, Lifetime, now, ct, pair, email.Text);
        await SendMail.Within(tx, email.Text, Letter.ConfirmNewEmail(web.Link("confirm-email-change", token)), now, ct);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/email",
        async (SignedIn person, Input input, Credentials credentials, PublicWeb web, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(person, input, credentials, web, db, clock, ct)).ToHttp()).NeedsSession();
}

/// <summary>One of the two confirmations; the second changes the address.</summary>
/// <remarks>Refuses with <c>token.invalid</c> or, when somebody took the address in between, <c>email.taken</c>.</remarks>
public static class ConfirmEmailChange
{
    public sealed record Input(string Token);

    /// <param name="IsChanged">False: the other address has yet to confirm.</param>
    public sealed record Output(bool IsChanged);

    // Both rows are held, so that two confirmations at once see each other.
    const string LockPair = """
        select purpose
        from accounts.email_token
        where pair = $1
        order by purpose
        limit 2
        for update
        """;

    const string CountConfirmed = "select count(*) from accounts.email_token where pair = $1 and used_at is not null";

    const string FindPair = "select pair::text from accounts.email_token where token_hash = $1";

    static readonly Problem Taken = new(ProblemKind.Conflict, "email.taken", "The new address belongs to another account by now.");

    public static async Task<Result<Output>> Handle(
        Input input, Origin origin, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (!Token.IsWellFormed(input.Token, EmailTokens.Prefix)) return Problems.TokenInvalid;
        var now = clock.GetUtcNow();
        await using var tx = await db.BeginUnscoped(ct);
        if (await tx.Maybe(FindPair, row => row.Text(0) ?? "", ct, Token.Hash(input.Token)) is not { Length: > 0 } found) return Problems.TokenInvalid;
        var pair = Guid.Parse(found);
        await tx.List(LockPair, row => row.GetString(0), ct, pair);
        if (await EmailTokens.Redeem(tx, input.Token, ["change_old", "change_new"], now, ct) is not { User: { } id, NewEmail: { } email }) return Problems.TokenInvalid;
        var isChanged = await tx.One(CountConfirmed, row => row.GetInt64(0), ct, pair) == 2;
        if (isChanged && !await Change(credentials, tx, id, email, origin, now, ct)) return Taken;
        await tx.Commit(ct);
        return new Output(isChanged);
    }

    static async Task<bool> Change(Credentials credentials, TenantTx tx, UserId id, string email, Origin origin, DateTimeOffset now, CancellationToken ct)
    {
        var users = credentials.In(tx);
        if (await users.FindByEmailAsync(email) is not null || await users.FindByIdAsync(id.ToString()) is not { } user) return false;
        ResetPassword.Demand(await users.SetEmailAsync(user, email));
        await VerifyEmail.Mark(tx, id, now, ct);
        await EmailTokens.Cancel(tx, id, ["reset", "verify"], now, ct);
        await LoginActivity.Record(tx, id, origin, LoginOutcome.EmailChanged, now, ct);
        return true;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/email/confirm",
        async (Input input, HttpContext http, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(input, Origin.Of(http), credentials, db, clock, ct)).ToHttp()).AllowAnonymous();
}
