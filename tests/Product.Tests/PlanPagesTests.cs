using Microsoft.Playwright;
using Npgsql;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Product.Tests;

/// <summary>The founding plan is imported in the browser, its contradictions are shown, and the corrected copy is compared with it.</summary>
[Collection(RunningProgram.Name)]
public sealed class PlanPagesTests(TwoAccounts world, ITestOutputHelper output)
{
    static string[] Files(string plan) => Directory.GetFiles(Path.Combine(Penguin.Root, "samples", "plans", plan), "*.yaml", SearchOption.AllDirectories);

    [Fact]
    public async Task A_plan_with_contradictions_and_its_correction()
    {
        await using var browser = await Browser.Start();
        var page = await browser.Open(world.Penguin.Web, 1440, ColorScheme.Light, world.First);
        await page.GotoAsync("/plans/new");
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await page.GetByText("Choose YAML files of up to").First.WaitForAsync();
        await page.GetByLabel("Or write it here").FillAsync("apiVersion: oversight.penguinmails/v1\nkind: Objective\nmetadata: {name: grow}\nspec: {titel: Ten customers}\n");
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await page.GetByText("plan.yaml:4:").First.WaitForAsync();

        await Import(page, "penguinmails");
        await page.GetByText("The plan contradicts itself in").WaitForAsync();
        var first = new Uri(page.Url).AbsolutePath;
        await browser.LookAt(world, first, "plan-findings", output);
        await browser.LookAt(world, first + "?view=status", "plan-status", output);
        await WaiveAndTakeBack(browser, page, first);

        await Import(page, "penguinmails-corrected");
        await page.GetByText("holds together as of").WaitForAsync();
        await page.GetByText("The plan contradicts itself nowhere").WaitForAsync();
        await browser.LookAt(world, new Uri(page.Url).AbsolutePath + "?view=changes", "plan-changes", output);
    }

    [Fact]
    public async Task A_plan_that_an_earlier_release_kept_says_what_of_it_is_no_longer_read()
    {
        await using var browser = await Browser.Start();
        var page = await browser.Open(world.Penguin.Web, 1440, ColorScheme.Light, world.First);
        await page.GotoAsync("/plans/new");
        await page.GetByLabel("Or write it here").FillAsync("apiVersion: oversight.penguinmails/v1\nkind: Plan\nmetadata: {name: kept-before}\nspec: {currency: USD}\n---\nkind: Risk\nmetadata: {name: outage}\nspec: {likelihood: 2, impact: 5}\n---\nkind: Risk\nmetadata: {name: fire}\nspec: {likelihood: 1, impact: 5}\n");
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await page.GetByText("Kept as version").WaitForAsync();
        var id = Guid.CreateVersion7();
        var kept = $"/plans/{new PlanVersionId(id)}";
        try
        {
            await Change($"insert into oversight.plan_version (tenant_id, id, plan, number, sha256, yaml, objects, errors, warnings, imported_by, imported_at) select tenant_id, '{id}', plan, number + 1, sha256, regexp_replace(yaml, 'likelihood: 2', 'odds: 2'), objects, errors, warnings, imported_by, imported_at from oversight.plan_version where plan = 'kept-before'", 1);
            foreach (var path in new[] { "/", "/kpis", "/kpis/answer_rate", "/scenarios", "/reports", "/answers" })
            {
                await page.GotoAsync(path);
                await page.GetByText("1 place of the plan is no longer read, and what stands there does not count here.").WaitForAsync();
                Assert.Equal(kept, await page.GetByRole(AriaRole.Link, new() { Name = "1 place of the plan" }).GetAttributeAsync("href"));
            }

            foreach (var path in new[] { kept, "/plan-board", "/registers", "/gates", "/reviews", "/vendors", "/budget" })
            {
                await page.GotoAsync(path);
                await page.GetByText("Part of the plan is no longer read").WaitForAsync();
                await page.GetByText("the key \"odds\" is unknown").First.WaitForAsync();
            }

            await page.GotoAsync("/registers?view=risks");
            await page.Locator("#results tbody").GetByText("fire").First.WaitForAsync(); // The rest holds.
            await browser.LookAt(world, kept, "plan-unread", output);
            await browser.LookAt(world, "/registers?view=risks", "risks-unread", output);
            await browser.LookAt(world, "/scenarios", "scenarios-unread", output);
        }
        finally
        {
            await Change("delete from oversight.plan_version where plan = 'kept-before'", 2); // Others go by the plan they import.
        }
    }

    async Task Change(string sql, int rows)
    {
        await using var connection = new NpgsqlConnection($"Host={world.Penguin.Folder}/db;Username=postgres;Database=penguin;Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        Assert.Equal(rows, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
    }

    async Task WaiveAndTakeBack(Browser browser, IPage page, string first)
    {
        await page.GotoAsync(first);
        await page.Locator("#results tbody a:has-text('Waive')").First.ClickAsync();
        var form = new Uri(page.Url).PathAndQuery;
        await browser.LookAt(world, form, "plan-waive", output);
        await page.Fill("reason", "Two tiers, both meant");
        await page.Fill("until", "2099-01-01");
        await page.Press("Waive");
        await page.GetByText("A day from").First.WaitForAsync(); // Too far ahead.
        await page.Fill("until", TimeProvider.System.GetUtcNow().AddDays(30).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        await page.Press("Waive");
        await page.GetByText("accepted until").WaitForAsync();
        var second = new Uri(page.Url).AbsolutePath;
        Assert.NotEqual(first, second);
        await page.Locator("#waivers").GetByText("Two tiers, both meant").WaitForAsync();
        await browser.LookAt(world, second + "?view=waivers", "plan-waived", output);
        await page.GotoAsync(second + "?view=changes");
        await page.GetByText("Waiver/w-r").First.WaitForAsync();
        await page.GotoAsync(first);
        Assert.Equal(0, await page.Locator("#results tbody a:has-text('Waive')").CountAsync()); // An old version is not changed.
        await page.GotoAsync(second + "?view=waivers");
        await page.Locator("#waivers summary").ClickAsync();
        await page.Locator("#waivers form button").ClickAsync();
        await page.GetByText("Taken back, as version").WaitForAsync();
        await page.GotoAsync(new Uri(page.Url).AbsolutePath + "?view=waivers");
        await page.GetByText("Nothing is accepted.").WaitForAsync();
    }

    static async Task Import(IPage page, string plan)
    {
        await page.GotoAsync("/plans/new");
        await page.GetByLabel("YAML files").SetInputFilesAsync(Files(plan));
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await page.GetByText("Kept as version").WaitForAsync();
    }
}
