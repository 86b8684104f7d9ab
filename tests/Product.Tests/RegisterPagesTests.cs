using System.Globalization;
using Microsoft.Playwright;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>The registers in the browser: the founding plan's board, evidence for a gate, costs that are refused and loaded, a step closed with a sentence.</summary>
[Collection(RunningProgram.Name)]
public sealed class RegisterPagesTests(TwoAccounts world, ITestOutputHelper output)
{
    static string[] Files => Directory.GetFiles(Path.Combine(Penguin.Root, "samples", "plans", "penguinmails-corrected"), "*.yaml", SearchOption.AllDirectories);

    [Fact]
    public async Task A_plan_is_followed_from_its_board_to_a_step_that_is_closed()
    {
        await using var browser = await Browser.Start();
        var page = await browser.Open(world.Penguin.Web, 1440, ColorScheme.Light, world.First);
        await Import(page);
        await page.GotoAsync("/plan-board");
        await page.GetByRole(AriaRole.Heading, new() { Name = "2026-Q1" }).WaitForAsync();
        await page.GetByLabel("In a sentence").FillAsync("Half of the work is there.");
        await page.Press("Record");
        await page.GetByText("Recorded.").WaitForAsync();
        await browser.LookAt(world, "/plan-board", "plan-board", output);

        await page.GotoAsync("/gates");
        await page.GetByLabel("What shows it").FillAsync("https://audit.example/report-7");
        await page.Press("Record");
        await page.GetByText("https://audit.example/report-7").First.WaitForAsync();
        await browser.LookAt(world, "/gates", "gates", output);
        foreach (var (path, name) in new[] { ("/registers", "decisions"), ("/registers?view=risks", "risks"), ("/registers?view=assumptions", "assumptions"), ("/registers?view=contingencies", "contingencies"), ("/reviews", "reviews"), ("/vendors", "vendors") })
            await browser.LookAt(world, path, name, output);
    }

    [Fact]
    public async Task Costs_are_refused_with_their_line_and_then_loaded()
    {
        await using var browser = await Browser.Start();
        var page = await browser.Open(world.Penguin.Web, 1440, ColorScheme.Light, world.First);
        await Import(page); // Its currency is the one costs must have.
        await page.GotoAsync("/budget?view=files");
        await page.GetByLabel("Or type it here").FillAsync("billed_on,vendor,amount,currency\nsoon,Rack,1,EUR\n");
        await page.Press("Load");
        await page.GetByText("line 2: \"soon\" is no date").First.WaitForAsync();
        var month = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddMonths(-1);
        await page.GetByLabel("Or type it here").FillAsync($"billed_on,vendor,service,amount,currency,cost_centre\n{month:yyyy-MM}-01,Rack,CPU,41.90,USD,north\n");
        await page.Press("Load");
        await page.GetByText("loaded").First.WaitForAsync();
        await browser.LookAt(world, "/budget", "budget", output);
        await browser.LookAt(world, "/budget?view=centres", "budget-centres", output);
    }

    [Fact]
    public async Task Revenue_is_refused_with_its_line_and_then_set_against_costs()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var browser = await Browser.Start();
        var page = await browser.Open(world.Penguin.Web, 1440, ColorScheme.Light, world.First);
        await Import(page); // Its currency is the one costs must have.
        using var api = new Api(world.Penguin.Web, TimeProvider.System) { Bearer = world.First };
        var (month, customer) = (DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddMonths(-1).ToString("yyyy-MM", CultureInfo.InvariantCulture), world.Ids["workspaces"]);
        await api.Post("/api/v1/oversight/cost-loads", new { csv = $"billed_on,vendor,service,amount,currency,cost_centre\n{month}-03,Rack,Warm machine,310.40,USD,{customer}\n", file = "margins.csv" }, ct);
        await page.GotoAsync("/margins?view=revenue");
        await page.GetByLabel("Or type it here").FillAsync("month,workspace,amount,currency\nsoon,Nobody,1,USD\n");
        await page.Press("Load");
        await page.GetByText("line 2: \"soon\" is no month").First.WaitForAsync();
        await page.GetByLabel("Or type it here").FillAsync($"month,workspace,amount,currency,note\n{month},{customer},1200.00,USD,invoice 1042\n");
        await page.Press("Load");
        await page.GetByText("1 line loaded").First.WaitForAsync();
        await page.GotoAsync("/answers");
        await page.GetByLabel("What it rests on: What does a customer cost and earn?").ClickAsync();
        await page.GetByText("earned 1,200.00 USD and cost").WaitForAsync();
        await browser.LookAt(world, "/margins?key=equal", "margins", output);
        await browser.LookAt(world, $"/margins?key=equal&customer={customer}", "margin-lines", output);
        await browser.LookAt(world, "/margins?view=revenue", "revenue-new", output);
        await page.GetByRole(AriaRole.Link, new() { Name = "1,200.00", Exact = true }).ClickAsync();
        await page.GetByText("invoice 1042").WaitForAsync();
    }

    static async Task Import(IPage page)
    {
        await page.GotoAsync("/plans/new");
        await page.GetByLabel("YAML files").SetInputFilesAsync(Files);
        await page.Press("Import");
        await page.GetByText("holds together as of").WaitForAsync();
    }

    [Fact]
    public async Task A_step_is_opened_and_closed_with_a_sentence()
    {
        await using var browser = await Browser.Start();
        var page = await browser.Open(world.Penguin.Web, 1440, ColorScheme.Light, world.First);
        await page.GotoAsync("/steps");
        await page.GetByLabel("What deviates").FillAsync("The bill of October is missing.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Open", Exact = true }).ClickAsync();
        await page.GetByText("Opened.").WaitForAsync();
        await browser.LookAt(world, "/steps", "steps", output);
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Heading, new() { Name = "What deviates, and who looks at it" }).WaitForAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "The bill of October is missing." }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Done", Exact = true }).ClickAsync();
        await page.GetByText("Say it in a sentence.").First.WaitForAsync();
        await page.GetByLabel("In a sentence").FillAsync("It came today and is loaded.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Done", Exact = true }).ClickAsync();
        await page.GetByText("Closed.").WaitForAsync();
        await page.GotoAsync("/steps?state=done");
        await page.GetByText("It came today and is loaded.").WaitForAsync();
    }
}
