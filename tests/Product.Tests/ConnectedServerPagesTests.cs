using System.Net;
using System.Text;
using Microsoft.Playwright;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>From "I already run Mailu" to its page, as a person does it. The mail server is a listener that has no domains yet.</summary>
public sealed class ConnectedServerPagesTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_server_that_runs_already_is_connected_and_says_what_it_cannot_do()
    {
        using var mailu = new HttpListener();
        var port = FreePorts.Take(1)[0];
        mailu.Prefixes.Add($"http://127.0.0.1:{port}/");
        mailu.Start();
        var serving = Serve(mailu);
        await using var penguin = await Penguin.Start(Ct, ("NETWORK__ALLOWED", "127.0.0.0/8"));
        using var api = new Api(penguin.Web, TimeProvider.System);
        api.Bearer = await TwoAccounts.SignUp(api, "olga@fjord.example", "Fjord Ltd", Ct);
        await using var browser = await Browser.Start();
        var page = await browser.Open(penguin.Web, 1440, session: api.Bearer);

        await page.GotoAsync("/servers/connect");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Office");
        await page.GetByLabel("Host name").FillAsync("mail.fjord.example");
        await page.GetByLabel("Address of its API").FillAsync($"http://127.0.0.1:{port}/");
        await page.GetByLabel("API token").FillAsync("not-the-token");
        await page.GetByLabel("Addresses it sends from").FillAsync("203.0.113.25, 2001:db8::25");
        await page.GetByRole(AriaRole.Button, new() { Name = "Connect server" }).ClickAsync();
        Assert.Contains("right to manage domains", await page.ContentAsync());
        await page.GetByLabel("API token").FillAsync("the-token");
        await page.GetByRole(AriaRole.Button, new() { Name = "Connect server" }).ClickAsync();
        await page.WaitForURLAsync("**/servers/srv_*", new() { WaitUntil = WaitUntilState.Commit });
        var path = new Uri(page.Url).AbsolutePath;
        await page.GetByRole(AriaRole.Button, new() { Name = "Bring up to date" }).ClickAsync();
        await api.Until("The job ran", TimeSpan.FromSeconds(30), async () => (await api.Get("/api/v1" + path, Ct)).GetProperty("stacked_at").ValueKind == System.Text.Json.JsonValueKind.String ? "yes" : null, Ct);

        await Look(browser, penguin.Web, api.Bearer, path);
        await page.GotoAsync(path);
        foreach (var shown in new[] { "Mailu", "neither its queue nor its log", "Let the server go" }) Assert.Contains(shown, await page.ContentAsync());
        Assert.DoesNotContain("the-token", penguin.Output);
        mailu.Abort();
        await serving;
    }

    static async Task Look(Browser browser, Uri web, string? session, string path)
    {
        foreach (var (width, scheme) in new[] { (1440, ColorScheme.Light), (1440, ColorScheme.Dark), (375, ColorScheme.Light), (375, ColorScheme.Dark) })
        {
            var look = await browser.Open(web, width, scheme, session);
            foreach (var (at, name) in new[] { (path, "one"), ("/servers/connect", "connect"), (path + "/mail", "mail") })
            {
                Assert.Equal(200, (await look.GotoAsync(at))?.Status);
                await look.Keep($"servers-connected-{name}-{width}-{scheme}".ToLowerInvariant());
                Assert.Empty(await look.Barriers());
                Assert.Equal(0, await look.Overflow());
            }

            Assert.Contains("Mailu does not show its queue through its API", await look.ContentAsync());
        }
    }

    static async Task Serve(HttpListener mailu)
    {
        while (mailu.IsListening)
        {
            HttpListenerContext context;
            try { context = await mailu.GetContextAsync(); }
            catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException) { return; }
            var isKnown = context.Request.HttpMethod == "GET" && context.Request.Url!.AbsolutePath is "/api/v1/domain" or "/api/v1/user" or "/api/v1/alias";
            context.Response.StatusCode = !isKnown ? 404 : context.Request.Headers["Authorization"] == "Bearer the-token" ? 200 : 403;
            context.Response.Close(Encoding.UTF8.GetBytes(context.Response.StatusCode == 200 ? "[]" : "{}"), willBlock: false);
        }
    }
}
