using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Accounts.Limits;
using PenguinMails.Accounts.Mails;
using PenguinMails.Accounts.Passwords;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Accounts.Users;

/// <summary>Opens an account: person, tenant, workspace "Main". Answers alike whether the address is known or not; the mail tells its owner.</summary>
/// <remarks>Refuses with <c>email.invalid</c>, <c>name.invalid</c>, <c>password.*</c> or <c>attempts.too_many</c>.</remarks>
public static class SignUp
{
    /// <param name="Company">Name of the tenant; 1 to 100 characters, as the display name.</param>
    public sealed record Input(string Email, string Password, string DisplayName, string Company);

    /// <param name="Status">Always <c>mail_sent</c>.</param>
    public sealed record Output(string Status);

    static readonly DelayRule PerAddressBlock = new(10, 60, 3600);
    internal static readonly TimeSpan VerifyLifetime = TimeSpan.FromHours(24);

    public static async Task<Result<Output>> Handle(
        Input input, Origin origin, Credentials credentials, PublicWeb web, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (!EmailAddress.TryParse(input.Email, out var email, out var fault)) return Problems.EmailInvalid(fault);
        if (!Line.TryParse(input.DisplayName, Problems.NameLengthMax, out var name)) return Problems.NameInvalid("display_name");
        if (!Line.TryParse(input.Company, Problems.NameLengthMax, out var company)) return Problems.NameInvalid("company");
        if (Password.Judge(input.Password, email.Text, name, company) is { } weak) return weak;
        var now = clock.GetUtcNow();
        if (await Throttle.Enter(db, [new Counter("sign-up", origin.Block, PerAddressBlock)], now, ct) is { } tooMany) return tooMany;

        var mayMail = await MailGate.IsOpen(db, email, now, ct);
        var tenant = TypedId.New<TenantId>(now);
        await using var tx = await db.Begin(tenant, ct);
        var user = new UserAccount { Id = TypedId.New<UserId>(now), Email = email.Text, DisplayName = name, CreatedAt = now };
        var made = await credentials.In(tx).CreateAsync(user, input.Password); // Hashes first, so it takes as long for a known address.
        if (made.Succeeded)
        {
            await OpenTenant.Within(tx, user.Id, company, now, ct);
            var token = await EmailTokens.Issue(tx, "verify", user.Id, VerifyLifetime, now, ct);
            if (mayMail) await SendMail.Within(tx, email.Text, Letter.Verify(web.Link("verify-email", token)), now, ct);
        }
        else if (mayMail)
        {
            await SendMail.Within(tx, email.Text, Letter.AlreadyKnown(new Uri(web.Root, "forgot-password").ToString()), now, ct);
        }

        await tx.Commit(ct);
        return new Output("mail_sent");
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/sign-up",
        async (Input input, HttpContext http, Credentials credentials, PublicWeb web, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(input, Origin.Of(http), credentials, web, db, clock, ct)).ToHttp(done => TypedResults.Accepted((string?)null, done))).AllowAnonymous();
}
