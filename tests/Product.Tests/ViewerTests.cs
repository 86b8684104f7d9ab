using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>Somebody who is invited as a viewer: oversight from the first page on, and nothing of the addresses and messages it is made of.</summary>
[Collection(RunningProgram.Name)]
public sealed class ViewerTests(TwoAccounts world)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_viewer_sees_oversight_and_no_operations()
    {
        const string email = "board@northwind.example";
        var session = await Invited(email, null);
        string[] seen = ["/answers", "/kpis", "/plans", "/plan-board", "/budget", "/margins", "/registers", "/steps", "/reports", "/scenarios", "/data-trust", "/team", $"/steps/{world.Ids["steps"]}"];
        foreach (var path in seen)
        {
            var shown = await world.Page(path, session, Ct);
            Assert.True(shown.Status == 200, $"{path} answered {shown.Status}");
            foreach (var place in new[] { "/contacts", "/campaigns", "/mailboxes", "/domains", "/sending" }) Assert.DoesNotContain($"href=\"{place}\"", shown.Text, StringComparison.Ordinal);
        }

        string[] hidden = ["/contacts", "/campaigns", "/mailboxes", "/domains", "/sending", "/suppressions", "/secrets", $"/messages/{world.Ids["messages"]}", $"/contacts/{world.Ids["contacts"]}"];
        foreach (var path in hidden)
        {
            var refused = await world.Page(path, session, Ct);
            Assert.True(refused.Status == 403, $"{path} answered {refused.Status}");
            Assert.DoesNotContain("@", refused.Text.Replace(email, "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    /// <summary>A client of an agency: the Brief of its own workspace, and nothing of the agency's plan, money and other clients.</summary>
    [Fact]
    public async Task A_viewer_of_one_workspace_sees_its_brief_and_nothing_of_the_whole_account()
    {
        using var api = new Api(world.Penguin.Web, TimeProvider.System) { Bearer = world.First };
        var client = (await api.Post("/api/v1/workspaces", new { name = "Client" }, Ct)).GetProperty("id").GetString()!;
        await Invited("rival@reef.example", world.Ids["workspaces"]);
        var session = await Invited("client@harbour.example", client);

        var brief = await world.Page("/", session, Ct);
        Assert.Equal(200, brief.Status);
        Assert.Contains("Nothing has been sent yet", brief.Text, StringComparison.Ordinal); // Of the client's workspace; the other one has sent.
        string[] hidden = ["/answers", "/kpis", "/kpis/acceptance", "/plans", "/plan-board", "/budget", "/margins", "/vendors", "/gates", "/registers", "/reviews", "/steps", "/reports", "/scenarios", "/data-trust", $"/steps/{world.Ids["steps"]}", $"/reports/{world.Ids["reports"]}"];
        foreach (var path in hidden)
        {
            Assert.DoesNotContain($"href=\"{path}\"", brief.Text, StringComparison.Ordinal);
            var refused = await world.Page(path, session, Ct);
            Assert.True(refused.Status == 403, $"{path} answered {refused.Status}");
        }

        string[] wide = ["/api/v1/oversight/", "/api/v1/kpis", "/api/v1/plan-versions"];
        var closed = world.Document.Operations.Where(one => one.Method == HttpMethod.Get && wide.Any(path => one.Path.StartsWith(path, StringComparison.Ordinal)) && !one.Path.Contains("{format}", StringComparison.Ordinal)).ToList();
        Assert.True(closed.Count > 20);
        foreach (var one in closed)
        {
            var refused = await world.Send(HttpMethod.Get, one.HasId ? one.With(world.Ids[one.IdKind]) : one.Path, session, null, Ct);
            Assert.True(refused.Status == 403, $"{one} answered {refused.Status}");
            Assert.Contains("oversight:read", refused.Text, StringComparison.Ordinal);
        }

        var team = await world.Page("/team", session, Ct);
        Assert.Equal(200, team.Status);
        Assert.DoesNotContain("rival@reef.example", team.Text, StringComparison.Ordinal);
    }

    /// <returns>The session of a viewer who took the invitation.</returns>
    async Task<string> Invited(string email, string? workspace)
    {
        const string password = "harbour-violet-quilt-47";
        using var api = new Api(world.Penguin.Web, TimeProvider.System) { Bearer = world.First };
        await api.Post("/api/v1/invitations", new { email, role = "viewer", workspace_id = workspace }, Ct);
        api.Bearer = null;
        await api.Post("/api/v1/invitations/accept", new { token = await TwoAccounts.MailedToken(api, email, Ct), password, display_name = "Vera Board" }, Ct);
        return (await api.Post("/api/v1/log-in", new { email, password }, Ct)).GetProperty("token").GetString()!;
    }
}
