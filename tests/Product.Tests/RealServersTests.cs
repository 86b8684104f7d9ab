using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>Against servers that others wrote: Postfix takes the mail, Dovecot holds the mailbox.</summary>
[Collection(RunningProgram.Name)]
public sealed class RealServersTests(TwoAccounts world)
{
    const string Domain = "realwind-outreach.example";
    const int People = 12;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mailbox_at_postfix_and_dovecot_is_tested_sends_a_campaign_and_tells_a_wrong_password()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Postfix and Dovecot start as root only.");
        await using var servers = await RealServers.Start(Ct);
        using var api = new Api(world.Penguin.Web, TimeProvider.System);
        api.Bearer = await TwoAccounts.SignUp(api, "real@realwind.example", "Realwind", Ct);
        await Prepare(api);

        var wrong = await Connect(api, servers, "wrong", "not the password");
        var refused = await api.Post($"/api/v1/mailboxes/{wrong}/test", new { }, Ct);
        Assert.False(refused.GetProperty("ok").GetBoolean());
        foreach (var protocol in new[] { "smtp", "imap" })
        {
            var failed = Assert.Single(refused.GetProperty(protocol).GetProperty("steps").EnumerateArray(), s => s.GetProperty("state").GetString() == "failed");
            Assert.Equal("log_in", failed.GetProperty("name").GetString());
            Assert.NotEmpty(failed.GetProperty("detail").GetString()!);
        }

        Assert.DoesNotContain("not the password", refused.GetRawText());

        var mailbox = await Connect(api, servers, "right", RealServers.Secret);
        var test = await api.Post($"/api/v1/mailboxes/{mailbox}/test", new { }, Ct);
        Assert.True(test.GetProperty("ok").GetBoolean(), test.GetRawText() + servers.Logs());
        Assert.DoesNotContain(RealServers.Secret, test.GetRawText());

        var campaign = await Campaign(api, mailbox);
        await api.Post($"/api/v1/campaigns/{campaign}/launch", new { }, Ct);
        await api.Until<object>("Everything sent", Patience, async () => (await api.Get($"/api/v1/campaigns/{campaign}/counts", Ct)).GetProperty("sent").GetInt64() == People ? api : null, Ct);
        await api.Until<object>("Postfix's log", Patience, () => Task.FromResult<object?>(servers.Sent().Count() >= People ? api : null), Ct);
        Assert.Equal(Enumerable.Range(1, People).Select(i => $"reader{i}@firm{i}.example").Order(), servers.Sent().Order());
    }

    static async Task Prepare(Api api)
    {
        var me = await api.Get("/api/v1/me", Ct);
        await api.Patch($"/api/v1/workspaces/{me.GetProperty("workspace_id").GetString()}", new { sender_name = "Realwind Ltd", postal_address = "1 Quay Street, Bristol BS1 4RW, United Kingdom" }, Ct);
        var domain = (await api.Post("/api/v1/domains", new { name = Domain }, Ct)).GetProperty("id").GetString();
        foreach (var record in (await api.Get($"/api/v1/domains/{domain}", Ct)).GetProperty("records").EnumerateArray().Where(r => r.GetProperty("type").GetString() != "PTR"))
        {
            var expected = record.GetProperty("expected").GetString();
            await api.Post("/sandbox/dns", new { host = record.GetProperty("host").GetString(), type = record.GetProperty("type").GetString(), values = new[] { expected == "any" ? $"10 mx.{Domain}" : expected } }, Ct);
        }

        await api.Post($"/api/v1/domains/{domain}/check", new { }, Ct);
    }

    static async Task<string> Connect(Api api, RealServers servers, string local, string secret) => (await api.Post("/api/v1/mailboxes", new
    {
        address = $"{local}@{Domain}", display_name = "Olivia Hart", daily_cap = 1000, gap_seconds = 0, connections_max = 2,
        smtp = new { host = "127.0.0.1", port = servers.SmtpPort, security = "none", user = RealServers.User, secret },
        imap = new { host = "127.0.0.1", port = servers.ImapPort, security = "none", user = RealServers.User, secret },
    }, Ct)).GetProperty("id").GetString()!;

    static async Task<string> Campaign(Api api, string mailbox)
    {
        var list = (await api.Post("/api/v1/lists", new { name = "Readers" }, Ct)).GetProperty("id").GetString();
        for (var i = 1; i <= People; i++) await api.Post("/api/v1/contacts", new { email = $"reader{i}@firm{i}.example", first_name = "Réka", list_id = list, source = "trade fair" }, Ct);
        const string html = "<p>Hello {{first_name|there}}</p><p>{{physical_address}} <a href=\"{{unsubscribe_url}}\">No more mail</a></p>";
        var template = (await api.Post("/api/v1/templates", new { name = "Letter", subject = "Grüße from {{sender_name}}", html, text = "" }, Ct)).GetProperty("id").GetString();
        var campaign = await api.Post("/api/v1/campaigns", new
        {
            name = "Through Postfix", template_id = template, list_id = list, mailboxes = new[] { mailbox },
            window = new { zone = "Etc/UTC", days = 127, from_minute = 0, to_minute = 1440 }, shape = "none",
        }, Ct);
        return campaign.GetProperty("id").GetString()!;
    }
}
