using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PenguinMails.Cli.Demo;
using PenguinMails.Modules.Tests.Fleet.Stacks;

namespace PenguinMails.Product.Tests;

/// <summary>Follows the numbered steps of two pages of the guide in a browser: whatever stands there in bold is pressed, in that order, and only that.</summary>
/// <param name="say">Told what was done.</param>
sealed partial class GuideWalk(TestbedWorld world, Penguin penguin, FleetRun run, Action<string> say)
{
    const string Machine = "vps1";

    /// <summary>docs/guide/bring-your-own-server.md, for the machine of the run. Afterwards the run has its server.</summary>
    public async Task BringYourOwnServer(CancellationToken ct)
    {
        var steps = Steps("bring-your-own-server.md");
        await using var browser = await Browser.Start();
        var page = await browser.Open(penguin.Web, 1440, session: run.Entrance.SessionToken);
        await page.GotoAsync("/");
        await Press(page, steps[1]);
        foreach (var (field, value) in new[] { ("name", "First server"), ("host_name", FleetRun.HostName), ("address", FleetRun.Address) }) await page.Fill(field, value);
        await Press(page, steps[2]);
        await Reach(page, "/servers/srv_");
        run.ServerId = new Uri(page.Url).AbsolutePath.Split('/')[^1];

        Assert.Contains("The page shows a command", steps[3]);
        var command = await page.GetByText("install -d -m 700 ~/.ssh").First.InnerTextAsync();
        await world.Script("vps.sh", ct, "ssh", Machine, command.Trim());
        await Press(page, steps[4]);
        var shown = await Shown(page);
        var known = await world.Script("vps.sh", ct, "ssh", Machine, Code(steps[5]));
        Assert.NotEmpty(shown);
        // The machine may show another of its keys than the page's example looks at; it is one of its own either way.
        if (!known.Contains(shown, StringComparison.Ordinal)) Assert.Contains(shown, await world.Script("vps.sh", ct, "ssh", Machine, Code(steps[5]).Replace("ed25519", "ecdsa", StringComparison.Ordinal)));
        Assert.Contains("*ready*", steps[6]);
        Assert.Contains("ready", await page.Locator("main").InnerTextAsync());
        await page.Keep("guide-server-ready");
        say($"the guide was followed: {FleetRun.Address} is a server that is ready, and shows its own key {shown}");
    }

    /// <summary>docs/guide/first-domain.md up to where it goes on by itself.</summary>
    /// <returns>The id of the provisioning.</returns>
    public async Task<string> FirstDomain(CancellationToken ct)
    {
        var steps = Steps("first-domain.md");
        await world.Script("person.sh", ct, "zone", FleetRun.Domain);
        await using var browser = await Browser.Start();
        var page = await browser.Open(penguin.Web, 1440, session: run.Entrance.SessionToken);
        await page.GotoAsync("/");
        await Press(page, steps[2]);
        await page.Fill("domain", FleetRun.Domain);
        await page.Locator("main [name='server']").SelectOptionAsync(run.ServerId);
        Assert.Contains("one on each line", steps[3]);
        await page.Fill("mailboxes", "olivia, Olivia Hart\npeter, Peter Novak");
        Assert.Contains("API key", steps[4]);
        await page.Locator("main [name='kind']").SelectOptionAsync("powerdns");
        foreach (var (field, value) in new[] { ("zone", FleetRun.Domain), ("endpoint", "http://198.18.0.54:8081"), ("key_name", "localhost"), ("secret", "testbed-pdns-key") }) await page.Fill(field, value);
        await Press(page, steps[5]);
        await Reach(page, "/provisionings/prv_");
        await page.Keep("guide-provisioning");
        say($"the guide was followed: {FleetRun.Domain} is being set up");
        return new Uri(page.Url).AbsolutePath.Split('/')[^1];
    }

    /// <summary>The numbered steps of the section "Steps", by number.</summary>
    static Dictionary<int, string> Steps(string page)
    {
        var text = File.ReadAllText(Path.Combine(Penguin.Root, "docs/guide", page));
        var section = text[text.IndexOf("\n## Steps\n", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\nWith the API", StringComparison.Ordinal)];
        return Numbered().Matches(section).ToDictionary(step => int.Parse(step.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), step => Own().Split(step.Groups[2].Value)[0]);
    }

    static async Task Press(IPage page, string step)
    {
        var words = Bold().Matches(step).Select(word => word.Groups[1].Value).ToList();
        Assert.True(words.Count > 0, $"Nothing to press in: {step}");
        foreach (var word in words)
        {
            var named = page.GetByRole(AriaRole.Link, new() { Name = word, Exact = true }).Or(page.GetByRole(AriaRole.Button, new() { Name = word, Exact = true }));
            await named.First.ClickAsync();
        }
    }

    /// <summary>The fingerprint, once the page has it; empty after half a minute.</summary>
    static async Task<string> Shown(IPage page)
    {
        var found = "";
        for (var round = 0; round < 150 && found.Length == 0; round++)
        {
            found = Fingerprint().Match(await page.Locator("main").First.InnerTextAsync()).Value;
            if (found.Length == 0) await page.WaitForTimeoutAsync(200);
        }

        return found;
    }

    // A form that was refused says why.
    static async Task Reach(IPage page, string path)
    {
        for (var round = 0; round < 150 && !page.Url.Contains(path, StringComparison.Ordinal); round++) await page.WaitForTimeoutAsync(200);
        Assert.True(page.Url.Contains(path, StringComparison.Ordinal), $"{page.Url}: {await page.Locator("main").InnerTextAsync()}");
    }

    static string Code(string step) => Fence().Match(step).Groups[1].Value.Trim();

    [GeneratedRegex(@"^(\d)\. (.+?)(?=^\d\. |\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Numbered();

    // What follows without indentation is no longer the step.
    [GeneratedRegex(@"\n\n(?=\S)")]
    private static partial Regex Own();

    [GeneratedRegex(@"\*\*(.+?)\*\*")]
    private static partial Regex Bold();

    [GeneratedRegex(@"```\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"SHA256:[A-Za-z0-9+/]{43}")]
    private static partial Regex Fingerprint();
}
