using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace PenguinMails.Product.Tests;

/// <summary>Every page can be read and used by everyone: axe-core, a phone's width, the keyboard alone, both schemes.</summary>
[Collection(RunningProgram.Name)]
public sealed class LookTests(TwoAccounts world, ITestOutputHelper output)
{
    const int TabsMax = 60;

    string[] Pages => [.. new[]
    {
        "/", "/campaigns", "/campaigns/new", "/contacts", "/contacts/new", "/consent", "/lists", "/imports", "/imports/new", "/templates", "/templates/new", "/domains", "/domains/new", "/mailboxes", "/mailboxes/new", "/mailboxes/incoming", "/mailboxes/imports", "/mailboxes/imports/new", "/servers", "/servers/new", "/servers/connect", "/servers/hosts", "/servers/budget", "/server-migrations", "/provisionings", "/provisionings/new",
        "/kpis", "/kpis/acceptance", "/kpis/spend", "/plans", "/plans/new", "/plan-board", "/budget", "/margins", "/margins?view=revenue", $"/margins?month=2026-10&customer={world.Ids["workspaces"]}", "/registers", "/steps", "/reports", "/answers", "/scenarios", "/inbox/unmatched", "/sending", "/sending?view=guards", "/sending?view=limits", "/sending?view=warm-ups", "/sending/warm-ups/new", "/sending/conversations", "/suppressions", "/suppressions/new", "/workspaces", "/workspaces/new", "/team", "/api-keys", "/api-keys/new", "/activity", "/account", "/nothing-here", "/secrets", "/secrets/new", "/secrets/rotation", "/secrets/accesses", "/secrets/break-glass",
    }
    .Concat(new[] { "campaigns", "messages", "domains", "mailboxes", "imports", "templates", "contacts", "workspaces", "secrets", "servers", "server-migrations", "provisionings" }.Select(kind => $"/{kind}/{world.Ids[kind]}")), $"/templates/{world.Ids["templates"]}/preview",
        $"/domains/{world.Ids["domains"]}/dns", $"/domains/{world.Ids["domains"]}/dmarc", $"/domains/{world.Ids["domains"]}/tls", $"/domains/{world.Ids["hosted-domain"]}/addresses", $"/mailboxes/{world.Ids["hosted-mailbox"]}", $"/servers/{world.Ids["servers"]}/migrate", $"/mailboxes/{world.Ids["mailboxes"]}/edit", $"/mailboxes/{world.Ids["mailboxes"]}/signature", $"/mailboxes/imports/{world.Ids["mailbox-imports"]}", $"/secrets/break-glass/{world.Ids["break-glass"]}", $"/secrets/break-glass/new?secret={world.Ids["secrets"]}"];

    static readonly string[] Open = ["/log-in", "/sign-up", "/forgot-password", "/check-mail?for=x@y.example", "/verify-email?token=x"];

    // As a new account sees them: each says what to do first.
    static readonly string[] Empty = ["/", "/campaigns", "/servers", "/kpis", "/plan-board", "/budget", "/margins", "/registers", "/reports", "/sending"];

    static readonly (ColorScheme Scheme, (int Width, Axe Asks)[] Widths)[] Windows =
        [(ColorScheme.Light, [(1440, Axe.Everything), (1024, Axe.Nothing), (375, Axe.Everything)]), (ColorScheme.Dark, [(375, Axe.Nothing), (1440, Axe.Colours)])];

    const int Tabs = 2; // Pages looked at at once, each in a renderer of its own.

    /// <summary>Each page is loaded once; its window and the scheme change while it stands there, as a person turns a phone and evening comes.</summary>
    [Fact]
    public async Task Every_page_is_free_of_barriers_and_fits_the_window()
    {
        await using var browser = await Browser.Start();
        var waiting = new ConcurrentQueue<(string? Session, string Path)>(
            Pages.Append(await DnsPlan()).Select(path => ((string?)world.First, path)).Concat(Empty.Select(path => ((string?)world.Second, path))).Concat(Open.Select(path => ((string?)null, path))));
        var faults = new ConcurrentQueue<string>();
        await Task.WhenAll(Enumerable.Range(0, Tabs).Select(async _ =>
        {
            var tabs = new Dictionary<string, IPage>();
            while (waiting.TryDequeue(out var one))
            {
                if (!tabs.TryGetValue(one.Session ?? "", out var tab)) tabs[one.Session ?? ""] = tab = await browser.Open(world.Penguin.Web, 1440, session: one.Session);
                foreach (var fault in await Look(tab, one.Path, one.Session == world.Second ? "-empty" : "")) faults.Enqueue(fault);
            }
        }));
        foreach (var fault in faults) output.WriteLine(fault);
        Assert.True(faults.IsEmpty, $"{faults.Count}:\n" + string.Join('\n', faults.Take(60)));
    }

    static async Task<List<string>> Look(IPage page, string path, string suffix)
    {
        var faults = new List<string>();
        var answer = await page.GotoAsync(path);
        if (answer is null || answer.Status != (path == "/nothing-here" ? 404 : 200)) faults.Add($"{path} answered {answer?.Status}");
        foreach (var (scheme, widths) in Windows)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            foreach (var (width, _) in widths)
            {
                await page.Turn(width);
                await page.Keep($"{Name(path)}{suffix}-{width}-{scheme}".ToLowerInvariant());
                if (await page.Overflow() is var overflow and > 0) faults.Add($"{scheme}: {path} is {overflow} px wider than {width}");
            }
        }

        // Last, because asking takes out of the page what cannot be asked.
        foreach (var (scheme, widths) in Windows)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            foreach (var (width, asks) in widths.Where(window => window.Asks != Axe.Nothing))
            {
                await page.Turn(width);
                faults.AddRange((await page.Barriers(asks)).Select(barrier => $"{scheme} {width}: {barrier}"));
            }
        }

        return faults;
    }

    async Task<string> DnsPlan()
    {
        var (ct, domain) = (TestContext.Current.CancellationToken, world.Ids["domains"]);
        var name = (await world.Send(HttpMethod.Get, $"/api/v1/domains/{domain}", world.First, null, ct)).Body().GetProperty("domain").GetProperty("name").GetString();
        await world.Send(HttpMethod.Put, $"/api/v1/domains/{domain}/dns/host", world.First, TwoAccounts.Json($$"""{"kind":"by_hand","zone":"{{name}}"}"""), ct);
        var planned = await world.Send(HttpMethod.Post, $"/api/v1/domains/{domain}/dns/plans", world.First, TwoAccounts.Json("{}"), ct);
        Assert.True(planned.Status == 201, planned.Text);
        return $"/domains/{domain}/dns/plans/{planned.Body().GetProperty("id").GetString()}";
    }

    // Ids change from run to run: a picture is named for what it shows, also where only the query differs.
    static string Name(string path) => path == "/" ? "brief" : string.Join('-', path.Trim('/').Split('/', '?', '&', '=').Select(part => part.Contains('_') ? "one" : part.Replace("@", "-at-", StringComparison.Ordinal)));

    [Fact]
    public async Task The_keyboard_alone_reaches_the_content_first_and_the_main_action_of_each_page()
    {
        await using var browser = await Browser.Start();
        var page = await browser.Open(world.Penguin.Web, 1440, session: world.First);
        foreach (var path in new[] { "/", "/campaigns/new", "/contacts", "/imports/new", "/templates/new", "/domains", $"/mailboxes/{world.Ids["mailboxes"]}", $"/campaigns/{world.Ids["campaigns"]}" })
        {
            await page.GotoAsync(path);
            await page.EvaluateAsync("() => document.activeElement?.blur()");
            await page.EvaluateAsync("() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); }");
            await page.Keyboard.PressAsync("Tab");
            Assert.Equal("Skip to the content", await page.EvaluateAsync<string>("() => document.activeElement.textContent.trim()"));
            await page.Keyboard.PressAsync("Enter");
            Assert.Equal("main", await page.EvaluateAsync<string>("() => document.activeElement.id"));
            if (await page.Locator("main .button.primary").CountAsync() == 0) continue;
            var tabs = 0;
            while (tabs < TabsMax && !await page.EvaluateAsync<bool>("() => document.activeElement.matches('main .button.primary')"))
            {
                await page.Keyboard.PressAsync("Tab");
                tabs++;
                Assert.True(await page.EvaluateAsync<bool>("() => { const s = getComputedStyle(document.activeElement); return document.activeElement === document.body || s.outlineStyle !== 'none' || s.boxShadow !== 'none'; }"),
                    $"{path}: focus is not seen on " + await page.EvaluateAsync<string>("() => document.activeElement.outerHTML.slice(0, 120)"));
            }

            Assert.True(tabs < TabsMax, $"{path}: the main action is not reached");
            output.WriteLine($"{path}: {tabs} tabs");
        }
    }
}
