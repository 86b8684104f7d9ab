using Microsoft.Playwright;

namespace PenguinMails.Product.Tests;

/// <summary>A report is built in the browser with a sentence of one's own, looked at, downloaded and built again; answers and scenarios are read.</summary>
[Collection(RunningProgram.Name)]
public sealed class StudioPagesTests(TwoAccounts world, ITestOutputHelper output)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_report_is_built_marked_downloaded_and_the_same_again()
    {
        await using var browser = await Browser.Start();
        var page = await browser.Open(world.Penguin.Web, 1440, ColorScheme.Light, world.First);
        await page.GotoAsync("/reports");
        await page.GetByLabel("Which").SelectOptionAsync("board");
        await page.GetByLabel("Sentences of your own").FillAsync("Bounces improved. We hired a designer.");
        await page.Press("Build");
        await page.GetByText("1 sentence asserted what no verdict says, and is marked").WaitForAsync();
        await page.GetByText("Unsupported:").First.WaitForAsync();
        await page.Press("Build again and compare");
        await page.GetByText("it is the same to the last character").WaitForAsync();
        var id = new Uri(page.Url).AbsolutePath;
        var printed = await world.Send(HttpMethod.Get, $"/api/v1/oversight{id}/pdf", world.First, null, Ct);
        Assert.True(printed.Status == 200, printed.Text);
        foreach (var (format, begin) in new[] { ("pdf", "%PDF-"), ("html", "<!doctype html>"), ("csv", "part,item,period") })
        {
            var download = await page.RunAndWaitForDownloadAsync(() => page.Locator($"main a[href='{id}/{format}']").ClickAsync());
            Assert.StartsWith(begin, await File.ReadAllTextAsync(await download.PathAsync(), Ct), StringComparison.Ordinal);
            Assert.EndsWith("." + format, download.SuggestedFilename, StringComparison.Ordinal);
        }

        await browser.LookAt(world, id, "report-one", output);
        await browser.LookAt(world, "/reports", "reports", output);
    }

    [Fact]
    public async Task A_schedule_is_turned_on_and_the_mail_asked_for()
    {
        await using var browser = await Browser.Start();
        var page = await browser.Open(world.Penguin.Web, 1440, ColorScheme.Light, world.First);
        await page.GotoAsync("/reports");
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn on Board page" }).ClickAsync();
        await page.GetByText("It is made by itself from now on.").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn off Board page" }).ClickAsync();
        await page.GetByText("It is not made by itself any more.").WaitForAsync();
        await page.GetByLabel("Weekday").SelectOptionAsync("3");
        await page.Press("Save");
        await page.GetByText("You get the weekly mail.").WaitForAsync();
        Assert.Equal("3", await page.GetByLabel("Weekday").InputValueAsync());
        await page.GetByLabel("Weekday").SelectOptionAsync("");
        await page.Press("Save");
        await page.GetByText("You get no weekly mail.").WaitForAsync();
    }

    [Fact]
    public async Task Every_question_is_two_clicks_from_the_brief()
    {
        await using var browser = await Browser.Start();
        var page = await browser.Open(world.Penguin.Web, 1440, ColorScheme.Light, world.First);
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Link, new() { Name = "Answers to what leaders ask" }).ClickAsync();
        await page.GetByText("Is deliverability improving, and where not?").WaitForAsync();
        var links = page.Locator("main .answer-basis a");
        var targets = await links.EvaluateAllAsync<string[]>("all => all.map(link => link.getAttribute('href'))");
        Assert.True(targets.Length >= 14, $"{targets.Length} answers");
        foreach (var target in targets.Distinct()) Assert.Equal(200, (await world.Page(target, world.First, Ct)).Status);

        await browser.LookAt(world, "/answers", "answers", output);
        await browser.LookAt(world, "/data-trust", "data-trust", output);
        await page.GotoAsync("/scenarios?churn=abc");
        await page.GetByText("Write a number, such as 1200.5.").First.WaitForAsync();
        await page.GotoAsync("/scenarios?customers=100&arpa=200&churn=5&new_customers=10");
        await page.GetByText("The next twelve months").WaitForAsync();
        await browser.LookAt(world, "/scenarios?customers=100&arpa=200&churn=5&new_customers=10", "scenarios", output);
    }
}
