using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.TestMails;
using PenguinMails.Mail.Tests.Peers;

namespace PenguinMails.Modules.Tests.Delivery.Collect;

/// <summary>Mailboxes at Google and Microsoft: collecting and sending with access tokens at a real Dovecot and Postfix, which ask the issuer about each token; tokens that end, that are refused and that are withdrawn.</summary>
public sealed class TokenCollectTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("oauthbearer")]
    [InlineData("xoauth2")]
    public async Task A_mailbox_is_looked_into_with_a_token(string mechanism)
    {
        await using var world = await TokenWorld.Create(database, mechanism);
        await world.Put();
        Assert.Equal("", await world.Look());
        Assert.Equal((1L, 0), ((await world.State()).Folders.Sum(folder => folder.LookedAt), world.Oauth.Peer.Refreshes));
    }

    [Fact]
    public async Task A_token_that_ended_is_renewed_once_before_it_is_shown_or_when_the_server_refuses_it()
    {
        await using var world = await TokenWorld.Create(database);
        world.Oauth.Peer.AccessTokens.Clear();
        Assert.Equal("", await world.Look());
        Assert.Equal(1, world.Oauth.Peer.Refreshes);
        world.Oauth.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("", await world.Look());
        Assert.Equal("", await world.Look());
        Assert.Equal(2, world.Oauth.Peer.Refreshes);
    }

    [Fact]
    public async Task A_consent_that_was_withdrawn_is_said_asks_nobody_again_and_goes_on_at_once_when_it_is_given_anew()
    {
        await using var world = await TokenWorld.Create(database, kind: MailboxAuth.Microsoft);
        world.Oauth.Peer.AccessTokens.Clear();
        world.Oauth.Peer.Withdraw();
        Assert.Equal("mailbox.consent_lost", await world.Look());
        var asked = world.Oauth.Peer.Asked.Count;
        for (var n = 2; n <= 4; n++) Assert.Equal(("mailbox.consent_lost", n), (await world.Look(), (await world.State()).Failures));
        Assert.Equal((1, asked), (world.Oauth.Peer.Refreshes, world.Oauth.Peer.Asked.Count)); // Neither the provider nor its mail server.
        Assert.InRange((await world.State()).NextAt!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(6));
        Assert.Contains("connect", (await world.Oauth.Health(world.Mailbox)).Why, StringComparison.Ordinal);

        Assert.True((await world.Oauth.Connect(world.Mailbox)).IsOk);
        await database.RunJobs(world.Oauth.Tenant, Ct);
        var woken = await world.State();
        Assert.Equal(("", 0), (woken.Trouble, woken.Failures));
        Assert.True(woken.NextAt <= TimeProvider.System.GetUtcNow().AddSeconds(1));
        await world.Put();
        Assert.Equal("", await world.Look());
        Assert.Equal(1L, (await world.State()).Folders.Sum(folder => folder.LookedAt));
    }

    [Theory]
    [InlineData(true, "mailbox.consent_lost")]
    [InlineData(false, "")]
    public async Task A_token_that_is_revoked_while_the_inbox_is_waited_in_ends_the_waiting_and_the_next_look_tells_what_is_left(bool isWithdrawn, string then)
    {
        await using var world = await TokenWorld.Create(database);
        using var room = new SemaphoreSlim(1, 1);
        var run = world.Run(room, Ct);
        while ((await world.State()).LookedAt is null || room.CurrentCount == 1) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ct);
        await world.Put(); // Heard of while it waits.
        while ((await world.State()).Folders.Sum(folder => folder.LookedAt) == 0) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ct);
        world.Oauth.Peer.AccessTokens.Clear();
        if (isWithdrawn) world.Oauth.Peer.Withdraw();
        await world.Dovecot.Kick(world.Oauth.Address, Ct);
        await run;
        Assert.Equal("collect.connection_lost", (await world.State()).Trouble);
        Assert.Equal(then, await world.Look());
        Assert.Equal(1, world.Oauth.Peer.Refreshes);
    }

    [Fact]
    public async Task A_server_that_takes_no_token_is_shown_two_and_the_list_says_that_it_is_no_password()
    {
        await using var world = await TokenWorld.Create(database);
        world.Oauth.Peer.LetsIn = false;
        Assert.Equal("collect.token_refused", await world.Look());
        Assert.Equal((1, 2), (world.Oauth.Peer.Refreshes, world.Oauth.Peer.Asked.Count(one => one.Contains("/introspect"))));
        Assert.Equal((1, false), ((await world.State()).Failures, (await ListMailboxes.One(world.Oauth.Actor, world.Mailbox, world.Oauth.Db, Ct)).Value.ConsentLostAt is not null));
    }

    [Fact]
    public async Task No_token_stands_in_a_line_that_is_logged_or_recorded()
    {
        await using var world = await TokenWorld.Create(database);
        var tokens = world.Oauth.Peer.AccessTokens.Keys.ToList();
        world.Oauth.Peer.LetsIn = false;
        await world.Look();
        tokens.AddRange(world.Oauth.Peer.AccessTokens.Keys);
        world.Oauth.Peer.Withdraw();
        await world.Look();
        Assert.Equal(2, world.Log.All.Count);
        var written = world.Log.All.Concat((await Audit.Newest(world.Oauth.Db, world.Oauth.Tenant, null, 100, Ct)).Select(entry => entry.Detail)).ToList();
        foreach (var secret in tokens.Append("refresh-1")) Assert.DoesNotContain(written, line => line.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_goes_out_through_a_real_submission_server_with_a_token_that_is_renewed_once()
    {
        await using var world = await TokenWorld.Create(database);
        await using var far = new FarSide();
        await using var postfix = await Postfix.Start(far.Port, Ct, allowsClearAuth: true, new DovecotTokens(world.Introspection));
        await world.Write("update fleet.mailbox set smtp_port = $2 where tenant_id = $1", world.Oauth.Tenant, postfix.Port);
        world.Oauth.Peer.AccessTokens.Clear();
        var sent = await SendTestMail.Handle(world.Oauth.Actor, world.Mailbox, world.Oauth.Db, world.Oauth.Secrets, world.Oauth.Box, Outbound.From("127.0.0.0/8"), new("mx.penguin.test", "app.penguin.test"), TimeProvider.System, Ct);
        Assert.True(sent.IsOk && sent.Value.State == "sent", $"{sent.Problem?.Detail} {postfix.Process.Logs()}");
        Assert.Equal(1, world.Oauth.Peer.Refreshes);
        Assert.Contains($"sasl_method=XOAUTH2, sasl_username={world.Oauth.Address}", postfix.Process.Logs(), StringComparison.Ordinal);
    }
}
