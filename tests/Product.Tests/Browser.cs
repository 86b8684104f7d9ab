using System.Text.Json;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace PenguinMails.Product.Tests;

/// <summary>Chromium as the distribution packages it, without a window.</summary>
public sealed class Browser : IAsyncDisposable
{
    const float PatienceMilliseconds = 60_000;
    readonly IPlaywright _playwright;
    readonly IBrowser _browser;

    Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    public static async Task<Browser> Start()
    {
        var playwright = await Playwright.CreateAsync();
        return new Browser(playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"], Timeout = PatienceMilliseconds,
        }));
    }

    /// <param name="session">Cookie of a signed-in person, or null.</param>
    public async Task<IPage> Open(Uri web, int width, ColorScheme scheme = ColorScheme.Light, string? session = null)
    {
        var context = await _browser.NewContextAsync(new() { BaseURL = web.ToString(), ViewportSize = new() { Width = width, Height = Looks.Height(width) }, ColorScheme = scheme, AcceptDownloads = true });
        context.SetDefaultTimeout(PatienceMilliseconds);
        if (session is not null) await context.AddCookiesAsync([new() { Name = "penguin", Value = session, Url = web.ToString() }]);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}

/// <summary>What axe-core is asked of a page.</summary>
enum Axe
{
    Nothing,
    Colours,
    Everything,
}

static class Looks
{
    static readonly string Script = new BundledAxeScriptProvider().GetScript();

    /// <summary>Of a phone, or of a screen.</summary>
    internal static int Height(int width) => width < 600 ? 812 : 900;

    static readonly string[] Colours = ["color-contrast", "link-in-text-block"]; // What a scheme can change; names and structure stay.

    /// <summary>Serious and critical findings of axe-core, one line each.</summary>
    public static async Task<IReadOnlyList<string>> Barriers(this IPage page, Axe asks = Axe.Everything)
    {
        // The preview of a message runs no script, so axe cannot look inside and would wait for ever. What it shows is the customer's.
        await page.EvaluateAsync("() => document.querySelectorAll('iframe[sandbox=\"\"][title]').forEach(f => f.remove())");
        if (await page.EvaluateAsync<bool>("() => window.axe === undefined")) await page.EvaluateAsync(Script);
        var found = JsonSerializer.Deserialize<List<Violation>>(await page.EvaluateAsync<string>("async only => JSON.stringify((await axe.run(document, { resultTypes: ['violations'], ...(only ? { runOnly: only } : {}) })).violations)", asks == Axe.Colours ? Colours : null), JsonSerializerOptions.Web) ?? [];
        return [.. from violation in found
                   where violation.Impact is "serious" or "critical"
                   from node in violation.Nodes.Take(3)
                   select $"{new Uri(page.Url).PathAndQuery}: {violation.Id} at {string.Join(' ', node.Target)}: {string.Join("; ", node.Any.Select(a => a.Message).Take(1))}"];
    }

    sealed record Violation(string Id, string? Impact, IReadOnlyList<ViolatingNode> Nodes);

    sealed record ViolatingNode(IReadOnlyList<JsonElement> Target, IReadOnlyList<ViolatedCheck> Any);

    sealed record ViolatedCheck(string Message);

    /// <summary>Another window for a page that stands.</summary>
    public static Task Turn(this IPage page, int width) => page.SetViewportSizeAsync(width, Height(width));

    /// <summary>Pixels by which the page is wider than the window.</summary>
    public static Task<int> Overflow(this IPage page) => page.EvaluateAsync<int>("() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth");

    /// <summary>Writes artifacts/screens/name.png.</summary>
    public static Task Keep(this IPage page, string name) => page.ScreenshotAsync(new() { Path = Path.Combine(Penguin.Root, "artifacts", "screens", name + ".png") });

    /// <summary>One page at both ends: wide and light, narrow and dark. Keeps a picture of each; fails for what axe-core finds serious and for what does not fit.</summary>
    public static async Task LookAt(this Browser browser, TwoAccounts world, string path, string name, ITestOutputHelper output)
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

    /// <summary>Presses the page's own button, not one of the frame.</summary>
    public static Task Press(this IPage page, string name) => page.Locator("main").GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).First.ClickAsync();

    public static Task Fill(this IPage page, string name, string value) => page.Locator($"main [name='{name}']").FillAsync(value);
}
