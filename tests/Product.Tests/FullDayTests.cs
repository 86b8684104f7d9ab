using Microsoft.Playwright;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>When the mailboxes' day is full, the page Sending and the command line say so of everything that waits, and so do the operator's figures.</summary>
public sealed class FullDayTests(ITestOutputHelper output)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_waits_for_room_in_the_daily_cap_is_told_with_the_time_it_has_some()
    {
        await using var penguin = await Penguin.Start(Ct, ("METRICS__TOKEN", TwoAccounts.MetricsToken));
        using var api = new Api(penguin.Web, TimeProvider.System);
        var demo = new DemoRun(api, Penguin.Samples, penguin.SandboxSmtpPort, output.WriteLine);
        await demo.Prepare(Ct);
        foreach (var mailbox in await api.All("/api/v1/mailboxes", Ct)) await api.Patch($"/api/v1/mailboxes/{mailbox.GetProperty("id").GetString()}", new { daily_cap = 3 }, Ct);
        await demo.Launch(Ct);
        // Until both are full: then nothing waits for its turn.
        await api.Until("Full mailboxes", Patience, async () => (await api.Get("/api/v1/sending/queue", Ct)).GetProperty("held").EnumerateArray().Select(group => group.GetProperty("code").GetString()).ToList() is ["daily_cap"] ? "" : null, Ct);

        await using var browser = await Browser.Start();
        foreach (var (width, scheme) in new[] { (1280, ColorScheme.Light), (375, ColorScheme.Dark) })
        {
            var page = await browser.Open(penguin.Web, width, scheme, demo.SessionToken);
            await page.GotoAsync("/sending");
            Assert.Matches("for room in their mailbox's daily cap, the next in 2[34] h", await page.Locator("main").InnerTextAsync());
            Assert.Empty(await page.Barriers());
        }

        api.Bearer = demo.SessionToken; // Who one is, no key asks.
        var tenant = (await api.Get("/api/v1/me", Ct)).GetProperty("tenant_id").GetString()!;
        var listed = await Penguin.Answer("", penguin.Settings, Ct, "queue", "list", "--tenant", tenant);
        var waiting = (await api.Get("/api/v1/sending/queue", Ct)).GetProperty("held")[0].GetProperty("messages").GetInt64();
        await api.Until("The figures of the minute", Patience, async () => await Figures(penguin) is [var only] && only == $"penguin_queue_messages{{held=\"daily_cap\"}} {waiting}" ? "" : null, Ct);
        Assert.Matches(@"^ *\d+  daily_cap +next \d{4}-\d\d-\d\d \d\d:\d\d UTC\n", listed.Output.ReplaceLineEndings("\n"));
    }

    /// <summary>What waits, without the codes under which nothing does.</summary>
    static async Task<string[]> Figures(Penguin penguin)
    {
        using var http = new HttpClient { BaseAddress = penguin.Web };
        http.DefaultRequestHeaders.Authorization = new("Bearer", TwoAccounts.MetricsToken);
        var text = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Ct);
        return [.. text.Split('\n').Where(line => line.StartsWith("penguin_queue_messages", StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal))];
    }
}
