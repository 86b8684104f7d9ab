using Microsoft.Playwright;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>The main job as a person does it, from the sign-up to the report, in a browser.</summary>
[Collection(RunningProgram.Name)]
public sealed class BrowserTests(TwoAccounts world, ITestOutputHelper output)
{
    const string Email = "greta@eastwind.example";
    const string Password = "meadow-copper-anchor-51";
    const string Domain = "eastwind-outreach.example";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_gets_from_the_sign_up_to_the_report_by_clicking()
    {
        await using var browser = await Browser.Start();
        using var api = new Api(world.Penguin.Web, TimeProvider.System);
        var page = await browser.Open(world.Penguin.Web, 1440);
        Assertions.SetDefaultExpectTimeout(60_000);
        page.Dialog += (_, dialog) => output.WriteLine("dialog: " + dialog.Message);
        page.PageError += (_, error) => Assert.Fail("A script failed: " + error);
        await SignUp(page, api);
        await NameTheSender(page);
        await AddDomain(page, api);
        await ConnectMailbox(page);
        await Import(page);
        await WriteTemplate(page);
        await Launch(page);
        await Read(page);
    }

    static async Task SignUp(IPage page, Api api)
    {
        await page.GotoAsync("/sign-up");
        await page.Fill("email", Email);
        await page.Fill("display_name", "Greta Holm");
        await page.Fill("company", "Eastwind");
        await page.Fill("password", Password);
        await page.Press("Sign up");
        await page.WaitForURLAsync("**/check-mail**");
        await page.GotoAsync("/verify-email?token=" + Uri.EscapeDataString(await TwoAccounts.MailedToken(api, Email, Ct)));
        await page.Locator("main button.primary").ClickAsync();
        await page.GotoAsync("/log-in");
        await page.Fill("email", Email);
        await page.Fill("password", Password);
        await page.Press("Log in");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Brief" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("First steps");
    }

    static async Task NameTheSender(IPage page)
    {
        await page.GotoAsync("/workspaces/current");
        await page.Fill("sender_name", "Eastwind Trading GmbH");
        await page.Fill("postal_address", "Hafenstrasse 12, 20457 Hamburg, Germany");
        await page.Press("Save");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("saved", new() { IgnoreCase = true });
    }

    static async Task AddDomain(IPage page, Api api)
    {
        await page.GotoAsync("/domains/new");
        await page.Fill("name", Domain);
        await page.Press("Add domain");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = Domain })).ToBeVisibleAsync();
        // What stands on the page is what a person copies to their DNS.
        foreach (var section in await page.Locator("main section.block").AllAsync())
        {
            var facts = await section.EvaluateAsync<string[]>("s => [...s.querySelectorAll('dt')].map(t => t.textContent.trim() + '=' + (t.nextElementSibling.querySelector('[data-copy]')?.dataset.copy ?? t.nextElementSibling.textContent).trim())");
            var told = facts.Select(f => f.Split('=', 2)).ToDictionary(f => f[0], f => f[1]);
            if (!told.TryGetValue("Type", out var type) || type == "PTR") continue;
            var value = told["Expected"].StartsWith("any host", StringComparison.Ordinal) ? $"10 mx.{Domain}" : told["Expected"];
            await api.Post("/sandbox/dns", new { host = told["Host"], type, values = new[] { value } }, Ct);
        }

        await page.Press("Check now");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = Domain })).ToContainTextAsync("verified");
    }

    async Task ConnectMailbox(IPage page)
    {
        await page.GotoAsync("/mailboxes/new");
        foreach (var (name, value) in new[] { ("address", "greta@" + Domain), ("display_name", "Greta Holm"), ("smtp.host", "127.0.0.1"), ("smtp.port", $"{world.Penguin.SandboxSmtpPort}"), ("smtp.user", "greta"),
            ("smtp.secret", "sandbox"), ("daily_cap", "100000"), ("gap_seconds", "0") }) await page.Fill(name, value);
        await page.Locator("[name='smtp.security']").SelectOptionAsync("none");
        await page.Press("Connect mailbox");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "greta@" + Domain })).ToBeVisibleAsync();
        await page.Press("Test connection");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("The last connection test passed");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("EHLO");
    }

    async Task Import(IPage page)
    {
        var file = Path.Combine(world.Penguin.Folder, "twenty.csv");
        await File.WriteAllLinesAsync(file, ["E-Mail;First name;Company;City", .. Enumerable.Range(1, 18).Select(i => $"person{i}@company{i}.example;Person {i};Company {i};Lyon"), "not an address;X;Y;Z", "person1@company1.example;Again;Same;Lyon"], Ct);
        await page.GotoAsync("/lists");
        await page.Fill("name", "Twenty people");
        await page.Press("Make list");
        await page.GotoAsync("/imports/new");
        await page.Locator("[name=file]").SetInputFilesAsync(file);
        await page.Press("Upload and look at the columns");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("separated by");
        await page.Locator("[name=map3]").SelectOptionAsync(new SelectOptionValue { Label = "own field city" });
        await page.Press("Import");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("The file was read");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Show the contacts" })).ToBeVisibleAsync();
        var saved = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download 1 refused row" }).ClickAsync());
        var errors = await File.ReadAllTextAsync(await saved.PathAsync(), Ct);
        Assert.Contains("not an address", errors);
        await page.GetByRole(AriaRole.Link, new() { Name = "Show the contacts" }).ClickAsync();
        await Assertions.Expect(page.Locator("main table tbody tr")).ToHaveCountAsync(18);
    }

    static async Task WriteTemplate(IPage page)
    {
        await page.GotoAsync("/templates/new");
        await page.Fill("name", "First letter");
        await page.Fill("subject", "A question about {{company|your team}}");
        await page.Fill("html", "<p>Hello {{first_name|there}} in {{city|your city}},</p><p><a href=\"https://eastwind.example/guide\">Our guide</a></p><p>{{physical_address}}<br><a href=\"{{unsubscribe_url}}\">No more mail</a></p>");
        await page.Press("Save and preview");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Preview of First letter" })).ToBeVisibleAsync();
        await page.Locator("main [name=contact]").SelectOptionAsync(new SelectOptionValue { Label = "person7@company7.example" });
        await page.Press("Show");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("A question about Company 7");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Hello Person 7 in Lyon");
        await page.GetByRole(AriaRole.Link, new() { Name = "Use in a campaign" }).ClickAsync();
    }

    static async Task Launch(IPage page)
    {
        await page.Fill("name", "Spring letter");
        foreach (var box in await page.Locator("main [name=mailboxes], main [name=day]").AllAsync()) await box.CheckAsync();
        await page.Fill("from", "00:00");
        await page.Fill("to", "00:00");
        await page.Press("Save and run preflight");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Spring letter" })).ToContainTextAsync("draft");
        await page.Locator("details.confirm summary").ClickAsync();
        await page.Locator("details.confirm button.primary").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Spring letter" })).Not.ToContainTextAsync("draft");
    }

    static async Task Read(IPage page)
    {
        for (var attempt = 1; attempt <= 300 && !(await page.Locator("main").InnerTextAsync()).Contains("18 of 18", StringComparison.Ordinal) && await Sent(page) < 18; attempt++) await page.ReloadAsync();
        Assert.Equal(18, await Sent(page));
        await Assertions.Expect(page.Locator("main table").First).ToContainTextAsync("person7@company7.example");
        await page.Locator("main table a", new() { HasText = "person7@company7.example" }).First.ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("250");
        await page.GotoAsync("/");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Spring letter");
        await Assertions.Expect(page.Locator("main .verdict")).ToContainTextAsync(new System.Text.RegularExpressions.Regex(@"[A-Z].{20,}\."));
    }

    static async Task<int> Sent(IPage page) => int.Parse(await page.Locator("dl dt:has-text('Sent') + dd b, .figure:has-text('Sent') b").First.InnerTextAsync(), System.Globalization.CultureInfo.InvariantCulture);
}
