using PenguinMails.Delivery.Content;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Transport;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;
using PenguinMails.Secrets;
using Microsoft.Extensions.DependencyInjection;

namespace PenguinMails.Modules.Tests.Delivery.Conversations;

/// <summary>Wherever it dies, nothing is written twice, sent twice or moved twice.</summary>
[Collection("pool")]
public sealed class PoolFaultTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Several_workers_at_once_plan_a_day_once_and_write_each_turn_once()
    {
        await using var world = await PoolWorld.Create(database);
        await world.JoinAll();
        for (var step = 0; step < 20; step++)
        {
            world.Clock.Advance(TimeSpan.FromMinutes(25));
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.Converse()));
        }

        await using var tx = await database.Db.BeginUnscoped(Ct);
        var turns = await tx.List("select conversation_id, turn from delivery.conversation_turn where from_mailbox = any($1) limit 1000", row => (row.GetGuid(0), row.GetInt16(1)), Ct, (object)world.Sides.Select(side => side.Mailbox.Value).ToArray());
        Assert.NotEmpty(turns);
        Assert.Equal(turns.Count, await world.Count("select count(*) from delivery.message where tenant_id = $1"));
        // Two pairs are possible, and each meets once a day whoever begins.
        var pairs = await tx.List("select from_mailbox, to_mailbox from delivery.conversation where from_mailbox = any($1) limit 1000", row => Pair.Of(row.GetGuid(0), row.GetGuid(1)), Ct, (object)world.Sides.Select(side => side.Mailbox.Value).ToArray());
        Assert.Equal(2, pairs.Count);
        Assert.Equal(2, pairs.Distinct().Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // Before anybody knows that the sender died.
    public async Task A_message_whose_sender_died_after_handing_it_over_is_not_sent_again_and_is_settled_when_it_is_found(bool isFoundFirst)
    {
        await using var world = await PoolWorld.Create(database);
        await world.JoinAll();
        Side? side = null;
        Lane? lane = null;
        while (lane is null)
        {
            world.Clock.Advance(TimeSpan.FromMinutes(10));
            await world.Converse();
            foreach (var one in world.Sides)
                if (lane is null && await world.Lane(one) is { } ready) (side, lane) = (one, ready);
        }

        LaneFacts facts;
        await using (var tx = await database.Db.Begin(side!.Tenant, Ct)) facts = (await LaneFacts.Read(tx, side.Mailbox.Value, isServing: true, world.Clock.GetUtcNow(), Ct))!;
        var message = (await ClaimMessages.Next(lane, facts, QueuePlace.Start, 1, 0, database.Db, world.Clock.GetUtcNow(), Ct)).Messages.Single();
        Assert.Single(await new LaneLedger(lane, database.Db, world.Clock, facts).Write([message], [], []));
        var sender = (await ReadSender.Handle(side.Tenant, side.Mailbox, database.Services.GetRequiredService<MailboxSecrets>(), database.Services.GetRequiredService<SealedBox>(), database.Db, Ct)).Value;
        var rendered = new RenderMessage(world.Tokens, world.Options, world.Clock).Conversation(sender, null, message.Id, EmailAddress.Parse(message.Address), message.Fields, MessageRoom.Of(new()));
        await world.Put(message.Address.Split('@')[0], "Junk", System.Text.Encoding.UTF8.GetString(rendered.Bytes.Span), Ct); // Handed over; then the machine died.

        var peer = world.Sides.Single(one => one.Address == message.Address);
        if (isFoundFirst)
        {
            await world.Look(peer);
            await world.Converse();
        }

        world.Clock.Advance(TimeSpan.FromMinutes(5));
        await world.Dispatch(side);
        Assert.Equal(1, await world.Count(side.Tenant, "select count(*) from delivery.message where tenant_id = $1 and state = 'in_doubt'"));
        Assert.DoesNotContain(world.Delivered, raw => raw.Contains(world.Tokens.For(message.Id, PenguinMails.Delivery.Links.TokenPurpose.Thread) + "@", StringComparison.Ordinal) && !raw.Contains("References: ", StringComparison.Ordinal));
        await world.Look(peer);
        await world.Converse();
        Assert.Equal(0, await world.Count(side.Tenant, "select count(*) from delivery.message where tenant_id = $1 and state = 'in_doubt'"));
        Assert.Equal(1, await world.Count(side.Tenant, "select count(*) from delivery.placement where tenant_id = $1 and folder = 'junk'"));
        Assert.Single(await world.Folder(peer.User, FileAway.Folder));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Cut_off_anywhere_while_filing_each_message_ends_in_the_folder_once(int round)
    {
        var seed = Environment.TickCount ^ (round << 20);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var world = await PoolWorld.Create(database);
        world.IsJunk = _ => random.Next(2) == 0;
        await world.JoinAll();
        for (var step = 0; step < 24; step++)
        {
            foreach (var side in world.Sides) side.Proxy.Octets = random.Next(3) == 0 ? null : random.Next(200, 4000);
            await world.Step(TimeSpan.FromHours(2));
        }

        foreach (var side in world.Sides) side.Proxy.Octets = null;
        for (var look = 0; look < 2; look++)
            foreach (var side in world.Sides) await world.Look(side);
        var filed = new List<string>();
        foreach (var side in world.Sides)
        {
            filed.AddRange((await world.Folder(side.User, FileAway.Folder)).Select(mail => mail.Id));
            Assert.Empty(await world.Folder(side.User, "INBOX"));
            Assert.Empty(await world.Folder(side.User, "Junk"));
        }

        Assert.NotEmpty(filed);
        Assert.True(world.Delivered.Select(raw => PoolWorld.IdOf(raw)).Order().SequenceEqual(filed.Order()), $"seed {seed}: {world.Delivered.Count} delivered, {filed.Count} filed, {filed.Distinct().Count()} different");
        Assert.True(world.Sides.Sum(side => side.Proxy.Cuts) > 5, $"seed {seed}: hardly anything was cut off.");
    }
}
