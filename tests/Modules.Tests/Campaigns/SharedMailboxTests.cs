using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Campaigns;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Sharing;

namespace PenguinMails.Modules.Tests.Campaigns;

/// <summary>A mailbox of one workspace used by another: only within the account, only while shared, only for what it is shared for.</summary>
public sealed class SharedMailboxTests(TestDatabase database)
{
    static int _made;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    MailboxSecrets Secrets => database.Services.GetRequiredService<MailboxSecrets>();

    [Fact]
    public async Task It_is_offered_and_taken_by_a_campaign_only_while_shared_for_sending()
    {
        var (owner, other, mailbox) = await Two();
        Assert.Equal("campaign.invalid", (await Campaign(other, mailbox)).Problem?.Code);
        Assert.Empty((await ListSenders.Handle(other, database.Db, Ct)).Value.Items);

        await Share(owner, mailbox, other, maySend: false, mayRead: true);
        Assert.Equal("campaign.invalid", (await Campaign(other, mailbox)).Problem?.Code);
        await Share(owner, mailbox, other, maySend: true, mayRead: false);
        var offered = Assert.Single((await ListSenders.Handle(other, database.Db, Ct)).Value.Items);
        Assert.Equal((mailbox, true, true, false), (offered.Id, offered.IsShared, offered.MaySend, offered.MayRead));
        var campaign = (await Campaign(other, mailbox)).Value;
        Assert.DoesNotContain((await Preflight.Handle(other, campaign.Id, database.Db, database.Clock, Ct)).Value.Findings, finding => finding.Rule == "mailbox.not_shared");

        Assert.True((await UnshareMailbox.Handle(owner, mailbox, new(other.Workspace ?? default), database.Db, database.Clock, Ct)).IsOk);
        Assert.Contains((await Preflight.Handle(other, campaign.Id, database.Db, database.Clock, Ct)).Value.Findings, finding => finding is { Rule: "mailbox.not_shared", Severity: Severity.Block });
        Assert.Equal("campaign.invalid", (await Campaign(other, mailbox, "Second")).Problem?.Code);
        Assert.Equal(["mailbox.unshared", "campaign.created", "mailbox.shared", "mailbox.shared"],
            (await Audit.Newest(database.Db, owner.Tenant, null, 100, Ct)).Select(entry => entry.Action).Where(action => action is "mailbox.shared" or "mailbox.unshared" or "campaign.created"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_running_campaign_is_paused_when_the_sharing_ends_and_cannot_be_resumed(bool byNarrowing)
    {
        var (owner, other, mailbox) = await Two();
        await Share(owner, mailbox, other, maySend: true, mayRead: true);
        var campaign = (await Campaign(other, mailbox)).Value;
        await Running(other, campaign.Id);
        if (byNarrowing) await Share(owner, mailbox, other, maySend: false, mayRead: true);
        else await UnshareMailbox.Handle(owner, mailbox, new(other.Workspace ?? default), database.Db, database.Clock, Ct);
        await database.RunJobs(owner.Tenant, Ct);
        Assert.Equal(CampaignState.Paused, (await ListCampaigns.One(other, campaign.Id, database.Db, Ct)).Value.State);
        Assert.Equal("campaign.sender_not_shared", (await SteerCampaign.Handle(other, campaign.Id, SteerCampaign.Step.Resume, database.Db, database.Clock, Ct)).Problem?.Code);
        await Share(owner, mailbox, other, maySend: true, mayRead: false);
        Assert.True((await SteerCampaign.Handle(other, campaign.Id, SteerCampaign.Step.Resume, database.Db, database.Clock, Ct)).IsOk);
    }

    [Fact]
    public async Task Its_settings_stay_with_its_workspace_and_its_inbox_opens_only_for_reading()
    {
        var (owner, other, mailbox) = await Two();
        await Share(owner, mailbox, other, maySend: true, mayRead: false);
        Assert.Equal("mailbox.not_found", (await Peek(other, mailbox)).Problem?.Code);
        await Share(owner, mailbox, other, maySend: true, mayRead: true);
        Assert.Equal("mailbox.no_imap", (await Peek(other, mailbox)).Problem?.Code); // Let in, and there is no IMAP server.
        Assert.Equal("mailbox.not_found", (await ListMailboxes.One(other, mailbox, database.Db, Ct)).Problem?.Code);
        Assert.Equal("mailbox.not_found", (await ChangeMailbox.Handle(other, mailbox, new(DailyCap: 5), database.Db, Secrets, "test", database.Clock, Ct)).Problem?.Code);
        Assert.Equal("mailbox.not_found", (await PauseMailbox.Handle(other, mailbox, database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("mailbox.not_found", (await ListShares.Handle(other, mailbox, database.Db, Ct)).Problem?.Code);
        Assert.Equal("mailbox.not_found", (await ShareMailbox.Handle(other, mailbox, new(owner.Workspace ?? default), database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("mailbox.not_found", (await UnshareMailbox.Handle(other, mailbox, new(other.Workspace ?? default), database.Db, database.Clock, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task Another_account_is_never_a_target_and_gets_nothing()
    {
        var (owner, other, mailbox) = await Two();
        var (foreign, _, _) = await Two();
        Assert.Equal("workspace.not_found", (await ShareMailbox.Handle(owner, mailbox, new(foreign.Workspace ?? default), database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("mailbox.not_found", (await ShareMailbox.Handle(foreign with { Workspace = owner.Workspace }, mailbox, new(foreign.Workspace ?? default), database.Db, database.Clock, Ct)).Problem?.Code);
        await Share(owner, mailbox, other, maySend: true, mayRead: true);
        var thief = Actor.System(foreign.Tenant, other.Workspace); // Another account that names the right workspace.
        Assert.Empty((await ListSenders.Handle(thief, database.Db, Ct)).Value.Items);
        Assert.Equal("mailbox.not_found", (await Peek(thief, mailbox)).Problem?.Code);
        Assert.Equal("mailbox.not_found", (await ListShares.Handle(thief, mailbox, database.Db, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task Only_who_may_manage_mailboxes_shares_and_only_with_what_makes_sense()
    {
        var (owner, other, mailbox) = await Two();
        var reader = owner with { Kind = ActorKind.ApiKey, Permissions = new[] { Permissions.MailboxesRead }.ToFrozenSet() };
        Assert.Equal("permission.missing", (await ShareMailbox.Handle(reader, mailbox, new(other.Workspace ?? default), database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await UnshareMailbox.Handle(reader, mailbox, new(other.Workspace ?? default), database.Db, database.Clock, Ct)).Problem?.Code);
        var bound = reader with { Permissions = new[] { Permissions.MailboxesManage }.ToFrozenSet() }; // A key of one workspace has no part in the other.
        Assert.Equal("workspace.not_found", (await ShareMailbox.Handle(bound, mailbox, new(other.Workspace ?? default), database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("mailbox.share_invalid", (await ShareMailbox.Handle(owner, mailbox, new(owner.Workspace ?? default), database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("mailbox.share_invalid", (await ShareMailbox.Handle(owner, mailbox, new(other.Workspace ?? default, false), database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.True((await UnshareMailbox.Handle(owner, mailbox, new(other.Workspace ?? default), database.Db, database.Clock, Ct)).IsOk); // It was not shared.
    }

    async Task<(Actor Owner, Actor Other, MailboxId Mailbox)> Two()
    {
        var office = await Office.Open(database);
        var second = TypedId.New<WorkspaceId>(database.Clock.GetUtcNow());
        await using (var tx = await database.Db.Begin(office.Actor.Tenant, Ct))
        {
            await tx.Execute("insert into accounts.workspace (tenant_id, id, name, sender_name, postal_address, created_at) values ($1, $2, 'Second', 'S', 'P', $3)", Ct, office.Actor.Tenant, second, database.Clock.GetUtcNow());
            await tx.Commit(Ct);
        }

        var input = new ConnectMailbox.Input($"sam@t{office.Actor.Tenant.Value:N}.test", "Sam", new("smtp.firm.example", 587, ConnectionSecurity.Starttls, "sam", "pw"));
        var mailbox = (await ConnectMailbox.Handle(office.Actor, input, database.Db, Secrets, "test", database.Clock, Ct)).Value.Id;
        return (office.Actor, Actor.System(office.Actor.Tenant, second), mailbox);
    }

    async Task Share(Actor owner, MailboxId mailbox, Actor other, bool maySend, bool mayRead) =>
        Assert.True((await ShareMailbox.Handle(owner, mailbox, new(other.Workspace ?? default, maySend, mayRead), database.Db, database.Clock, Ct)).IsOk);

    Task<Result<IReadOnlyList<PeekedMail>>> Peek(Actor actor, MailboxId mailbox) => PeekMailbox.Handle(actor, mailbox, null, database.Db, Secrets, "test", Outbound.From("127.0.0.0/8"), database.Clock, Ct);

    async Task<Result<Campaign>> Campaign(Actor actor, MailboxId mailbox, string name = "First")
    {
        var unique = $"{name} {Interlocked.Increment(ref _made)}";
        var list = (await CreateList.Handle(actor, new(unique), database.Db, database.Clock, Ct)).Value.Id;
        var template = (await SaveTemplate.Handle(actor, null, new(unique, "Hi", "", "Hello"), database.Db, database.Clock, Ct)).Value.Id;
        return await SaveCampaign.Handle(actor, null, new(name, template, list, [mailbox]), database.Db, database.Clock, Ct);
    }

    // As if it had been launched; the launch itself is tested elsewhere.
    async Task Running(Actor actor, CampaignId id)
    {
        await using var tx = await database.Db.Begin(actor.Tenant, Ct);
        await tx.Execute("update campaigns.campaign set state = 'running' where tenant_id = $1 and id = $2", Ct, actor.Tenant, id);
        await tx.Commit(Ct);
    }
}
