using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Accounts.Mails;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Accounts.Users;

/// <summary>Confirms an address with the link that was mailed to it.</summary>
/// <remarks>Refuses with <c>token.invalid</c>.</remarks>
public static class VerifyEmail
{
    public sealed record Input(string Token);

    const string MarkVerified = "update accounts.user_account set email_verified_at = coalesce(email_verified_at, $2) where id = $1";

    public static async Task<Result<Done>> Handle(Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = await db.BeginUnscoped(ct);
        if (await EmailTokens.Redeem(tx, input.Token, ["verify"], now, ct) is not { User: { } user }) return Problems.TokenInvalid;
        await Mark(tx, user, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    /// <summary>Whoever opened a link of ours has shown that the address is theirs.</summary>
    internal static Task<int> Mark(TenantTx tx, UserId user, DateTimeOffset now, CancellationToken ct) => tx.Execute(MarkVerified, ct, user, now);

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/verify-email",
        async (Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(input, db, clock, ct)).ToHttp()).AllowAnonymous();
}

/// <summary>Mails the link again; says the same whether the address is known or not.</summary>
/// <remarks>Refuses with <c>email.invalid</c>.</remarks>
public static class ResendVerification
{
    public sealed record Input(string Email);

    public static async Task<Result<Done>> Handle(Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (!EmailAddress.TryParse(input.Email, out var email, out var fault)) return Problems.EmailInvalid(fault);
        await SendLink.Request(db, email, "verify", clock.GetUtcNow(), ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/verify-email/resend",
        async (Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(input, db, clock, ct)).ToHttp()).AllowAnonymous();
}
