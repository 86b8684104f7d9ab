using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Campaigns;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Delivery.Content;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Modules.Tests.Campaigns;

public sealed class PreflightTests(TestDatabase database)
{
    const string Good = "Hello {{first_name|there}}\n{{physical_address}}\n{{unsubscribe_url}}\n";
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Hi", "Hello {{unsubscribe_url}}", "L-US-06")]
    [InlineData("Hi", "Hello {{physical_address}}", "MSG-03")]
    [InlineData("Re: our call", Good, "MSG-05")]
    [InlineData("AW: Termin", Good, "MSG-05")]
    [InlineData("Hi {{company}}", Good, "template.unresolved")]
    public async Task What_must_not_leave_blocks_the_launch_under_its_rule(string subject, string text, string rule)
    {
        var office = await Office.Open(database);
        var (campaign, report) = await Check(office, subject, text);
        Assert.Contains(report.Findings, f => f.Rule == rule && f.Severity == Severity.Block);
        Assert.Equal("campaign.preflight_blocked", (await LaunchCampaign.Handle(office.Actor, campaign, database.Db, database.Clock, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_missing_postal_address_of_the_workspace_blocks()
    {
        var office = await Office.Open(database, postalAddress: "");
        Assert.Contains((await Check(office, "Hi", Good)).Report.Findings, f => f is { Rule: "L-US-06", Severity: Severity.Block });
    }

    [Fact]
    public async Task A_domain_that_is_not_set_up_blocks()
    {
        var office = await Office.Open(database);
        Assert.Contains((await Check(office, "Hi", Good)).Report.Findings, f => f is { Rule: "MBP-04", Severity: Severity.Block });
    }

    [Theory]
    [InlineData(ConsumerPolicy.Block, true)]
    [InlineData(ConsumerPolicy.Exclude, false)]
    [InlineData(ConsumerPolicy.Allow, false)]
    public async Task Private_mailboxes_block_unless_the_campaign_says_what_to_do(ConsumerPolicy policy, bool blocks)
    {
        var office = await Office.Open(database);
        await office.Import("email\r\nanna@gmail.com\r\n");
        var report = (await Check(office, "Hi", Good, policy)).Report;
        Assert.Equal(blocks, report.Findings.Any(f => f is { Rule: "MSG-12", Severity: Severity.Block }));
    }

    [Theory]
    [InlineData("Re: hello", true)]
    [InlineData("RE : hello", true)]
    [InlineData("Fwd: hello", true)]
    [InlineData("Re[2]: hello", true)]
    [InlineData("Antw: hallo", true)]
    [InlineData("Regarding: hello", false)]
    [InlineData("Reminder", false)]
    [InlineData("A question: why", false)]
    public void A_false_reply_is_known_in_many_languages(string subject, bool isFalse) => Assert.Equal(isFalse, Preflight.FalseReply(subject));

    [Theory]
    [InlineData("Hi {{first_name}}", "first_name")]
    [InlineData("Hi {{first_name|you}}", "")]
    [InlineData("{{#if company}}{{company}}{{/if}}", "")]
    [InlineData("{{#if company}}{{first_name}}{{/if}}", "first_name")]
    public void A_field_without_fallback_is_required(string source, string required)
    {
        Assert.True(MergeTemplate.TryCompile(source, false, out var template, out _));
        Assert.Equal(required, string.Join(',', template.Required));
    }

    [Theory]
    [InlineData("{{first_name", 1, 1)]
    [InlineData("Hi\n  {{{raw}}}", 2, 3)]
    [InlineData("{{#each x}}", 1, 1)]
    [InlineData("{{> partial}}", 1, 1)]
    [InlineData("{{#if a}}open", 1, 14)]
    [InlineData("{{/if}}", 1, 1)]
    [InlineData("{{Name}}", 1, 1)]
    public void A_tag_that_is_not_understood_is_named_with_its_place(string source, int line, int column)
    {
        Assert.False(MergeTemplate.TryCompile(source, true, out _, out var fault));
        Assert.Equal((line, column), (fault.Line, fault.Column));
    }

    [Fact]
    public void Html_escapes_values_and_text_does_not()
    {
        var fields = new Dictionary<string, string> { ["company"] = "<b>A&B</b>" };
        Assert.True(MergeTemplate.TryCompile("{{company}}", true, out var html, out _) & MergeTemplate.TryCompile("{{company}}", false, out var text, out _));
        Assert.Equal("&lt;b&gt;A&amp;B&lt;/b&gt;", html!.Render(fields));
        Assert.Equal("<b>A&B</b>", text!.Render(fields));
    }

    async Task<(CampaignId Id, PreflightReport Report)> Check(Office office, string subject, string text, ConsumerPolicy policy = ConsumerPolicy.Exclude)
    {
        await office.Import("email,first_name\r\nberta@firm.example,Berta\r\n");
        var template = (await SaveTemplate.Handle(office.Actor, null, new SaveTemplate.Input("T", subject, "", text), database.Db, database.Clock, Ct)).Value;
        var mailbox = (await ConnectMailbox.Handle(office.Actor, new ConnectMailbox.Input($"s@{office.Actor.Tenant.ToString().Replace('_', '-')}.example", "S",
            new ConnectMailbox.ServerInput("127.0.0.1", 25, ConnectionSecurity.None, "u", "p")), database.Db, database.Services.GetRequiredService<MailboxSecrets>(), "test", database.Clock, Ct)).Value;
        var campaign = (await SaveCampaign.Handle(office.Actor, null, new SaveCampaign.Input("C", template.Id, office.List, [mailbox.Id], ConsumerPolicy: policy), database.Db, database.Clock, Ct)).Value;
        return (campaign.Id, (await Preflight.Handle(office.Actor, campaign.Id, database.Db, database.Clock, Ct)).Value);
    }
}
