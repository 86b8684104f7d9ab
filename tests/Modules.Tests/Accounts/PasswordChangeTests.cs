using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Users;
using PenguinMails.Core;

namespace PenguinMails.Modules.Tests.Accounts;

[Collection(nameof(AccountsWorld))]
public sealed class PasswordChangeTests(AccountsWorld world)
{
    const string Next = "quartz-lantern-47-Meadow";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reset_logs_out_every_device_and_works_once()
    {
        var person = await world.Person();
        var token = (await world.LogIn(person.Email)).Value.Token;
        Assert.True((await RequestPasswordReset.Handle(new(person.Email), world.Db, world.Clock, Ct)).IsOk);
        var link = await world.MailedToken(person.Email);
        Assert.Equal("password.common", (await Reset(link, "password123")).Problem?.Code);
        Assert.True((await Reset(link, Next)).IsOk);
        Assert.Equal("auth.invalid", (await world.Resolver.FromSession(token, null, Ct)).Problem?.Code);
        Assert.Equal("token.invalid", (await Reset(link, Next)).Problem?.Code);
        Assert.Equal("login.failed", (await world.LogIn(person.Email)).Problem?.Code);
        Assert.True((await world.LogIn(person.Email, Next)).IsOk);
        Assert.Contains("was changed", Assert.Single(await world.Mails(), mail => mail.To == person.Email).Text);
    }

    [Fact]
    public async Task A_reset_link_lives_an_hour_and_a_newer_one_ends_it()
    {
        var person = await world.Person();
        await RequestPasswordReset.Handle(new(person.Email), world.Db, world.Clock, Ct);
        var first = await world.MailedToken(person.Email);
        await RequestPasswordReset.Handle(new(person.Email), world.Db, world.Clock, Ct);
        var second = await world.MailedToken(person.Email);
        Assert.Equal("token.invalid", (await Reset(first, Next)).Problem?.Code);
        world.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("token.invalid", (await Reset(second, Next)).Problem?.Code);
    }

    [Fact]
    public async Task Who_took_somebody_elses_address_loses_it_at_the_owners_reset()
    {
        var email = AccountsWorld.NewEmail();
        await world.SignUp(email, "squatter-picked-this-61");
        await world.Mails();
        await RequestPasswordReset.Handle(new(email), world.Db, world.Clock, Ct);
        Assert.True((await Reset(await world.MailedToken(email), Next)).IsOk);
        Assert.Equal("login.failed", (await world.LogIn(email, "squatter-picked-this-61")).Problem?.Code);
        Assert.True((await world.LogIn(email, Next)).IsOk);
    }

    [Fact]
    public async Task Changing_the_password_needs_the_current_one_and_logs_out_other_devices()
    {
        var email = AccountsWorld.NewEmail();
        var person = await world.Person(email);
        var other = (await world.LogIn(email)).Value.Token;
        Assert.Equal("password.wrong", (await Change(person, "wrong-password-1", Next)).Problem?.Code);
        Assert.Equal("password.too_short", (await Change(person, AccountsWorld.Password, "a")).Problem?.Code);
        Assert.True((await Change(person, AccountsWorld.Password, Next)).IsOk);
        Assert.Equal("auth.invalid", (await world.Resolver.FromSession(other, null, Ct)).Problem?.Code);
        Assert.Equal(person.Session, (await ListSessions.Handle(person, world.Db, world.Clock, Ct)).Value.Items.Single().Id);
        Assert.True((await world.LogIn(email, Next)).IsOk);
    }

    [Fact]
    public async Task A_thief_of_a_session_cannot_guess_the_password_at_will()
    {
        var person = await world.Person();
        for (var i = 0; i < 5; i++) Assert.Equal("password.wrong", (await Change(person, "wrong-password-1", Next)).Problem?.Code);
        Assert.Equal("attempts.too_many", (await Change(person, AccountsWorld.Password, Next)).Problem?.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_address_changes_when_both_addresses_confirmed_in_either_order(bool oldFirst)
    {
        var (before, after) = (AccountsWorld.NewEmail(), AccountsWorld.NewEmail());
        var person = await world.Person(before);
        Assert.True((await ChangeTo(person, after)).IsOk);
        var mails = await world.Mails();
        string[] links = [AccountsWorld.TokenIn(mails.Single(mail => mail.To == before).Text), AccountsWorld.TokenIn(mails.Single(mail => mail.To == after).Text)];
        if (!oldFirst) Array.Reverse(links);

        Assert.False((await Confirm(links[0])).Value.IsChanged);
        Assert.Equal("token.invalid", (await Confirm(links[0])).Problem?.Code);
        Assert.True((await world.LogIn(before)).IsOk);
        Assert.True((await Confirm(links[1])).Value.IsChanged);
        Assert.Equal("login.failed", (await world.LogIn(before)).Problem?.Code);
        Assert.True((await world.LogIn(after)).IsOk);
    }

    [Fact]
    public async Task A_taken_address_gets_the_same_answer_and_no_link()
    {
        var (person, owner) = (await world.Person(), await world.Person());
        Assert.Equal("password.wrong", (await ChangeEmail.Handle(person, new("wrong-password-1", owner.Email), world.Credentials, world.Web, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.True((await ChangeTo(person, owner.Email)).IsOk);
        var mails = await world.Mails();
        Assert.Contains("has one already", mails.Single(mail => mail.To == owner.Email).Text);
        Assert.False((await Confirm(AccountsWorld.TokenIn(mails.Single(mail => mail.To == person.Email).Text))).Value.IsChanged);
        Assert.Equal("email.same", (await ChangeTo(person, person.Email.ToUpperInvariant())).Problem?.Code);
    }

    [Fact]
    public async Task An_address_taken_before_the_last_confirmation_is_refused()
    {
        var (before, after) = (AccountsWorld.NewEmail(), AccountsWorld.NewEmail());
        var person = await world.Person(before);
        await ChangeTo(person, after);
        var mails = await world.Mails();
        Assert.True((await world.SignUp(after)).IsOk);
        Assert.True((await Confirm(AccountsWorld.TokenIn(mails.Single(mail => mail.To == before).Text))).IsOk);
        Assert.Equal("email.taken", (await Confirm(AccountsWorld.TokenIn(mails.Single(mail => mail.To == after).Text))).Problem?.Code);
        Assert.True((await world.LogIn(before)).IsOk);
    }

    Task<Result<Done>> Reset(string token, string password) =>
        ResetPassword.Handle(new(token, password), AccountsWorld.Home, world.Credentials, world.Db, world.Clock, Ct);

    Task<Result<Done>> Change(SignedIn person, string current, string next) =>
        ChangePassword.Handle(person, new(current, next), AccountsWorld.Home, world.Credentials, world.Db, world.Clock, Ct);

    Task<Result<Done>> ChangeTo(SignedIn person, string email) =>
        ChangeEmail.Handle(person, new(AccountsWorld.Password, email), world.Credentials, world.Web, world.Db, world.Clock, Ct);

    Task<Result<ConfirmEmailChange.Output>> Confirm(string token) =>
        ConfirmEmailChange.Handle(new(token), AccountsWorld.Home, world.Credentials, world.Db, world.Clock, Ct);
}
