using System.Buffers.Text;
using System.Net;
using System.Text;
using Microsoft.Playwright;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>From "Connect with Google" to the mailbox's page, as a person does it. The provider is a listener: it says no the first time.</summary>
public sealed class OauthPagesTests
{
    const string Refresh = "refresh-token-of-the-tests", Access = "access-token-of-the-tests", Secret = "client-secret-of-the-tests";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mailbox_is_connected_at_google_and_a_refusal_says_how_to_go_on()
    {
        using var google = new HttpListener();
        var port = FreePorts.Take(1)[0];
        google.Prefixes.Add($"http://127.0.0.1:{port}/");
        google.Start();
        var serving = Serve(google);
        await using var penguin = await Penguin.Start(Ct, ("NETWORK__ALLOWED", "127.0.0.0/8"), ("OAUTH__GOOGLE__CLIENTID", "client"), ("OAUTH__GOOGLE__CLIENTSECRET", Secret),
            ("OAUTH__GOOGLE__AUTHORISATIONURL", $"http://127.0.0.1:{port}/authorise"), ("OAUTH__GOOGLE__TOKENURL", $"http://127.0.0.1:{port}/token"));
        using var api = new Api(penguin.Web, TimeProvider.System);
        api.Bearer = await TwoAccounts.SignUp(api, "olga@fjord.example", "Fjord Ltd", Ct);
        await using var browser = await Browser.Start();
        var page = await browser.Open(penguin.Web, 1440, session: api.Bearer);

        await page.GotoAsync("/mailboxes/new");
        Assert.DoesNotContain("Connect with Microsoft", await page.ContentAsync());
        Assert.Equal(404, (await page.GotoAsync("/mailboxes/oauth/microsoft"))?.Status);
        await page.GotoAsync("/mailboxes/new");
        await page.GetByRole(AriaRole.Link, new() { Name = "Connect with Google" }).ClickAsync();
        await page.Press("Go to Google");
        Assert.Contains("1 to 100 characters", await page.ContentAsync());
        await page.Fill("display_name", "Olga Fjord");
        await page.Press("Go to Google");
        await page.WaitForURLAsync("**/mailboxes/oauth/google/callback?*");
        foreach (var said in new[] { "You did not allow the access at Google", "oauth.denied" }) Assert.Contains(said, await page.ContentAsync());
        await Look(page, "mailbox-consent-failed");

        await page.GetByRole(AriaRole.Link, new() { Name = "Begin again" }).ClickAsync();
        await Look(page, "mailbox-consent");
        await page.Fill("display_name", "Olga Fjord");
        await page.Press("Go to Google");
        await page.WaitForURLAsync("**/mailboxes/mbx_*");
        foreach (var said in new[] { "Connected with Google", "olga@fjord.example", "no password is kept", "Connect again" }) Assert.Contains(said, await page.ContentAsync());
        await Look(page, "mailbox-google");
        await OnPhone(await browser.Open(penguin.Web, 375, ColorScheme.Dark, api.Bearer), new Uri(page.Url).AbsolutePath);
        foreach (var secret in new[] { Refresh, Access, Secret }) Assert.DoesNotContain(secret, penguin.Output + await page.ContentAsync());
        google.Abort();
        await serving;
    }

    static async Task OnPhone(IPage phone, string mailbox)
    {
        foreach (var path in new[] { "/mailboxes/new", "/mailboxes/oauth/google", mailbox + "/edit" })
        {
            Assert.Equal(200, (await phone.GotoAsync(path))?.Status);
            await Look(phone, "mailbox-google-" + path.Split('/')[^1]);
        }

        Assert.DoesNotContain("smtp.host", await phone.ContentAsync());
    }

    static async Task Look(IPage page, string name)
    {
        await page.Keep(name);
        Assert.Empty(await page.Barriers());
        Assert.True(await page.Overflow() <= 0, name);
    }

    static async Task Serve(HttpListener listener)
    {
        for (var asked = 0; ;)
        {
            HttpListenerContext context;
            try { context = await listener.GetContextAsync(); }
            catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException) { return; }
            var query = context.Request.QueryString;
            if (context.Request.Url!.AbsolutePath == "/authorise")
                context.Response.Redirect($"{query["redirect_uri"]}?state={query["state"]}&{(++asked == 1 ? "error=access_denied" : "code=the-code")}");
            context.Response.Close(context.Request.Url.AbsolutePath == "/token" ? Encoding.UTF8.GetBytes(Tokens()) : [], willBlock: false);
        }
    }

    static string Tokens()
    {
        static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
        var claims = $$"""{"iss":"https://accounts.google.com","aud":"client","sub":"1","email":"olga@fjord.example","email_verified":true,"exp":{{TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds()}}}""";
        return $$"""{"access_token":"{{Access}}","token_type":"Bearer","expires_in":3600,"refresh_token":"{{Refresh}}","scope":"openid https://mail.google.com/","id_token":"{{Part("{}")}}.{{Part(claims)}}.{{Part("x")}}"}""";
    }
}
