using PenguinMails.Accounts;
using PenguinMails.Cli.Demo;
using PenguinMails.Core;

namespace PenguinMails.Product.Tests;

/// <summary>A key and a person of one workspace, beside another workspace of the same account that owns one of everything: no route and no page gives them a byte of it.</summary>
[Collection(RunningProgram.Name)]
public sealed class ConfinedKeyTests(TwoAccounts world, ITestOutputHelper output)
{
    // Of the account, and of the people who run it.
    static readonly string[] Common = ["tenants", "members", "sessions", "kpis"];

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_route_gives_a_confined_key_anything_of_another_workspace()
    {
        using var api = new Api(world.Penguin.Web, TimeProvider.System) { Bearer = world.First };
        var client = await Client(api);
        var key = (await api.Post("/api/v1/api-keys", new { name = "client", scopes = Permissions.All.Where(scope => !Roles.IsOfAccount(scope)), workspace_id = client }, Ct)).GetProperty("key").GetString()!;
        var markers = await Markers(api);
        var routes = world.Document.Operations.Where(one => one.Method == HttpMethod.Get).ToList();
        var faults = new List<string>();
        var shown = 0;
        foreach (var route in routes)
        {
            var answer = await world.Send(HttpMethod.Get, route.HasId ? route.With(world.Ids[route.IdKind]) : route.Path, key, null, Ct);
            output.WriteLine($"{answer.Status} {route}");
            faults.AddRange(markers.Where(marker => answer.Text.Contains(marker, StringComparison.OrdinalIgnoreCase)).Select(marker => $"{route} shows {marker}"));
            if (answer.IsFailure) faults.Add($"{route} answered {answer.Status}");
            if (answer.IsSuccess) shown++;
        }

        Assert.Empty(faults);
        Assert.True(routes.Count >= 100 && shown >= 25, $"{routes.Count} routes, {shown} answered");
        var own = await world.Send(HttpMethod.Get, "/api/v1/suppressions", key, null, Ct);
        Assert.Contains("only.client.example", own.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_page_shows_a_confined_manager_anything_of_another_workspace()
    {
        using var api = new Api(world.Penguin.Web, TimeProvider.System) { Bearer = world.First };
        var client = await Client(api);
        var markers = await Markers(api);
        const string email = "manager@harbour.example", password = "harbour-violet-quilt-47";
        await api.Post("/api/v1/invitations", new { email, role = "manager", workspace_id = client }, Ct);
        api.Bearer = null;
        await api.Post("/api/v1/invitations/accept", new { token = await TwoAccounts.MailedToken(api, email, Ct), password, display_name = "Mina Harbour" }, Ct);
        var session = (await api.Post("/api/v1/log-in", new { email, password }, Ct)).GetProperty("token").GetString()!;
        string[] pages =
        [
            "/", "/suppressions", "/suppressions/new", "/consent", "/contacts", "/lists", "/imports", "/templates", "/campaigns", "/campaigns/new", "/inbox/unmatched", "/domains", "/mailboxes", "/mailboxes/incoming", "/servers", "/provisionings",
            "/sending", "/sending?view=guards", "/sending?view=limits", "/sending?view=warm-ups", "/sending/conversations", "/team",
        ];
        foreach (var path in pages)
        {
            var page = await world.Page(path, session, Ct);
            Assert.True(page.Status == 200, $"{path} answered {page.Status}");
            foreach (var marker in markers) Assert.False(page.Text.Contains(marker, StringComparison.OrdinalIgnoreCase), $"{path} shows {marker}");
        }

        Assert.DoesNotContain("the whole account", (await world.Page("/suppressions/new", session, Ct)).Text, StringComparison.Ordinal);
    }

    // A workspace with something of its own.
    static async Task<string> Client(Api api)
    {
        var client = (await api.Post("/api/v1/workspaces", new { name = "Client " + System.Security.Cryptography.RandomNumberGenerator.GetHexString(8) }, Ct)).GetProperty("id").GetString()!;
        api.Workspace = client;
        await api.Post("/api/v1/suppressions", new { value = "only.client.example", whole_account = false }, Ct);
        api.Workspace = null;
        return client;
    }

    // What stands in the other workspace and nowhere else: its ids, its recipients and the names it sends from.
    async Task<List<string>> Markers(Api api)
    {
        await api.Put("/api/v1/sending/limits", new { scope = "company", key = "marked.company.example", window_seconds = 3600, most = 1_000_000 }, Ct);
        var suppressed = (await api.All("/api/v1/suppressions", Ct)).Select(one => one.GetProperty("value").GetString()!).ToList();
        Assert.Contains(suppressed, value => value.Contains('@', StringComparison.Ordinal));
        var sent = (await api.Get($"/api/v1/campaigns/{world.Ids["campaigns"]}/messages?limit=100", Ct)).GetProperty("items").EnumerateArray().Select(one => one.GetProperty("address").GetString()!);
        var senders = (await api.All("/api/v1/mailboxes", Ct)).Select(one => one.GetProperty("address").GetString()!);
        return [.. world.Ids.Where(one => !Common.Contains(one.Key)).Select(one => one.Value), .. suppressed, .. sent, .. senders, "marked.company.example"];
    }
}
