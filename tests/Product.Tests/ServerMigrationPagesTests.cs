using Microsoft.Playwright;
using Npgsql;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>Leaving a server through its pages, before any machine answers: asked twice, followed, cancelled.</summary>
public sealed class ServerMigrationPagesTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task A_server_is_left_for_another_through_its_pages_and_the_way_back_is_there()
    {
        await using var penguin = await Penguin.Start(Ct);
        using var api = new Api(penguin.Web, TimeProvider.System);
        api.Bearer = await TwoAccounts.SignUp(api, "olga@fjord.example", "Fjord Ltd", Ct);
        var (old, next) = (await Server(api, "mail.fjord.example", "192.0.2.7"), await Server(api, "mail2.fjord.example", "192.0.2.8"));
        await api.Post("/api/v1/domains", new { name = "fjord.example" }, Ct);
        await Carry(penguin);
        await using var browser = await Browser.Start();
        var page = await browser.Open(penguin.Web, 1440, session: api.Bearer);

        await page.GotoAsync($"/servers/{old}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Move to another server" }).ClickAsync();
        await page.GetByLabel("Server that takes over").SelectOptionAsync(next);
        await page.GetByLabel("Type mail.fjord.example to confirm").FillAsync("mail.fjord");
        await page.GetByRole(AriaRole.Button, new() { Name = "Begin" }).ClickAsync();
        Assert.Contains("takes over 1 domain and 0 mailboxes", await page.ContentAsync());
        await page.GetByLabel("Type mail.fjord.example to confirm").FillAsync("mail.fjord.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Begin" }).ClickAsync();
        await page.WaitForURLAsync("**/server-migrations/smg_*", new() { WaitUntil = WaitUntilState.Commit });
        var path = new Uri(page.Url).AbsolutePath;
        await Until(api, path, "customer", now => now.GetProperty("current").GetProperty("state").GetString());

        await Look(browser, penguin.Web, api.Bearer, path, $"/servers/{old}/migrate");
        await page.GotoAsync(path);
        foreach (var shown in new[] { "This needs you", "Mail leaves from mail.fjord.example", "Carry the mail over" }) Assert.Contains(shown, await page.ContentAsync());
        await page.GetByText("Cancel and take back").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel and take back" }).ClickAsync();
        await Until(api, path, "cancelled", now => now.GetProperty("state").GetString());
        await page.GotoAsync(path);
        Assert.Contains("Everything is on mail.fjord.example as before", await page.ContentAsync());
    }

    static async Task Look(Browser browser, Uri web, string? session, string path, string form)
    {
        foreach (var (width, scheme) in new[] { (1440, ColorScheme.Light), (1440, ColorScheme.Dark), (375, ColorScheme.Light), (375, ColorScheme.Dark) })
        {
            var look = await browser.Open(web, width, scheme, session);
            foreach (var (at, name) in new[] { (path, "one"), (form, "new"), ("/server-migrations", "list") })
            {
                Assert.Equal(200, (await look.GotoAsync(at))?.Status);
                await look.Keep($"server-migrations-{name}-{width}-{scheme}".ToLowerInvariant());
                Assert.Empty(await look.Barriers());
                Assert.Equal(0, await look.Overflow());
            }

            await look.CloseAsync();
        }
    }

    static Task Until(Api api, string path, string state, Func<System.Text.Json.JsonElement, string?> read) =>
        api.Until<object>($"The migration {state}", TimeSpan.FromMinutes(2), async () => read(await api.Get("/api/v1" + path, Ct)) == state ? state : null, Ct);

    static async Task<string> Server(Api api, string host, string address) =>
        (await api.Post("/api/v1/servers", new { name = host, host_name = host, address, port = 22, user = "root" }, Ct)).GetProperty("id").GetString() ?? "";

    // What the steps of a provisioning say once a machine answered.
    static async Task Carry(Penguin penguin)
    {
        await using var connection = new NpgsqlConnection($"Host={penguin.Folder}/db;Username=postgres;Database=penguin;Pooling=false");
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand("update fleet.domain set server_id = (select id from fleet.server where host_name = 'mail.fjord.example')", connection);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Ct));
    }
}
