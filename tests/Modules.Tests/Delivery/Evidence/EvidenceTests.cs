using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Delivery.Evidence;
using PenguinMails.Delivery.Messages;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Servers;
using PenguinMails.Modules.Tests.Delivery.Collect;

namespace PenguinMails.Modules.Tests.Delivery.Evidence;

public sealed class EvidenceTests(TestDatabase database)
{
    static readonly Finding Accepted = new("delivery_log", FindingVerdict.Accepted, "It is there."), NotAccepted = new("delivery_log", FindingVerdict.NotAccepted, "It is not there.");

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_in_the_Sent_folder_proves_that_it_was_accepted()
    {
        await using var world = await CollectWorld.Create(database);
        var id = await Doubtful(world.Sending);
        await using var mailbox = await world.Open();
        await mailbox.Create("Sent", Ct);
        await world.Put(mailbox, "Sent", CollectWorld.Personal("other"));
        Assert.Equal([("sent_folder", FindingVerdict.Nothing)], (await Ask(world.Sending, id)).Select(found => (found.Source, found.Verdict)));
        await world.Put(mailbox, "Sent", $"From: sender@example.com\nMessage-ID: <{world.Thread}@bounce.example.com>\n\nHi\n");
        var findings = await Ask(world.Sending, id);
        Assert.Equal([("sent_folder", FindingVerdict.Accepted)], findings.Select(found => (found.Source, found.Verdict)));

        Assert.Equal("sent", await Settle(world.Sending, id, findings));
        var message = (await ListMessages.One(world.Sending.Actor, id, database.Db, Ct)).Value;
        Assert.Equal((MessageState.Sent, "copy_in_sent_folder", message.AttemptedAt), (message.State, message.Reason, message.SentAt));
        Assert.Equal(["accepted"], message.Evidence.Select(seen => seen.Verdict));
        await world.Sending.Dispatch();
        Assert.Single(world.Sending.Received);
    }

    [Fact]
    public async Task Proof_that_it_was_not_accepted_sends_it_once_more_and_once_only()
    {
        await using var world = await Sent();
        var id = await Doubtful(world);
        Assert.Equal("deferred", await Settle(world, id, [NotAccepted]));
        Assert.Equal("", await Settle(world, id, [NotAccepted]));
        Assert.Equal((MessageState.Deferred, "not_accepted"), ((await world.Only()).State, (await world.Only()).Reason));
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Dispatch();
        await world.Dispatch();
        Assert.Equal((MessageState.Sent, 2, 2), ((await world.Only()).State, world.Received.Count, (await world.Only()).Attempt));
    }

    [Fact]
    public async Task Any_sign_that_it_was_accepted_outweighs_one_that_it_was_not()
    {
        await using var world = await Sent();
        var id = await Doubtful(world);
        Assert.Equal("sent", await Settle(world, id, [NotAccepted, Accepted with { Source = "sent_folder" }]));
        await world.Dispatch();
        Assert.Single(world.Received);
    }

    [Fact]
    public async Task Without_proof_it_stays_for_a_person_with_what_was_looked_at_and_is_never_sent()
    {
        await using var world = await Sent();
        var id = await Doubtful(world);
        var findings = await Ask(world, id);
        Assert.Equal([("none", FindingVerdict.Nothing)], findings.Select(found => (found.Source, found.Verdict)));
        Assert.Null(await Settle(world, id, findings));
        Assert.Null(await Settle(world, id, [NotAccepted with { Verdict = FindingVerdict.NotReadable }]));
        Assert.Null(await Settle(world, id, [NotAccepted with { Source = "sent_folder" }])); // An empty Sent folder is no proof.
        await world.Dispatch();
        var message = (await ListMessages.One(world.Actor, id, database.Db, Ct)).Value;
        Assert.Equal((MessageState.InDoubt, 1), (message.State, world.Received.Count));
        Assert.Contains(message.Evidence, seen => seen is { Source: "delivery_log", Verdict: "not_readable" });
        Assert.True((await ResolveInDoubt.Handle(world.Actor, new(id, Arrived: true), database.Db, world.Clock, Ct)).IsOk);
    }

    [Fact]
    public async Task What_was_not_accepted_of_a_stopped_campaign_is_dropped()
    {
        await using var world = await Sent();
        var id = await Doubtful(world);
        await world.InTenant(tx => tx.Execute("update delivery.campaign_control set state = 'stopped' where tenant_id = $1", Ct, world.Tenant));
        Assert.Equal("dropped", await Settle(world, id, [NotAccepted]));
        await world.Dispatch();
        Assert.Equal(("campaign_stopped", 1), ((await world.Only()).Reason, world.Received.Count));
    }

    [Fact]
    public async Task A_doubt_is_noted_when_it_comes_up_and_looked_into_until_a_day_has_passed()
    {
        await using var world = await Sent();
        var id = await Doubtful(world);
        Assert.Equal(0, await Looks(id));
        for (var looks = 1; looks <= 4; looks++)
        {
            await Due(id);
            Assert.Equal(looks, await Looks(id));
        }

        await Due(id);
        Assert.Null(await Looks(id));
        Assert.Equal(["none"], (await ListMessages.One(world.Actor, id, database.Db, Ct)).Value.Evidence.Select(seen => seen.Source));
    }

    async Task<SendingWorld> Sent()
    {
        var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        await world.Dispatch();
        return world;
    }

    // Only this message is due, since tests run side by side.
    async Task Due(MessageId id)
    {
        await using (var tx = await database.Db.BeginUnscoped(Ct))
        {
            await tx.Execute("update delivery.doubt set due_at = $2 where message_id = $1", Ct, id, database.Clock.GetUtcNow().AddYears(-1));
            await tx.Commit(Ct);
        }

        await SeekEvidence.Run(new PenguinMails.Core.Jobs.JobRun(new(default, default, "", 1, 1, default, null), database.Db, database.Services), Ct);
    }

    async Task<int?> Looks(MessageId id)
    {
        await using var tx = await database.Db.BeginUnscoped(Ct);
        var found = await tx.List("select looks from delivery.doubt where message_id = $1", row => (int)row.GetInt16(0), Ct, id);
        return found.Count == 0 ? null : found[0];
    }

    static async Task<MessageId> Doubtful(SendingWorld world)
    {
        await world.InTenant(tx => tx.Execute("update delivery.message set state = 'in_doubt', reason = 'no_reply_seen', sent_at = null where tenant_id = $1", Ct, world.Tenant));
        return (await world.Only()).Id;
    }

    async Task<SeekEvidence.Doubt> Read(SendingWorld world, MessageId id)
    {
        var message = (await ListMessages.One(world.Actor, id, database.Db, Ct)).Value;
        return new(world.Mailbox, message.CampaignId.Value, message.AttemptedAt ?? default, message.AttemptedAt ?? default);
    }

    async Task<List<Finding>> Ask(SendingWorld world, MessageId id) => await SeekEvidence.Ask(world.Tenant, id, await Read(world, id), database.Db, world.Tokens,
        database.Services.GetRequiredService<MailboxSecrets>(), Outbound.From("127.0.0.0/8"), database.Services.GetRequiredService<ServerReach>(), TimeProvider.System, Ct);

    async Task<string?> Settle(SendingWorld world, MessageId id, IReadOnlyList<Finding> findings)
    {
        var doubt = await Read(world, id);
        await using var tx = await database.Db.Begin(world.Tenant, Ct);
        var state = await SettleDoubt.Within(tx, id, doubt, findings, world.Clock.GetUtcNow(), Ct);
        await tx.Commit(Ct);
        return state;
    }
}
