using System.Text;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Campaigns;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Mime;
using PenguinMails.Modules.Tests.Fleet.Servers;
using PenguinMails.Secrets;

namespace PenguinMails.Modules.Tests.Campaigns;

public sealed class CampaignSpamTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_message_that_is_checked_is_the_one_a_contact_would_get_from_the_first_mailbox()
    {
        var office = await Office.Open(database);
        var name = $"s{office.Actor.Tenant.Value:N}.test";
        var domain = (await AddDomain.Handle(office.Actor, new(name), database.Db, database.Services.GetRequiredService<SealedBox>(), new PlatformHosts("mx.penguin.test", "app.penguin.test"), database.Clock, Ct)).Value;
        var campaign = await Draft(office, $"sam@{name}");
        var made = (await CheckCampaignSpam.Compose(office.Actor, campaign, database.Db, database.Clock, Ct)).Value;
        var message = MimeReader.Read(made.Message, new MimeLimits());
        Assert.Equal((domain.Id, "Hello Anna"), (made.Domain, message.Header("Subject")));
        Assert.Contains($"sam@{name}", message.Header("From"));
        Assert.Contains("Dear Anna, at Example Industries", Encoding.UTF8.GetString(made.Message));
        // The domain's mail leaves through the mailbox's own provider.
        Assert.Equal("spam.no_filter", (await Check(office.Actor, campaign)).Problem?.Code);
    }

    [Fact]
    public async Task A_mailbox_of_no_domain_here_has_no_filter_to_ask()
    {
        var office = await Office.Open(database);
        var campaign = await Draft(office, $"sam@s{office.Actor.Tenant.Value:N}.test");
        var refused = (await Check(office.Actor, campaign)).Problem;
        Assert.Equal(("spam.no_filter", true), (refused?.Code, refused?.Detail.Contains("another provider", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Others_may_not_and_find_nothing()
    {
        var office = await Office.Open(database);
        var campaign = await Draft(office, $"sam@s{office.Actor.Tenant.Value:N}.test");
        Assert.Equal("campaign.not_found", (await Check((await Office.Open(database)).Actor, campaign)).Problem?.Code);
        Assert.Equal("permission.missing", (await Check(office.Actor with { Kind = ActorKind.Person }, campaign)).Problem?.Code);
    }

    Task<Result<PenguinMails.Fleet.SpamChecks.SpamVerdict>> Check(Actor actor, CampaignId campaign) => CheckCampaignSpam.Handle(actor, campaign, database.Db, new ServerWorld(database).Reach, database.Clock, Ct);

    async Task<CampaignId> Draft(Office office, string address)
    {
        var template = (await SaveTemplate.Handle(office.Actor, null, new SaveTemplate.Input("T", "Hello {{first_name|there}}", "", "Dear {{first_name|there}}, at {{company|your firm}}\n{{physical_address}}\n{{unsubscribe_url}}\n"), database.Db, database.Clock, Ct)).Value;
        var mailbox = (await ConnectMailbox.Handle(office.Actor, new ConnectMailbox.Input(address, "Sam", new ConnectMailbox.ServerInput("127.0.0.1", 25, ConnectionSecurity.None, "u", "p")), database.Db,
            database.Services.GetRequiredService<MailboxSecrets>(), "test", database.Clock, Ct)).Value;
        return (await SaveCampaign.Handle(office.Actor, null, new SaveCampaign.Input("C", template.Id, office.List, [mailbox.Id]), database.Db, database.Clock, Ct)).Value.Id;
    }
}
