using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Modules.Tests.Fleet.Oauth;

/// <summary>The way back: good once, in time, for the person, workspace and provider it was begun with.</summary>
public sealed class StateTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_state_is_good_once()
    {
        await using var world = OauthWorld.Create(database);
        var (state, code) = world.Peer.Agree(await world.Start());
        Assert.True((await world.Finish(state, code)).IsOk);
        Assert.Equal("oauth.state_unknown", (await world.Finish(state, code)).Problem?.Code);
        Assert.Single(world.Peer.Asked);
    }

    [Theory]
    [InlineData("user")]
    [InlineData("workspace")]
    public async Task A_state_of_another_session_is_unknown_and_gone(string other)
    {
        await using var world = OauthWorld.Create(database);
        var (state, code) = world.Peer.Agree(await world.Start());
        var stranger = other == "user" ? world.Person(new(Guid.CreateVersion7()), world.Workspace) : world.Person(world.User, new(Guid.CreateVersion7()));
        Assert.Equal("oauth.state_unknown", (await world.Finish(state, code, actor: stranger)).Problem?.Code);
        Assert.Equal("oauth.state_unknown", (await world.Finish(state, code)).Problem?.Code);
        Assert.Empty(world.Peer.Asked);
    }

    [Fact]
    public async Task A_state_of_another_account_is_not_even_seen()
    {
        await using var world = OauthWorld.Create(database);
        await using var other = OauthWorld.Create(database);
        var (state, code) = world.Peer.Agree(await world.Start());
        Assert.Equal("oauth.state_unknown", (await other.Finish(state, code)).Problem?.Code);
        Assert.True((await world.Finish(state, code)).IsOk);
    }

    [Theory]
    [InlineData(599, true)]
    [InlineData(600, false)]
    public async Task A_state_lasts_ten_minutes(int seconds, bool isGood)
    {
        await using var world = OauthWorld.Create(database);
        var (state, code) = world.Peer.Agree(await world.Start());
        world.Clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(isGood ? null : "oauth.state_expired", (await world.Finish(state, code)).Problem?.Code);
    }

    [Fact]
    public async Task An_answer_at_the_callback_of_another_provider_is_not_taken()
    {
        await using var world = OauthWorld.Create(database);
        var (state, code) = world.Peer.Agree(await world.Start());
        Assert.Equal("oauth.provider_mixed", (await world.Finish(state, code, kind: MailboxAuth.Microsoft)).Problem?.Code);
        Assert.Empty(world.Peer.Asked);
    }

    [Fact]
    public async Task A_code_of_another_way_does_not_fit_the_verifier()
    {
        await using var world = OauthWorld.Create(database);
        var (state, _) = world.Peer.Agree(await world.Start());
        var (_, foreign) = world.Peer.Agree(await world.Start());
        Assert.Equal("oauth.failed", (await world.Finish(state, foreign)).Problem?.Code);
    }

    [Fact]
    public async Task A_person_has_ten_ways_open_at_once_and_no_more()
    {
        await using var world = OauthWorld.Create(database);
        for (var n = 0; n < 12; n++) await world.Start();
        await using var tx = await world.Db.Begin(world.Tenant, Ct);
        Assert.Equal(10, await tx.One("select count(*) from fleet.oauth_state where tenant_id = $1", row => row.GetInt64(0), Ct, world.Tenant));
    }
}
