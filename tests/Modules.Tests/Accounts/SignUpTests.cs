using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Users;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Modules.Tests.Accounts;

[Collection(nameof(AccountsWorld))]
public sealed class SignUpTests(AccountsWorld world)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_signs_up_verifies_logs_in_and_logs_out()
    {
        var email = AccountsWorld.NewEmail();
        Assert.Equal("mail_sent", (await world.SignUp(email)).Value.Status);
        Assert.Equal("login.unverified", (await world.LogIn(email)).Problem?.Code);
        Assert.True((await VerifyEmail.Handle(new(await world.MailedToken(email)), world.Db, world.Clock, Ct)).IsOk);

        var session = (await world.LogIn(email)).Value;
        var person = (await world.Resolver.FromSession(session.Token, null, Ct)).Value;
        Assert.Equal(Permissions.All.Order(), person.Actor!.Permissions.Order());
        Assert.NotNull(person.Actor.Workspace);
        Assert.Equal(person.User.ToString(), person.Actor.Label);

        Assert.True((await LogOut.Handle(person, AccountsWorld.Home, world.Db, world.Clock, Ct)).IsOk);
        Assert.Equal("auth.invalid", (await world.Resolver.FromSession(session.Token, null, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_known_address_gets_the_same_answer_and_another_mail()
    {
        var email = AccountsWorld.NewEmail();
        var first = await world.SignUp(email);
        var link = Assert.Single(await world.Mails(), mail => mail.To == email).Text;
        var second = await world.SignUp(email.ToUpperInvariant(), "quartz-lantern-47-Meadow");
        Assert.Equal(first.Value, second.Value);
        Assert.Contains("has one already", Assert.Single(await world.Mails()).Text);
        Assert.True((await VerifyEmail.Handle(new(AccountsWorld.TokenIn(link)), world.Db, world.Clock, Ct)).IsOk);
        Assert.Equal("login.failed", (await world.LogIn(email, "quartz-lantern-47-Meadow")).Problem?.Code);
        Assert.True((await world.LogIn(email)).IsOk);
    }

    [Fact]
    public async Task Unknown_address_and_wrong_password_get_the_same_answer()
    {
        var person = await world.Person();
        var wrong = await world.LogIn(person.Email, "wrong-password-1");
        var unknown = await world.LogIn(AccountsWorld.NewEmail(), "wrong-password-1");
        Assert.Equal(("login.failed", wrong.Problem), (unknown.Problem?.Code, unknown.Problem));
    }

    [Fact]
    public async Task A_link_works_once_and_only_within_its_day()
    {
        var email = AccountsWorld.NewEmail();
        await world.SignUp(email);
        var token = await world.MailedToken(email);
        Assert.True((await VerifyEmail.Handle(new(token), world.Db, world.Clock, Ct)).IsOk);
        Assert.Equal("token.invalid", (await VerifyEmail.Handle(new(token), world.Db, world.Clock, Ct)).Problem?.Code);

        var late = AccountsWorld.NewEmail();
        await world.SignUp(late);
        var lateToken = await world.MailedToken(late);
        world.Clock.Advance(TimeSpan.FromHours(24));
        Assert.Equal("token.invalid", (await VerifyEmail.Handle(new(lateToken), world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.True((await ResendVerification.Handle(new(late), world.Db, world.Clock, Ct)).IsOk);
        var again = await world.MailedToken(late);
        world.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.True((await VerifyEmail.Handle(new(again), world.Db, world.Clock, Ct)).IsOk);
    }

    [Fact]
    public async Task Unknown_addresses_may_ask_for_links_and_get_no_mail()
    {
        Assert.True((await ResendVerification.Handle(new(AccountsWorld.NewEmail()), world.Db, world.Clock, Ct)).IsOk);
        Assert.True((await RequestPasswordReset.Handle(new(AccountsWorld.NewEmail()), world.Db, world.Clock, Ct)).IsOk);
        Assert.Empty(await world.Mails());
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("a@b\r\nBcc: c@d.example")]
    [InlineData("nul\0@example.com")]
    [InlineData("")]
    public async Task An_absurd_address_is_refused(string email)
    {
        Assert.Equal("email.invalid", (await world.SignUp(email)).Problem?.Code);
        Assert.Equal("login.failed", (await world.LogIn(email)).Problem?.Code);
        Assert.Equal("email.invalid", (await RequestPasswordReset.Handle(new(email), world.Db, world.Clock, Ct)).Problem?.Code);
    }

    [Theory]
    [InlineData("An\0na")]
    [InlineData("")]
    [InlineData("two\nlines")]
    public async Task An_absurd_name_is_refused(string name)
    {
        var input = new SignUp.Input(AccountsWorld.NewEmail(), AccountsWorld.Password, name, "Company");
        var refused = await SignUp.Handle(input, AccountsWorld.NewPlace(), world.Credentials, world.Web, world.Db, world.Clock, Ct);
        Assert.Equal("name.invalid", refused.Problem?.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("pm_link_")]
    [InlineData("pm_link_0000000000000000000000000000000000000000\0\0\0")]
    [InlineData("pm_link_0000000000000000000000000000000000000000000")]
    public async Task An_absurd_token_is_refused(string token)
    {
        Assert.Equal("token.invalid", (await VerifyEmail.Handle(new(token), world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("token.invalid", (await ResetPassword.Handle(new(token, AccountsWorld.Password), AccountsWorld.Home, world.Credentials, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("token.invalid", (await ConfirmEmailChange.Handle(new(token), AccountsWorld.Home, world.Credentials, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("auth.invalid", (await world.Resolver.FromSession(token, null, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task The_first_administrator_claims_the_installation_once()
    {
        var folder = Path.Combine(Path.GetTempPath(), "penguin-claim-" + Environment.ProcessId);
        await using (var cluster = await PrivateCluster.Start(folder, durable: false, TimeProvider.System, Ct))
        {
            await using var owner = cluster.Database.OpenAsOwner();
            await using var app = cluster.Database.Open();
            await Migrator.Apply(owner, [.. AllModules.List.SelectMany(m => Migrator.From(m.Assembly))], TimeProvider.System, Ct);
            await using var fresh = new AccountsWorld(new TenantDb(app, new(), new()));
            var older = await ClaimLink.Ensure(fresh.Db, fresh.Clock, Ct);
            var token = await ClaimLink.Ensure(fresh.Db, fresh.Clock, Ct);
            Assert.Equal("token.invalid", (await Claim(fresh, older)).Problem?.Code);
            Assert.Equal("password.weak", (await Claim(fresh, token, "penguinmails1")).Problem?.Code);
            var made = (await Claim(fresh, token)).Value;
            Assert.Equal("token.invalid", (await Claim(fresh, token)).Problem?.Code);
            Assert.Null(await ClaimLink.Ensure(fresh.Db, fresh.Clock, Ct));
            var person = await fresh.Enter("admin@example.com");
            Assert.Equal((made.UserId, made.TenantId, (WorkspaceId?)made.WorkspaceId), (person.User, person.Actor!.Tenant, person.Actor.Workspace));
        }

        Directory.Delete(folder, recursive: true);
    }

    static Task<Result<ClaimInstallation.Output>> Claim(AccountsWorld fresh, string? token, string password = AccountsWorld.Password) =>
        ClaimInstallation.Handle(new(token ?? "", "admin@example.com", password, "Admin", "Harbour"), fresh.Credentials, fresh.Db, fresh.Clock, Ct);
}
