using Microsoft.Playwright;

namespace PenguinMails.Product.Tests;

/// <summary>The spam check on a draft's page: where there is no filter of one's own, it says so and how to go on, and the launch is as free as before.</summary>
[Collection(RunningProgram.Name)]
public sealed class SpamPagesTests(TwoAccounts world, ITestOutputHelper output)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_server_of_ones_own_the_button_answers_with_a_way_on()
    {
        var ids = world.Ids;
        var made = await world.Send(HttpMethod.Post, "/api/v1/campaigns", world.First, TwoAccounts.Json($$"""{"name":"Spam {{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}}","template_id":"{{ids["templates"]}}","list_id":"{{ids["lists"]}}","mailboxes":["{{ids["mailboxes"]}}"]}"""), Ct);
        Assert.True(made.IsSuccess, made.Text);
        var campaign = made.Body().GetProperty("id").GetString();
        var answer = await world.Send(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/spam-check", world.First, TwoAccounts.Json("{}"), Ct);
        Assert.Equal((409, "spam.no_filter"), (answer.Status, answer.Body().GetProperty("code").GetString()));
        var preflight = (await world.Send(HttpMethod.Get, $"/api/v1/campaigns/{campaign}/preflight", world.First, null, Ct)).Body();
        Assert.DoesNotContain("spam", preflight.ToString());
        Assert.Equal(404, (await world.Send(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/spam-check", world.Second, TwoAccounts.Json("{}"), Ct)).Status);

        await using var browser = await Browser.Start();
        foreach (var (width, scheme) in new[] { (1440, ColorScheme.Light), (375, ColorScheme.Dark) })
        {
            var page = await browser.Open(world.Penguin.Web, width, scheme, world.First);
            await page.GotoAsync($"/campaigns/{campaign}");
            await page.GetByRole(AriaRole.Button, new() { Name = "Check for spam" }).ClickAsync();
            await page.GetByText("sends through another provider").First.WaitForAsync();
            await page.Keep($"campaign-spam-{width}-{scheme}".ToLowerInvariant());
            var barriers = await page.Barriers();
            foreach (var barrier in barriers) output.WriteLine(barrier);
            Assert.Empty(barriers);
            Assert.True(await page.Overflow() <= 0, $"Wider than {width} px.");
        }
    }
}
