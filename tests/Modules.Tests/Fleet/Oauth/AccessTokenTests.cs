using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Oauth;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Fleet.Oauth;

/// <summary>Access tokens from the end point: kept, renewed, rotated, refused; and what each kind of refusal does to the mailbox.</summary>
public sealed class AccessTokenTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_is_used_until_a_minute_before_it_ends_and_then_another_one()
    {
        await using var world = OauthWorld.Create(database);
        var id = (await world.Connect()).Value.Id;
        var first = (await world.Sender(id)).Value;
        Assert.True(first.LogIn.IsToken);
        world.Clock.Advance(TimeSpan.FromSeconds(3539));
        Assert.Equal((first.Secret, 0), ((await world.Sender(id)).Value.Secret, world.Peer.Refreshes));
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first.Secret, (await world.Sender(id)).Value.Secret);
        Assert.Equal(1, world.Peer.Refreshes);
    }

    [Fact]
    public async Task Many_who_ask_at_once_make_one_refresh()
    {
        await using var world = OauthWorld.Create(database);
        var id = (await world.Connect()).Value.Id;
        world.Restart();
        var senders = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => world.Sender(id), Ct)));
        Assert.Single(senders.Select(sender => sender.Value.Secret).Distinct());
        Assert.Equal(1, world.Peer.Refreshes);
    }

    [Fact]
    public async Task A_new_refresh_token_takes_the_old_ones_place()
    {
        await using var world = OauthWorld.Create(database, MailboxAuth.Microsoft);
        var id = (await world.Connect()).Value.Id;
        world.Peer.Rotates = true;
        world.Restart();
        Assert.True((await world.Sender(id)).IsOk);
        Assert.Equal("refresh-2", await world.Stored(id));
        world.Restart();
        Assert.True((await world.Sender(id)).IsOk);
        Assert.Equal("refresh-3", await world.Stored(id));
        Assert.Contains(world.Peer.Asked, asked => asked.Contains("refresh_token=refresh-2"));
    }

    [Fact]
    public async Task Two_processes_that_rotate_at_once_leave_one_token_that_works()
    {
        await using var world = OauthWorld.Create(database, MailboxAuth.Microsoft);
        var id = (await world.Connect()).Value.Id;
        world.Peer.Rotates = true;
        var processes = Enumerable.Range(0, 4).Select(_ => world.Fresh()).ToList();
        var opened = await Task.WhenAll(processes.Select(secrets => Task.Run(() => ReadSender.Handle(world.Tenant, id, secrets, world.Box, world.Db, Ct), Ct)));
        Assert.All(opened, sender => Assert.True(sender.IsOk));
        world.Restart();
        Assert.True((await world.Sender(id)).IsOk);
    }

    [Fact]
    public async Task A_withdrawn_consent_stops_the_mailbox_with_cause_and_remedy_and_is_not_asked_for_again()
    {
        await using var world = OauthWorld.Create(database, MailboxAuth.Microsoft);
        var id = (await world.Connect()).Value.Id;
        world.Peer.Withdraw();
        world.Restart();
        for (var n = 0; n < 3; n++) Assert.Equal("mailbox.consent_lost", (await world.Sender(id)).Problem?.Code);
        Assert.Equal(1, world.Peer.Refreshes);
        Assert.Equal("mailbox.consent_lost", (await world.Test(id)).Problem?.Code);
        var health = await world.Health(id);
        Assert.Equal((MailboxHealthWord.Disconnected, "Microsoft withdrew the permission on 2 March 2026 (invalid_grant, AADSTS70000): connect again."), (health.Word, health.Why));
        Assert.Contains("what is queued waits", health.Fix);
        await using var tx = await world.Db.Begin(world.Tenant, Ct);
        Assert.True((await CheckSenders.Within(tx, world.Workspace, [id.Value], Ct)).Single().IsConsentLost);
        Assert.Single((await Audit.Newest(world.Db, world.Tenant, null, 50, Ct)), entry => entry.Action == "mailbox.consent_lost");
    }

    [Fact]
    public async Task Connecting_again_with_the_same_account_brings_it_back_and_with_another_does_not()
    {
        await using var world = OauthWorld.Create(database);
        var id = (await world.Connect()).Value.Id;
        world.Peer.Withdraw();
        world.Restart();
        Assert.False((await world.Sender(id)).IsOk);
        (world.Peer.Address, world.Peer.Subject) = ("other@else.example", "sub-other");
        Assert.Equal("oauth.other_account", (await world.Connect(id)).Problem?.Code);
        Assert.False((await world.Sender(id)).IsOk);
        (world.Peer.Address, world.Peer.Subject) = (world.Address, "sub-" + world.Address);
        var again = (await world.Connect(id)).Value;
        Assert.Equal((id, false), (again.Id, again.IsNew));
        Assert.True((await world.Sender(id)).IsOk);
        Assert.Null((await ListMailboxes.One(world.Actor, id, world.Db, Ct)).Value.ConsentLostAt);
        Assert.Contains("mailbox.reconnected", (await Audit.Newest(world.Db, world.Tenant, null, 10, Ct)).Select(entry => entry.Action));
    }

    [Fact]
    public async Task A_refusal_of_a_token_that_was_replaced_meanwhile_is_none()
    {
        await using var world = OauthWorld.Create(database);
        var id = (await world.Connect()).Value.Id;
        var access = new SecretAccess(world.Actor, "a test", "test");
        Assert.True((await world.Store.Put(access, SecretPath.Parse($"mailboxes/{id}/oauth"), SecretFields.Of(("refresh_token", "refresh-1")), 1, Ct)).IsOk);
        Assert.False(await LoseConsent.Handle(access, id, 1, "invalid_grant", world.Store, world.Db, world.Clock, Ct));
        Assert.Null((await ListMailboxes.One(world.Actor, id, world.Db, Ct)).Value.ConsentLostAt);
    }

    [Theory]
    [InlineData(500, "<html>", "oauth.unavailable")]
    [InlineData(503, """{"error":"temporarily_unavailable"}""", "oauth.unavailable")]
    [InlineData(400, """{"error":"temporarily_unavailable"}""", "oauth.unavailable")]
    [InlineData(400, "not JSON", "oauth.unclear")]
    [InlineData(200, "not JSON", "oauth.unclear")]
    [InlineData(200, """{"access_token":5}""", "oauth.unclear")]
    [InlineData(200, """{"access_token":"two words\r\nRCPT"}""", "oauth.unclear")]
    [InlineData(200, """{"access_token":"t","token_type":"mac"}""", "oauth.unclear")]
    [InlineData(302, "", "oauth.unclear")]
    [InlineData(-1, "", "oauth.unreachable")]
    [InlineData(401, """{"error":"invalid_client","error_description":"refresh-1 client-secret-of-the-tests"}""", "oauth.client_refused")]
    [InlineData(400, """{"error":"unauthorized_client"}""", "oauth.client_refused")]
    public async Task What_is_not_the_mailboxs_fault_leaves_it_as_it_is_and_passes(int status, string body, string code)
    {
        await using var world = OauthWorld.Create(database);
        var id = (await world.Connect()).Value.Id;
        world.Restart();
        world.Peer.Faults.Enqueue((status, body));
        var problem = (await world.Sender(id)).Problem;
        Assert.Equal(code, problem?.Code);
        Assert.DoesNotContain("refresh-1", problem?.Detail);
        Assert.DoesNotContain(ProviderPeer.ClientSecret, problem?.Detail);
        Assert.NotEqual(MailboxHealthWord.Disconnected, (await world.Health(id)).Word);
        Assert.True((await world.Sender(id)).IsOk);
    }

    [Fact]
    public async Task Who_is_asked_for_patience_waits_as_long_as_said()
    {
        await using var world = OauthWorld.Create(database);
        var id = (await world.Connect()).Value.Id;
        world.Restart();
        world.Peer.Faults.Enqueue((429, ""));
        Assert.Equal(17, (await world.Sender(id)).Problem?.RetryAfterSeconds);
        world.Clock.Advance(TimeSpan.FromSeconds(16));
        Assert.False((await world.Sender(id)).IsOk);
        Assert.Equal(1, world.Peer.Refreshes);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await world.Sender(id)).IsOk);
    }

    [Fact]
    public async Task A_silent_end_point_is_given_up()
    {
        await using var world = OauthWorld.Create(database, timeout: TimeSpan.FromMilliseconds(300));
        world.Peer.Faults.Enqueue((0, ""));
        Assert.Equal("oauth.unreachable", (await world.Connect()).Problem?.Code);
    }

    [Fact]
    public async Task An_end_point_in_a_private_network_is_not_reached()
    {
        await using var world = OauthWorld.Create(database, outbound: Outbound.From(""));
        Assert.Equal("oauth.unreachable", (await world.Connect()).Problem?.Code);
        Assert.Empty(world.Peer.Asked);
    }

    [Fact]
    public async Task No_text_of_what_holds_a_token_shows_it()
    {
        await using var world = OauthWorld.Create(database);
        var id = (await world.Connect()).Value.Id;
        var sender = (await world.Sender(id)).Value;
        Assert.DoesNotContain(sender.Secret, $"{sender} {sender.LogIn}");
        foreach (var entry in await Audit.Newest(world.Db, world.Tenant, null, 100, Ct))
        {
            Assert.DoesNotContain(sender.Secret, entry.Detail);
            Assert.DoesNotContain("refresh-1", entry.Detail);
        }
    }
}
