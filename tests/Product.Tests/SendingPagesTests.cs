using Microsoft.Playwright;

namespace PenguinMails.Product.Tests;

/// <summary>The page Sending: a stop that is seen and lifted, a limit, a warm-up; and the figures for the operator.</summary>
[Collection(RunningProgram.Name)]
public sealed class SendingPagesTests(TwoAccounts world, ITestOutputHelper output)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stop_a_limit_and_a_warm_up_are_made_seen_and_ended()
    {
        await using var browser = await Browser.Start();
        var page = await browser.Open(world.Penguin.Web, 1440, ColorScheme.Light, world.First);
        await page.GotoAsync("/sending");
        await page.Locator("summary", new() { HasText = "Stop sending" }).ClickAsync();
        await page.GetByLabel("Why", new() { Exact = true }).FillAsync("We look into a complaint.");
        await page.Locator("#stop").GetByRole(AriaRole.Button, new() { Name = "Stop sending" }).ClickAsync();
        await page.GetByText("All sending of this account is stopped").WaitForAsync();
        await browser.LookAt(world, "/sending", "sending-stopped", output);
        await page.GetByRole(AriaRole.Button, new() { Name = "Let it go on" }).ClickAsync();
        await page.GetByText("It goes on.").WaitForAsync();

        await page.GotoAsync("/sending?view=limits");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set limit" }).ClickAsync();
        await page.GetByRole(AriaRole.Cell, new() { Name = "1 day" }).WaitForAsync();
        await browser.LookAt(world, "/sending?view=limits", "sending-limits", output);
        await page.GetByRole(AriaRole.Row, new() { Name = "1 day" }).GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await page.GetByText("The limit is gone.").WaitForAsync();

        await page.GotoAsync("/sending/warm-ups/new");
        await page.GetByLabel("Time zone").FillAsync("Mars/Olympus");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
        await page.GetByText("Give a time zone such as Europe/Berlin.").First.WaitForAsync();
        await page.GetByLabel("Time zone").FillAsync("Europe/Berlin");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
        await page.GetByText("It warms up from today on.").WaitForAsync();
        await browser.LookAt(world, "/sending?view=warm-ups", "sending-warm-ups", output);
        await page.GetByRole(AriaRole.Button, new() { Name = "End" }).ClickAsync();
        await page.GetByText("It sends up to its caps now.").WaitForAsync();
    }

    [Fact]
    public async Task Figures_are_shown_to_whoever_has_the_token_and_to_nobody_else()
    {
        using var http = new HttpClient();
        using var without = await http.GetAsync(new Uri(world.Penguin.Web, "/metrics"), Ct);
        Assert.Equal(401, (int)without.StatusCode);
        using var asked = new HttpRequestMessage(HttpMethod.Get, new Uri(world.Penguin.Web, "/metrics"));
        asked.Headers.Authorization = new("Bearer", TwoAccounts.MetricsToken);
        using var answer = await http.SendAsync(asked, Ct);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.Equal(("text/plain", true), (answer.Content.Headers.ContentType?.MediaType, text.EndsWith('\n')));
        foreach (var name in new[] { "penguin_queue_messages", "penguin_lanes", "penguin_lanes_leased", "penguin_messages_under_way", "penguin_platform_halted", "penguin_guards", "penguin_routes", "penguin_warm_ups", "penguin_messages_total" })
            Assert.Contains($"# TYPE {name} ", text, StringComparison.Ordinal);
        Assert.Contains("\npenguin_platform_halted 0\n", text, StringComparison.Ordinal);
    }
}
