using Microsoft.Playwright;

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
        await Look(browser, first, "plan-findings");
        await Look(browser, first + "?view=status", "plan-status");

        await Import(page, "penguinmails-corrected");
        await page.GetByText("holds together as of").WaitForAsync();
        await page.GetByText("The plan contradicts itself nowhere").WaitForAsync();
        await Look(browser, new Uri(page.Url).AbsolutePath + "?view=changes", "plan-changes");
    }

    static async Task Import(IPage page, string plan)
    {
        await page.GotoAsync("/plans/new");
        await page.GetByLabel("YAML files").SetInputFilesAsync(Files(plan));
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await page.GetByText("Kept as version").WaitForAsync();
    }

    async Task Look(Browser browser, string path, string name)
    {
        foreach (var (width, scheme) in new[] { (1440, ColorScheme.Light), (375, ColorScheme.Dark) })
        {
            var page = await browser.Open(world.Penguin.Web, width, scheme, world.First);
            await page.GotoAsync(path);
            await page.Keep($"{name}-{width}-{scheme}".ToLowerInvariant());
            var barriers = await page.Barriers();
            foreach (var barrier in barriers) output.WriteLine(barrier);
            Assert.Empty(barriers);
            Assert.True(await page.Overflow() <= 0, $"{path} is wider than {width} px.");
        }
    }
}
