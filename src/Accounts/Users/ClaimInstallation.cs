using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Accounts.Passwords;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Accounts.Users;

/// <summary>The token with which the first administrator takes over a fresh installation.</summary>
public static class ClaimLink
{
    static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    internal const string AnyUser = "select count(*) from (select 1 from accounts.user_account limit 1) as hit";

    // One claim at a time: taken before looking whether anybody is here.
    internal const string Lock = "select pg_advisory_xact_lock(7302241)";

    const string WithdrawOlder = "delete from accounts.email_token where purpose = 'claim'";

    /// <summary>Null when somebody has an account already. Otherwise a new token, shown this once; older ones end.</summary>
    /// <returns>For <see cref="PublicWeb.Link"/> with the page <c>claim</c>; 7 days.</returns>
    public static async Task<string?> Ensure(TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        await tx.Execute(Lock, ct);
        if (await tx.One(AnyUser, row => row.GetInt64(0), ct) > 0) return null;
        await tx.Execute(WithdrawOlder, ct);
        var token = await EmailTokens.Issue(tx, "claim", null, Lifetime, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return token;
    }
}

/// <summary>Makes the first person of an installation, verified, with a tenant of their own.</summary>
/// <remarks>Refuses with <c>token.invalid</c>, <c>claim.closed</c>, <c>email.invalid</c>, <c>name.invalid</c> or <c>password.*</c>.</remarks>
public static class ClaimInstallation
{
    public sealed record Input(string Token, string Email, string Password, string DisplayName, string Company);

    public sealed record Output(UserId UserId, TenantId TenantId, WorkspaceId WorkspaceId);

    static readonly Problem Closed = new(ProblemKind.Gone, "claim.closed", "This installation has its first account already. Log in, or ask whoever runs it for an invitation.");

    public static async Task<Result<Output>> Handle(Input input, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (!EmailAddress.TryParse(input.Email, out var email, out var fault)) return Problems.EmailInvalid(fault);
        if (!Line.TryParse(input.DisplayName, Problems.NameLengthMax, out var name)) return Problems.NameInvalid("display_name");
        if (!Line.TryParse(input.Company, Problems.NameLengthMax, out var company)) return Problems.NameInvalid("company");
        if (Password.Judge(input.Password, email.Text, name, company) is { } weak) return weak;
        var now = clock.GetUtcNow();
        var tenant = TypedId.New<TenantId>(now);
        await using var tx = await db.Begin(tenant, ct);
        await tx.Execute(ClaimLink.Lock, ct);
        if (await EmailTokens.Redeem(tx, input.Token, ["claim"], now, ct) is null) return Problems.TokenInvalid;
        if (await tx.One(ClaimLink.AnyUser, row => row.GetInt64(0), ct) > 0) return Closed;
        var user = new UserAccount { Id = TypedId.New<UserId>(now), Email = email.Text, DisplayName = name, EmailVerifiedAt = now, CreatedAt = now };
        ResetPassword.Demand(await credentials.In(tx).CreateAsync(user, input.Password));
        var workspace = await OpenTenant.Within(tx, user.Id, company, now, ct);
        await tx.Commit(ct);
        return new Output(user.Id, tenant, workspace);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/claim",
        async (Input input, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(input, credentials, db, clock, ct)).ToHttp(made => TypedResults.Created((string?)null, made))).AllowAnonymous();
}
