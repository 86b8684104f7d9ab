using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Campaigns;
using PenguinMails.Campaigns.Contacts;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Queue;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Modules.Tests.Campaigns;

/// <summary>A campaign ends although some of its recipients can never be mailed, and says how many and why.</summary>
public sealed class UnsentTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_campaign_whose_last_recipients_never_consent_completes_after_a_fortnight()
    {
        var (office, campaign, _) = await Launched();
        await Look(office, campaign);
        var waiting = (await ReadUnsent.Handle(office.Actor, campaign, database.Db, Ct)).Value;
        Assert.Equal([new("consent_missing_ca", 2, true)], waiting.Items);
        Assert.InRange(waiting.EndsAt!.Value, database.Clock.GetUtcNow().AddDays(13), database.Clock.GetUtcNow().AddDays(14));

        await Wait(office, "13 days 23 hours");
        await Look(office, campaign);
        Assert.Equal(CampaignState.Running, await StateOf(office, campaign));

        await Wait(office, "2 hours");
        await Look(office, campaign);
        await Look(office, campaign);
        Assert.Equal(CampaignState.Completed, await StateOf(office, campaign));
        var ended = (await ReadUnsent.Handle(office.Actor, campaign, database.Db, Ct)).Value;
        Assert.Equal([new("consent_missing_ca", 2, false)], ended.Items);
        Assert.Null(ended.EndsAt);
        Assert.Equal(["dropped consent_missing_ca", "dropped consent_missing_ca"], await office.Rows("select kind || ' ' || detail from delivery.fact where tenant_id = $1 and kind = 'dropped'", row => row.GetString(0)));
    }

    [Fact]
    public async Task Consent_that_comes_before_the_end_is_used_and_the_wait_begins_anew()
    {
        var (office, campaign, contact) = await Launched();
        await Look(office, campaign);
        await Wait(office, "15 days");
        Assert.True((await SetStanding.Handle(office.Actor, contact, new("CA", Basis: "express", Evidence: "Said yes"), database.Db, database.Clock, Ct)).IsOk);
        await Look(office, campaign);
        var open = (await ReadUnsent.Handle(office.Actor, campaign, database.Db, Ct)).Value;
        Assert.Equal(CampaignState.Running, await StateOf(office, campaign));
        Assert.Equal([("", 1L, true), ("consent_missing_ca", 1L, true)], open.Items.OrderBy(one => one.Code).Select(one => (one.Code, one.Messages, one.IsWaiting)));
        Assert.Null(open.EndsAt);
    }

    [Fact]
    public async Task A_stranger_finds_nothing()
    {
        var (_, campaign, _) = await Launched();
        var other = await Office.Open(database);
        Assert.Equal("campaign.not_found", (await ReadUnsent.Handle(other.Actor, campaign, database.Db, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await ReadUnsent.Handle(other.Actor with { Kind = ActorKind.Person }, campaign, database.Db, Ct)).Problem?.Code);
    }

    // Two who lack the consent that Canada asks for.
    async Task<(Office Office, CampaignId Campaign, ContactId Contact)> Launched()
    {
        var office = await Office.Open(database);
        var contact = (await AddContact.Handle(office.Actor, new("gives@firm.example", ListId: office.List, Standing: new("CA")), database.Db, database.Clock, Ct)).Value.Id;
        await AddContact.Handle(office.Actor, new("never@firm.example", ListId: office.List, Standing: new("CA")), database.Db, database.Clock, Ct);
        var template = (await SaveTemplate.Handle(office.Actor, null, new("T", "Hello", "", "Hi {{unsubscribe_url}} {{physical_address}}"), database.Db, database.Clock, Ct)).Value;
        var mailbox = (await ConnectMailbox.Handle(office.Actor, new($"s@{office.Actor.Tenant.ToString().Replace('_', '-')}.example", "S", new ConnectMailbox.ServerInput("127.0.0.1", 25, ConnectionSecurity.None, "u", "p")),
            database.Db, database.Services.GetRequiredService<MailboxSecrets>(), "test", database.Clock, Ct)).Value;
        var campaign = (await SaveCampaign.Handle(office.Actor, null, new("C", template.Id, office.List, [mailbox.Id]), database.Db, database.Clock, Ct)).Value.Id;
        var now = database.Clock.GetUtcNow();
        await using (var tx = await database.Db.Begin(office.Actor.Tenant, Ct))
        {
            var content = await PenguinMails.Delivery.Content.WriteContent.Within(tx, new(campaign.Value, 1, "Hello", null, "Hi {{unsubscribe_url}}", "Sender Ltd", "1 Street"), now, Ct);
            await ControlCampaign.Start(tx, campaign.Value, office.Actor.Workspace!.Value, SendPlan.Plain(SendWindow.Always), now, Ct);
            await tx.Execute("update campaigns.campaign set state = 'launching' where tenant_id = $1", Ct, office.Actor.Tenant);
            await tx.Enqueue(new JobOrder<EnqueueAudience.Order>(EnqueueAudience.Kind, new(campaign, office.Actor.Workspace!.Value, content)), now, Ct);
            await tx.Commit(Ct);
        }

        await database.RunJobs(office.Actor.Tenant, Ct);
        return (office, campaign, contact);
    }

    Task Look(Office office, CampaignId campaign) => CompleteCampaign.Run(new(campaign, office.Actor.Workspace!.Value),
        new JobRun(new ClaimedJob(default, office.Actor.Tenant, CompleteCampaign.Kind, 1, 10, default, null), database.Db, database.Services), Ct);

    async Task Wait(Office office, string time)
    {
        await using var tx = await database.Db.Begin(office.Actor.Tenant, Ct);
        await tx.Execute("update campaigns.campaign set waiting_since = waiting_since - $2::interval where tenant_id = $1", Ct, office.Actor.Tenant, time);
        await tx.Commit(Ct);
    }

    async Task<CampaignState> StateOf(Office office, CampaignId campaign) => (await ListCampaigns.One(office.Actor, campaign, database.Db, Ct)).Value.State;
}
