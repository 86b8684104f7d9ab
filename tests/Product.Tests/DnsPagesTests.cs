using System.Text.Json;

namespace PenguinMails.Product.Tests;

/// <summary>The pages of a domain's DNS, and that another account sees none of them.</summary>
[Collection(RunningProgram.Name)]
public sealed class DnsPagesTests(TwoAccounts world)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plan_is_made_shown_exported_and_kept_from_others()
    {
        var domain = world.Ids["domains"];
        var root = $"/api/v1/domains/{domain}/dns";
        var name = (await world.Send(HttpMethod.Get, $"/api/v1/domains/{domain}", world.First, null, Ct)).Body().GetProperty("domain").GetProperty("name").GetString();
        var connected = await world.Send(HttpMethod.Put, root + "/host", world.First, Json(new { kind = "by_hand", zone = name }), Ct);
        Assert.True(connected.IsSuccess, connected.Text);
        var planned = await world.Send(HttpMethod.Post, root + "/plans", world.First, Json(new { }), Ct);
        Assert.True(planned.Status == 201, planned.Text);
        var plan = planned.Body().GetProperty("id").GetString();
        var refused = await world.Send(HttpMethod.Post, $"{root}/plans/{plan}/apply", world.First, Json(new { }), Ct);
        Assert.Equal((409, "dns.by_hand"), (refused.Status, refused.Body().GetProperty("code").GetString()));

        Assert.Contains($"/domains/{domain}/dns", (await world.Page($"/domains/{domain}", world.First, Ct)).Text);
        Assert.Contains("Check and save", (await world.Page($"/domains/{domain}/dns", world.First, Ct)).Text);
        var page = await world.Page($"/domains/{domain}/dns/plans/{plan}", world.First, Ct);
        Assert.Equal(200, page.Status);
        Assert.Contains("_penguin." + name, page.Text);
        Assert.Contains("then press Check", page.Text);
        Assert.Contains($"$ORIGIN {name}.", (await world.Page($"/domains/{domain}/dns/plans/{plan}/zone-file", world.First, Ct)).Text);

        string[] verbs = ["apply", "check", "undo"];
        foreach (var verb in verbs) Assert.Equal(404, (await world.Send(HttpMethod.Post, $"{root}/plans/{plan}/{verb}", world.Second, Json(new { }), Ct)).Status);
        foreach (var path in new[] { $"{root}/plans/{plan}", $"{root}/plans/{plan}/zone-file", root }) Assert.Equal(404, (await world.Send(HttpMethod.Get, path, world.Second, null, Ct)).Status);
        foreach (var path in new[] { "", $"/plans/{plan}", $"/plans/{plan}/zone-file" }) Assert.Equal(404, (await world.Page($"/domains/{domain}/dns{path}", world.Second, Ct)).Status);
    }

    [Fact]
    public async Task What_is_switched_on_is_served_under_hosts_of_the_domain_to_anybody()
    {
        var domain = world.Ids["domains"];
        var root = $"/api/v1/domains/{domain}";
        var name = (await world.Send(HttpMethod.Get, root, world.First, null, Ct)).Body().GetProperty("domain").GetProperty("name").GetString();
        var page = await world.Page($"/domains/{domain}/dns", world.First, Ct);
        foreach (var field in new[] { "has_mta_sts", "mta_sts_mode", "has_tls_reports", "has_autoconfig", "bimi_logo", "bimi_evidence" }) Assert.Contains($"name=\"{field}\"", page.Text);

        Assert.Equal((404, "no\n"), await Served($"mta-sts.{name}", "/.well-known/mta-sts.txt"));
        var changed = await world.Send(HttpMethod.Patch, root + "/dns/settings", world.First, Json(new { mx_hosts = new[] { "mx." + name }, has_mta_sts = true }), Ct);
        Assert.True(changed.IsSuccess, changed.Text);
        Assert.True((await world.Send(HttpMethod.Post, root + "/check", world.First, Json(new { }), Ct)).IsSuccess);
        Assert.Equal((200, $"version: STSv1\r\nmode: testing\r\nmx: mx.{name}\r\nmax_age: 86400\r\n"), await Served($"mta-sts.{name}", "/.well-known/mta-sts.txt"));
        Assert.Equal((200, "yes\n"), await Served("127.0.0.1", $"/tls/ask?domain=mta-sts.{name}"));
        foreach (var other in new[] { "/tls/ask", $"/tls/ask?domain={name}", "/tls/ask?domain=mta-sts.elsewhere.example" }) Assert.Equal((404, "no\n"), await Served("127.0.0.1", other));
        Assert.Equal((404, "no\n"), await Served($"autoconfig.{name}", "/mail/config-v1.1.xml")); // Its mailboxes lie elsewhere.
        using var posted = new StringContent("<Autodiscover/>", System.Text.Encoding.UTF8, "text/xml");
        Assert.Equal((404, "no\n"), await Served($"autodiscover.{name}", "/Autodiscover/Autodiscover.xml", posted)); // Without a token of a form, too.
        Assert.True((await world.Send(HttpMethod.Patch, root + "/dns/settings", world.First, Json(new { has_mta_sts = false, mx_hosts = Array.Empty<string>() }), Ct)).IsSuccess);
    }

    [Fact]
    public async Task A_flood_of_questions_is_held_off()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => Served("127.0.0.1", "/tls/ask?domain=mta-sts.elsewhere.example"))); // 100 at once, 20 more in each second.
        Assert.Equal([404, 429], answers.Select(answer => answer.Item1).Distinct().Order());
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Ct); // The tests beside this one ask from the same address.
    }

    static readonly HttpClient Http = new();

    async Task<(int, string)> Served(string host, string path, HttpContent? posted = null)
    {
        using var request = new HttpRequestMessage(posted is null ? HttpMethod.Get : HttpMethod.Post, new Uri(world.Penguin.Web, path)) { Content = posted };
        request.Headers.Host = host;
        using var answer = await Http.SendAsync(request, Ct);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }

    static StringContent Json<T>(T body) => TwoAccounts.Json(JsonSerializer.Serialize(body));
}
