using System.Globalization;
using Microsoft.Playwright;

namespace PenguinMails.Product.Tests;

/// <summary>Values of a figure are loaded in the browser: a fault is shown with its line, then the verdict, the chart and where each value came from.</summary>
[Collection(RunningProgram.Name)]
public sealed class KpiPagesTests(TwoAccounts world, ITestOutputHelper output)
{
    // Fourteen months up to the last one, spending a little less each.
    static string Months()
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var last = new DateOnly(today.Year, today.Month, 1).AddMonths(-1);
        return "start,value\n" + string.Concat(Enumerable.Range(0, 14).Select(i => string.Create(CultureInfo.InvariantCulture, $"{last.AddMonths(i - 13):yyyy-MM-dd},{2000 - 60 * i + 15 * (i % 3)}\n")));
    }

    [Fact]
    public async Task Spend_is_loaded_judged_and_led_back_to_its_lines()
    {
        await using var browser = await Browser.Start();
        var page = await browser.Open(world.Penguin.Web, 1440, ColorScheme.Light, world.First);
        await page.GotoAsync("/kpis/spend");
        await page.GetByText("Nothing to judge yet").WaitForAsync();
        await page.GetByLabel("Or type it here").FillAsync("start,value\n2025-01-15,100\n");
        await page.GetByLabel("Currency").FillAsync("EUR");
        await page.Press("Load");
        await page.GetByText("line 2: 2025-01-15 is not the first of a month").First.WaitForAsync();
        await page.GetByLabel("Or type it here").FillAsync(Months());
        await page.GetByLabel("Currency").FillAsync("EUR");
        await page.Press("Load");
        await page.GetByText("14 periods read, 14 of them new or changed").WaitForAsync();
        await page.GetByText("Spend is improving").First.WaitForAsync();
        await page.GetByText("typed on the page, line 15").WaitForAsync();
        Assert.Equal(0, await page.Locator(".spark-band, .is-outside").CountAsync()); // Limits of the last month say nothing of months before a trend.
        await browser.LookAt(world, "/kpis/spend", "kpi-spend", output);

        await page.GotoAsync("/kpis");
        await page.GetByText("1 improving, 0 worsening").WaitForAsync();
        await page.GotoAsync("/");
        await page.GetByText("Spend is improving").WaitForAsync();
        await browser.LookAt(world, "/", "brief-told", output);
    }
}
