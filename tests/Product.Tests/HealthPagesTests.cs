using Microsoft.Playwright;

namespace PenguinMails.Product.Tests;

/// <summary>A domain's health on its page: what is wrong, why and what to do, for everyone and in any window.</summary>
[Collection(RunningProgram.Name)]
public sealed class HealthPagesTests(TwoAccounts world, ITestOutputHelper output)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_listed_domain_is_shown_with_cause_and_fix_and_kept_from_others()
    {
        var domain = world.Ids["domains"];
        var root = $"/api/v1/domains/{domain}/health";
        var name = (await world.Send(HttpMethod.Get, $"/api/v1/domains/{domain}", world.First, null, Ct)).Body().GetProperty("domain").GetProperty("name").GetString();
        foreach (var host in new[] { "dbltest.com", name })
            Assert.True((await world.Send(HttpMethod.Post, "/sandbox/dns", world.First, TwoAccounts.Json($$"""{"host":"{{host}}.dbl.spamhaus.org","type":"a","values":["127.0.1.2"]}"""), Ct)).IsSuccess);
        var health = await world.Send(HttpMethod.Post, root + "/check", world.First, TwoAccounts.Json("{}"), Ct);
        Assert.True(health.IsSuccess, health.Text);
        Assert.Equal("act", health.Body().GetProperty("worst").GetString());
        Assert.Equal("act", (await world.Send(HttpMethod.Get, root, world.First, null, Ct)).Body().GetProperty("findings")[0].GetProperty("severity").GetString());

        var page = await world.Page($"/domains/{domain}", world.First, Ct);
        foreach (var words in new[] { "needs action now", $"{name} is on Spamhaus DBL", "What to do:", "https://check.spamhaus.org/", "No registry has names below .example", "Check health now" })
            Assert.Contains(words, System.Net.WebUtility.HtmlDecode(page.Text));

        Assert.DoesNotContain("not to be looked at since", page.Text); // Everything was looked at in this very check.
        Assert.Equal(404, (await world.Send(HttpMethod.Get, root, world.Second, null, Ct)).Status);
        Assert.Equal(404, (await world.Send(HttpMethod.Post, root + "/check", world.Second, TwoAccounts.Json("{}"), Ct)).Status);
        await Looks($"/domains/{domain}");
    }

    async Task Looks(string path)
    {
        await using var browser = await Browser.Start();
        foreach (var (width, scheme) in new[] { (1440, ColorScheme.Light), (1440, ColorScheme.Dark), (375, ColorScheme.Light), (375, ColorScheme.Dark) })
        {
            var page = await browser.Open(world.Penguin.Web, width, scheme, world.First);
            await page.GotoAsync(path);
            await page.Keep($"domain-health-{width}-{scheme}".ToLowerInvariant());
            var barriers = await page.Barriers();
            foreach (var barrier in barriers) output.WriteLine(barrier);
            Assert.Empty(barriers);
            Assert.True(await page.Overflow() <= 0, $"Wider than {width} px.");
        }

        var one = await browser.Open(world.Penguin.Web, 1440, ColorScheme.Light, world.First);
        await one.GotoAsync(path);
        await one.GetByRole(AriaRole.Button, new() { Name = "Check health now" }).ClickAsync();
        await one.WaitForURLAsync("**/domains/**");
        await one.GetByText("needs action now").First.WaitForAsync();
    }
}
