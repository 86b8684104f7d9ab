using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PenguinMails.Accounts;
using PenguinMails.Accounts.Limits;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Users;

namespace PenguinMails.Modules.Tests.Accounts;

[Collection(nameof(AccountsWorld))]
public sealed class LogInTests(AccountsWorld world)
{
    const string Wrong = "wrong-password-1";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Five_wrong_passwords_delay_the_attacker_and_not_the_person_at_their_own_place()
    {
        var person = await world.Person();
        var (home, attacker) = (AccountsWorld.NewPlace(), AccountsWorld.NewPlace());
        Assert.True((await world.LogIn(person.Email, from: home)).IsOk);
        for (var i = 0; i < 5; i++) Assert.Equal("login.failed", (await world.LogIn(person.Email, Wrong, attacker)).Problem?.Code);

        var delayed = (await world.LogIn(person.Email, from: attacker)).Problem;
        Assert.Equal(("attempts.too_many", (int?)30), (delayed?.Code, delayed?.RetryAfterSeconds));
        Assert.True((await world.LogIn(person.Email, from: home)).IsOk);
        world.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal("attempts.too_many", (await world.LogIn(person.Email, from: attacker)).Problem?.Code);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await world.LogIn(person.Email, from: attacker)).IsOk);
    }

    [Fact]
    public async Task Four_wrong_passwords_delay_nobody()
    {
        var person = await world.Person();
        var place = AccountsWorld.NewPlace();
        for (var i = 0; i < 4; i++) Assert.Equal("login.failed", (await world.LogIn(person.Email, Wrong, place)).Problem?.Code);
        Assert.True((await world.LogIn(person.Email, from: place)).IsOk);
    }

    [Fact]
    public async Task Many_places_at_once_slow_unknown_places_only_and_never_by_more_than_a_minute()
    {
        var person = await world.Person();
        var home = AccountsWorld.NewPlace();
        var device = (await world.LogIn(person.Email, from: home)).Value.Device;
        for (var i = 0; i < 40; i++)
        {
            await world.LogIn(person.Email, Wrong, AccountsWorld.NewPlace());
            world.Clock.Advance(TimeSpan.FromSeconds(60));
        }

        await world.LogIn(person.Email, Wrong, AccountsWorld.NewPlace());
        var slowed = (await world.LogIn(person.Email, from: AccountsWorld.NewPlace())).Problem;
        Assert.Equal(("attempts.too_many", (int?)60), (slowed?.Code, slowed?.RetryAfterSeconds));
        Assert.True((await world.LogIn(person.Email, from: home)).IsOk);
        Assert.True((await world.LogIn(person.Email, from: AccountsWorld.NewPlace() with { Device = device })).IsOk);
    }

    [Fact]
    public async Task A_device_of_another_person_opens_nothing()
    {
        var (one, other) = (await world.Person(), await world.Person());
        var device = (await world.LogIn(one.Email)).Value.Device;
        var attacker = AccountsWorld.NewPlace() with { Device = device };
        for (var i = 0; i < 5; i++) await world.LogIn(other.Email, Wrong, attacker);
        Assert.Equal("attempts.too_many", (await world.LogIn(other.Email, from: attacker with { Device = null })).Problem?.Code);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(5, 30)]
    [InlineData(6, 60)]
    [InlineData(9, 480)]
    [InlineData(10, 900)]
    [InlineData(1_000_000, 900)]
    public void Delays_double_up_to_a_quarter_of_an_hour(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new DelayRule(4, 30, 900).After(failures));

    [Fact]
    public async Task Parallel_attempts_gain_nothing()
    {
        var person = await world.Person();
        var attacker = AccountsWorld.NewPlace();
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => world.LogIn(person.Email, Wrong, attacker)));
        Assert.Equal(5, results.Count(result => result.Problem?.Code == "login.failed"));
    }

    [Fact]
    public async Task Unknown_addresses_are_delayed_like_known_ones()
    {
        var (email, attacker) = (AccountsWorld.NewEmail(), AccountsWorld.NewPlace());
        for (var i = 0; i < 5; i++) Assert.Equal("login.failed", (await world.LogIn(email, Wrong, attacker)).Problem?.Code);
        Assert.Equal(30, (await world.LogIn(email, Wrong, attacker)).Problem?.RetryAfterSeconds);
    }

    [Fact]
    public async Task A_hash_of_fewer_rounds_is_renewed_at_log_in()
    {
        var person = await world.Person();
        await using var stronger = new ServiceCollection().BuildServiceProvider();
        var credentials = new Credentials(new AccountsOptions { PasswordIterations = 2000 }, world.Clock, NullLogger<UserManager<UserAccount>>.Instance, stronger);
        Assert.True((await LogIn.Handle(new(person.Email, AccountsWorld.Password), AccountsWorld.NewPlace(), credentials, world.Devices, world.Db, world.Clock, Ct)).IsOk);
        await using var tx = await world.Db.BeginUnscoped(Ct);
        var user = await credentials.In(tx).FindByEmailAsync(person.Email);
        Assert.Equal(PasswordVerificationResult.Success, credentials.Verify(user, AccountsWorld.Password));
        Assert.True((await world.LogIn(person.Email)).IsOk);
    }

    [Fact]
    public async Task A_session_ends_after_14_idle_days_and_lives_90_at_most()
    {
        var person = await world.Person();
        var idle = (await world.LogIn(person.Email)).Value.Token;
        world.Clock.Advance(TimeSpan.FromDays(14) - TimeSpan.FromSeconds(1));
        Assert.True((await world.Resolver.FromSession(idle, null, Ct)).IsOk);
        world.Clock.Advance(TimeSpan.FromDays(14));
        Assert.Equal("auth.invalid", (await world.Resolver.FromSession(idle, null, Ct)).Problem?.Code);

        var busy = (await world.LogIn(person.Email)).Value.Token;
        for (var day = 0; day < 89; day += 10)
        {
            Assert.True((await world.Resolver.FromSession(busy, null, Ct)).IsOk);
            world.Clock.Advance(TimeSpan.FromDays(10));
        }

        Assert.Equal("auth.invalid", (await world.Resolver.FromSession(busy, null, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task Sessions_are_listed_and_each_can_be_ended_by_its_owner_only()
    {
        var (person, stranger) = (await world.Person(), await world.Person());
        var phone = await world.Enter(person.Email);
        var listed = (await ListSessions.Handle(person, world.Db, world.Clock, Ct)).Value.Items;
        Assert.Equal([phone.Session, person.Session], listed.Select(session => session.Id));
        Assert.Equal([false, true], listed.Select(session => session.IsCurrent));
        Assert.Equal("session.not_found", (await RevokeSession.Handle(stranger, phone.Session, AccountsWorld.Home, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.True((await RevokeSession.Handle(person, phone.Session, AccountsWorld.Home, world.Db, world.Clock, Ct)).IsOk);
        Assert.Equal("session.not_found", (await RevokeSession.Handle(person, phone.Session, AccountsWorld.Home, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Single((await ListSessions.Handle(person, world.Db, world.Clock, Ct)).Value.Items);
    }

    [Fact]
    public async Task Log_in_activity_shows_a_person_their_own_only()
    {
        var (person, stranger) = (await world.Person(), await world.Person());
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.LogIn(person.Email, Wrong);
        var page = (await ListLoginActivity.Handle(person, null, 1, world.Db, Ct)).Value;
        Assert.Equal(LoginOutcome.WrongPassword, Assert.Single(page.Items).Outcome);
        var rest = (await ListLoginActivity.Handle(person, page.NextCursor, 50, world.Db, Ct)).Value;
        Assert.Equal([LoginOutcome.SignedIn], rest.Items.Select(line => line.Outcome));
        Assert.DoesNotContain((await ListLoginActivity.Handle(stranger, null, 50, world.Db, Ct)).Value.Items, line => line.Outcome == LoginOutcome.WrongPassword);
        Assert.Equal("cursor.invalid", (await ListLoginActivity.Handle(person, "\0", 50, world.Db, Ct)).Problem?.Code);
    }
}
