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
        const string email = "board@northwind.example", password = "harbour-violet-quilt-47";
        using var api = new Api(world.Penguin.Web, TimeProvider.System) { Bearer = world.First };
        await api.Post("/api/v1/invitations", new { email, role = "viewer" }, Ct);
        api.Bearer = null;
        await api.Post("/api/v1/invitations/accept", new { token = await TwoAccounts.MailedToken(api, email, Ct), password, display_name = "Vera Board" }, Ct);
        var session = (await api.Post("/api/v1/log-in", new { email, password }, Ct)).GetProperty("token").GetString()!;

        string[] seen = ["/answers", "/kpis", "/plans", "/plan-board", "/budget", "/registers", "/steps", "/reports", "/scenarios", "/data-trust", "/team", $"/steps/{world.Ids["steps"]}"];
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
}
