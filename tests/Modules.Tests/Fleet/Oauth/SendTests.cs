using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PenguinMails.Core;
using PenguinMails.Delivery;
using PenguinMails.Delivery.Content;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Transport;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.TestMails;
using PenguinMails.Modules.Tests.Delivery;

namespace PenguinMails.Modules.Tests.Fleet.Oauth;

/// <summary>Mail that leaves, and mailboxes that are looked into, with a token in the place of a password.</summary>
public sealed class SendTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;
    static readonly Outbound Loopback = Outbound.From("127.0.0.0/8");

    [Theory]
    [InlineData(MailboxAuth.Google)]
    [InlineData(MailboxAuth.Microsoft)]
    public async Task A_message_leaves_with_a_token(MailboxAuth kind)
    {
        await using var world = OauthWorld.Create(database, kind);
        var lane = await Lane(world, (await world.Connect()).Value.Id);
        await lane.Send();
        Assert.Equal(("", MessageState.Sent), (await lane.Trouble(), (await lane.Only()).State));
        Assert.Contains("Subject: Hello", Assert.Single(world.Mail.Received));
    }

    [Fact]
    public async Task A_token_that_the_server_takes_no_more_is_renewed_once_and_the_message_leaves()
    {
        await using var world = OauthWorld.Create(database);
        var lane = await Lane(world, (await world.Connect()).Value.Id);
        world.Peer.AccessTokens.Clear();
        await lane.Send();
        Assert.Equal((MessageState.Sent, 1), ((await lane.Only()).State, world.Peer.Refreshes));
        Assert.Equal(2, world.Mail.Shown.Distinct().Count());
    }

    [Fact]
    public async Task A_server_that_takes_no_token_at_all_gets_two_and_the_message_waits()
    {
        await using var world = OauthWorld.Create(database);
        var lane = await Lane(world, (await world.Connect()).Value.Id);
        world.Mail.IsClosed = true;
        await lane.Serve();
        Assert.Equal((MessageState.Queued, 2), ((await lane.Only()).State, world.Mail.Shown.Count));
        Assert.Equal("login_refused", await lane.Trouble());
    }

    [Fact]
    public async Task While_the_provider_gives_none_the_message_waits_and_leaves_afterwards()
    {
        await using var world = OauthWorld.Create(database);
        var lane = await Lane(world, (await world.Connect()).Value.Id);
        world.Restart();
        world.Peer.Faults.Enqueue((500, ""));
        await lane.Serve();
        Assert.Equal((MessageState.Queued, "secret_unavailable"), ((await lane.Only()).State, await lane.Trouble()));
        world.Clock.Advance(TimeSpan.FromSeconds(10));
        await lane.Send();
        Assert.Equal(MessageState.Sent, (await lane.Only()).State);
    }

    [Fact]
    public async Task A_withdrawn_consent_bounces_nothing_and_connecting_again_sends_what_waited()
    {
        await using var world = OauthWorld.Create(database);
        var id = (await world.Connect()).Value.Id;
        var lane = await Lane(world, id);
        world.Peer.Withdraw();
        world.Restart();
        await lane.Serve();
        Assert.Equal((MessageState.Queued, "", 1), ((await lane.Only()).State, await lane.Trouble(), world.Peer.Refreshes));
        Assert.False(await lane.IsReady(TimeSpan.FromDays(3650))); // It is asked for nothing until somebody connects it again.
        Assert.False((await world.Connect(id)).Value.IsNew);
        await lane.Woken();
        await lane.Send();
        Assert.Equal(MessageState.Sent, (await lane.Only()).State);
    }

    [Fact]
    public async Task A_token_is_tested_over_smtp_and_imap_and_stands_in_no_line_of_the_dialogue()
    {
        await using var world = OauthWorld.Create(database);
        var id = (await world.Connect()).Value.Id;
        world.Peer.AccessTokens.Clear();
        var test = (await world.Test(id)).Value;
        Assert.True(test.Ok, string.Join('\n', test.Smtp.Steps.Concat(test.Imap!.Steps).Select(step => step.Detail)));
        Assert.Contains(test.Smtp.Dialogue, line => line.Text == "AUTH XOAUTH2 ***");
        Assert.DoesNotContain(test.Smtp.Dialogue.Concat(test.Imap.Dialogue), line => world.Mail.Shown.Any(token => line.Text.Contains(token) || line.Text.Contains(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(token))[..12])));
    }

    [Fact]
    public async Task A_test_that_fails_for_good_says_what_to_do_at_that_provider()
    {
        await using var world = OauthWorld.Create(database, MailboxAuth.Microsoft);
        var id = (await world.Connect()).Value.Id;
        world.Mail.IsClosed = true;
        var failed = Assert.Single((await world.Test(id)).Value.Smtp.Steps, step => step.State == TestState.Failed);
        Assert.Contains("authenticated SMTP and IMAP", failed.Detail);
        Assert.DoesNotContain("app password", failed.Detail);
    }

    [Fact]
    public async Task The_inbox_is_looked_into_with_a_token()
    {
        await using var world = OauthWorld.Create(database);
        var id = (await world.Connect()).Value.Id;
        world.Peer.AccessTokens.Clear();
        var seen = await PeekMailbox.Handle(world.Actor, id, 5, world.Db, world.Secrets, "test", Loopback, TimeProvider.System, Ct);
        Assert.True(seen.IsOk, seen.Problem?.Detail);
        Assert.Equal(1, world.Peer.Refreshes);
    }

    [Fact]
    public async Task A_test_mail_leaves_with_a_token()
    {
        await using var world = OauthWorld.Create(database);
        var id = (await world.Connect()).Value.Id;
        world.Peer.AccessTokens.Clear();
        var sent = await SendTestMail.Handle(world.Actor, id, world.Db, world.Secrets, world.Box, Loopback, new("mx.penguin.test", "app.penguin.test"), TimeProvider.System, Ct);
        Assert.Equal("sent", sent.Value.State);
        Assert.Single(world.Mail.Received);
    }

    async Task<OauthLane> Lane(OauthWorld world, MailboxId id) => await OauthLane.Create(database, world, id);

    /// <summary>The queue of one such mailbox, with one message in it.</summary>
    sealed record OauthLane(TestDatabase Database, OauthWorld World, MailboxId Id, Guid Campaign)
    {
        DeliveryOptions Options => Database.Services.GetRequiredService<DeliveryOptions>();
        Tokens Tokens => Database.Services.GetRequiredService<Tokens>();

        public static async Task<OauthLane> Create(TestDatabase database, OauthWorld world, MailboxId id)
        {
            var lane = new OauthLane(database, world, id, Guid.CreateVersion7());
            var now = world.Clock.GetUtcNow();
            await using var tx = await world.Db.Begin(world.Tenant, Ct);
            var content = await WriteContent.Within(tx, new WriteContent.Step(lane.Campaign, 1, "Hello", null, "Hi\n{{unsubscribe_url}}\n", "Sender Ltd", "1 Street"), now, Ct);
            await ControlCampaign.Start(tx, lane.Campaign, world.Workspace, SendPlan.Plain(SendWindow.Always), now, Ct);
            await EnqueueMessages.Within(tx, world.Workspace, lane.Campaign, 1, content, [new(Guid.CreateVersion7(), "anna@firm.example", "{}", id.Value)], now, lane.Tokens, now, Ct);
            await tx.Commit(Ct);
            return lane;
        }

        /// <summary>A message that passed the gate too long ago is given back, which a machine at its limit brings about: then once more.</summary>
        public async Task Send()
        {
            for (var n = 0; n < 5 && (await Only()).State == MessageState.Queued; n++)
            {
                await Serve();
                World.Clock.Advance(TimeSpan.FromSeconds(200));
            }
        }

        public async Task Serve()
        {
            const string claim = """
                update delivery.lane set lease_until = $2, lease_token = $3
                where mailbox_id = $4 and ready_at <= $1 and (lease_until is null or lease_until < $1)
                returning wakes, failures
                """;
            var (now, token) = (World.Clock.GetUtcNow(), Guid.CreateVersion7());
            Lane? claimed;
            await using (var tx = await World.Db.BeginUnscoped(Ct))
            {
                claimed = await tx.Maybe(claim, row => new Lane(Id, World.Tenant, row.GetInt64(0), row.GetInt32(1), token), Ct, now, now.AddSeconds(60), token, Id);
                await tx.Commit(Ct);
            }

            if (claimed is null) return;
            await new LaneRun(claimed, World.Db, World.Secrets, World.Box, Loopback, SendingWorld.Nowhere(World.Db, Options, World.Clock), new RenderMessage(Tokens, Options, World.Clock), Options, World.Clock, NullLogger.Instance).Run(Ct);
        }

        public async Task Woken() => await Database.RunJobs(World.Tenant, Ct);

        public async Task<Message> Only() => Assert.Single((await ListMessages.Handle(World.Actor with { Kind = ActorKind.System }, new ListMessages.Input(new CampaignId(Campaign)), World.Db, Ct)).Value.Items);

        public async Task<bool> IsReady(TimeSpan after)
        {
            await using var tx = await World.Db.BeginUnscoped(Ct);
            return await tx.One("select ready_at <= $2 from delivery.lane where mailbox_id = $1", row => row.GetBoolean(0), Ct, Id, World.Clock.GetUtcNow() + after);
        }

        public async Task<string> Trouble()
        {
            await using var tx = await World.Db.BeginUnscoped(Ct);
            return await tx.One("select trouble from delivery.lane where mailbox_id = $1", row => row.GetString(0), Ct, Id);
        }
    }
}
