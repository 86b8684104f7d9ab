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
        await browser.LookAt(world, first, "plan-findings", output);
        await browser.LookAt(world, first + "?view=status", "plan-status", output);

        await Import(page, "penguinmails-corrected");
        await page.GetByText("holds together as of").WaitForAsync();
        await page.GetByText("The plan contradicts itself nowhere").WaitForAsync();
        await browser.LookAt(world, new Uri(page.Url).AbsolutePath + "?view=changes", "plan-changes", output);
    }

    static async Task Import(IPage page, string plan)
    {
        await page.GotoAsync("/plans/new");
        await page.GetByLabel("YAML files").SetInputFilesAsync(Files(plan));
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await page.GetByText("Kept as version").WaitForAsync();
    }
}
