using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Oauth;

namespace PenguinMails.Modules.Tests.Fleet.Oauth;

/// <summary>To the provider and back: what is connected, and what is refused.</summary>
public sealed class ConnectTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MailboxAuth.Google)]
    [InlineData(MailboxAuth.Microsoft)]
    public async Task A_person_who_agrees_has_a_mailbox_whose_refresh_token_lies_in_the_store_alone(MailboxAuth kind)
    {
        await using var world = OauthWorld.Create(database, kind);
        var made = (await world.Connect()).Value;
        Assert.True(made.IsNew);
        var mailbox = (await ListMailboxes.One(world.Actor, made.Id, world.Db, Ct)).Value;
        Assert.Equal((world.Address, kind, null, world.Mail.SmtpPort, 30), (mailbox.Address, mailbox.Auth, mailbox.ConsentLostAt, mailbox.Smtp.Port, mailbox.DailyCap));
        Assert.Equal("refresh-1", await world.Stored(made.Id));
        await using var tx = await world.Db.Begin(world.Tenant, Ct);
        var row = await tx.One("select row_to_json(m)::text from fleet.mailbox m where tenant_id = $1", found => found.GetString(0), Ct, world.Tenant);
        Assert.DoesNotContain("refresh-", row);
        Assert.DoesNotContain("access-", row);
        Assert.Contains("mailbox.connected", (await Audit.Newest(world.Db, world.Tenant, null, 10, Ct)).Select(entry => entry.Action));
    }

    [Fact]
    public async Task The_way_out_carries_a_challenge_and_no_secret()
    {
        await using var world = OauthWorld.Create(database);
        var url = await world.Start(address: world.Address);
        var query = ProviderPeer.Query(url.Query.TrimStart('?'));
        Assert.Equal(("https://app.penguin.test/mailboxes/oauth/google/callback", world.Address, 43, 43), (query["redirect_uri"], query["login_hint"], query["state"].Length, query["code_challenge"].Length));
        Assert.DoesNotContain(ProviderPeer.ClientSecret, url.AbsoluteUri);
        Assert.DoesNotContain("code_verifier", url.AbsoluteUri);
    }

    [Theory]
    [InlineData("access_denied", "oauth.denied")]
    [InlineData("server_error", "oauth.unavailable")]
    [InlineData("invalid_scope", "oauth.failed")]
    [InlineData("<b>x</b>", "oauth.failed")]
    [InlineData("", "oauth.failed")]
    public async Task Who_does_not_agree_is_told_how_to_go_on(string error, string code)
    {
        await using var world = OauthWorld.Create(database);
        var (state, _) = world.Peer.Agree(await world.Start());
        var problem = (await world.Finish(state, "", error)).Problem;
        Assert.Equal(code, problem?.Code);
        Assert.DoesNotContain("<b>", problem?.Detail);
    }

    [Theory]
    [InlineData("scope", "oauth.scope_missing")]
    [InlineData("refresh", "oauth.no_refresh_token")]
    [InlineData("issuer", "oauth.identity_invalid")]
    [InlineData("audience", "oauth.identity_invalid")]
    [InlineData("expired", "oauth.identity_invalid")]
    [InlineData("address", "oauth.address_missing")]
    [InlineData("unverified", "oauth.address_missing")]
    public async Task An_answer_that_is_not_enough_connects_nothing(string lack, string code)
    {
        await using var world = OauthWorld.Create(database);
        if (lack == "scope") world.Peer.Scope = "openid";
        if (lack == "refresh") world.Peer.GivesRefresh = false;
        if (lack == "issuer") world.Peer.Issuer = "https://accounts.google.com.evil.example";
        if (lack == "audience") world.Peer.Audience = "another-client";
        if (lack == "address") world.Peer.HasAddress = false;
        if (lack == "unverified") world.Peer.IsEmailVerified = false;
        var (state, answer) = world.Peer.Agree(await world.Start());
        if (lack == "expired") world.Peer.Issued = TimeSpan.FromHours(-2);
        Assert.Equal(code, (await world.Finish(state, answer)).Problem?.Code);
        Assert.Empty((await ListMailboxes.Handle(world.Actor, new(), world.Db, Ct)).Value.Items);
    }

    [Fact]
    public async Task Where_the_provider_names_no_address_the_persons_own_counts()
    {
        await using var world = OauthWorld.Create(database, MailboxAuth.Microsoft);
        world.Peer.HasAddress = false;
        var made = (await world.Connect(address: world.Address)).Value;
        Assert.Equal(world.Address, (await ListMailboxes.One(world.Actor, made.Id, world.Db, Ct)).Value.Address);
    }

    [Fact]
    public async Task Google_proves_the_address_so_another_one_is_refused()
    {
        await using var world = OauthWorld.Create(database);
        Assert.Equal("oauth.other_account", (await world.Connect(address: "somebody@else.example")).Problem?.Code);
        Assert.Equal("oauth.other_account", (await world.Connect(address: "somebody@else.example")).Problem?.Code);
        Assert.True((await world.Connect(address: world.Address.ToUpperInvariant())).IsOk);
        Assert.Equal("mailbox.exists", (await world.Connect()).Problem?.Code);
        Assert.Empty(world.Peer.Revoked);
    }

    [Fact]
    public async Task Only_a_person_who_may_sets_out_and_only_where_it_is_set_up()
    {
        await using var world = OauthWorld.Create(database);
        Task<Result<StartOauth.Output>> Start(Actor actor, OauthSettings settings, MailboxId? mailbox = null) => StartOauth.Handle(actor, new(MailboxAuth.Google, "Sam", "", mailbox), world.Db, world.Box, settings, world.Clock, Ct);
        Assert.Equal("oauth.person_needed", (await Start(Actor.System(world.Tenant, world.Workspace), world.Settings)).Problem?.Code);
        Assert.Equal("permission.missing", (await Start(world.Actor with { Permissions = System.Collections.Frozen.FrozenSet<string>.Empty }, world.Settings)).Problem?.Code);
        Assert.Equal("oauth.not_configured", (await Start(world.Actor, new OauthSettings([], new Uri("https://x.test/")))).Problem?.Code);
        Assert.Equal("mailbox.not_found", (await Start(world.Actor, world.Settings, new MailboxId(Guid.CreateVersion7()))).Problem?.Code);
    }

    [Fact]
    public async Task Its_servers_are_fixed_and_the_rest_may_be_changed()
    {
        await using var world = OauthWorld.Create(database);
        var id = (await world.Connect()).Value.Id;
        Task<Result<Mailbox>> Change(ChangeMailbox.Input input) => ChangeMailbox.Handle(world.Actor, id, input, world.Db, world.Secrets, "test", world.Clock, Ct);
        Assert.Equal("mailbox.consent_only", (await Change(new(Smtp: new("evil.example", 465, ConnectionSecurity.Tls, world.Address, "pw")))).Problem?.Code);
        Assert.Equal("mailbox.consent_only", (await Change(new(Imap: new("evil.example", 993, ConnectionSecurity.Tls, world.Address, "pw")))).Problem?.Code);
        Assert.Equal("mailbox.consent_only", (await Change(new(RemovesImap: true))).Problem?.Code);
        Assert.Equal((50, MailboxAuth.Google), (await Change(new(DailyCap: 50))).Value is var changed ? (changed.DailyCap, changed.Auth) : default);
    }

    [Theory]
    [InlineData(MailboxAuth.Google)]
    [InlineData(MailboxAuth.Microsoft)]
    public async Task Disconnecting_erases_the_token_and_gives_it_back_where_that_can_be_done(MailboxAuth kind)
    {
        await using var world = OauthWorld.Create(database, kind);
        var id = (await world.Connect()).Value.Id;
        await PauseMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct);
        world.Peer.Faults.Clear();
        Assert.True((await RemoveMailbox.Handle(world.Actor, id, world.Db, world.Secrets, "test", world.Clock, Ct)).IsOk);
        Assert.Equal("secret.not_found", await world.Stored(id));
        Assert.Equal(kind == MailboxAuth.Google ? ["refresh-1"] : [], world.Peer.Revoked);
    }
}
