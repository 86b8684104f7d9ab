using System.Net;
using System.Text;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>From the token of a host to the order of a server, as its pages show it. The host is a listener that offers one size.</summary>
public sealed class ServerPagesTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Price_and_rule_stand_on_the_page_before_the_button_and_the_order_is_followed()
    {
        using var host = new HttpListener();
        var port = FreePorts.Take(1)[0];
        host.Prefixes.Add($"http://127.0.0.1:{port}/");
        host.Start();
        var serving = Serve(host);
        await using var penguin = await Penguin.Start(Ct, ("SERVERS__ENDPOINTS__HETZNER", $"http://127.0.0.1:{port}/"), ("NETWORK__ALLOWED", "127.0.0.0/8"));
        using var api = new Api(penguin.Web, TimeProvider.System);
        api.Bearer = await TwoAccounts.SignUp(api, "olga@fjord.example", "Fjord Ltd", Ct);
        using var http = new HttpClient { BaseAddress = penguin.Web };
        http.DefaultRequestHeaders.Add("Cookie", $"penguin={api.Bearer}");

        Assert.Contains("No server yet", await http.GetStringAsync("/servers", Ct));
        using var put = new HttpRequestMessage(HttpMethod.Put, "/api/v1/server-hosts") { Content = TwoAccounts.Json("""{"kind":"hetzner","token":"the-token"}""") };
        put.Headers.Authorization = new("Bearer", api.Bearer);
        using var connected = await http.SendAsync(put, Ct);
        Assert.True(connected.IsSuccessStatusCode, await connected.Content.ReadAsStringAsync(Ct));
        var offers = await http.GetStringAsync("/servers/new?host=hetzner&region=fsn1", Ct);
        foreach (var shown in new[] { "on request", "under Limits", "2 cores, 4 GB, 40 GB disk, 4.52 EUR a month (cx22)", "value=\"cx22|452\"", "Order server" }) Assert.Contains(shown, offers);
        Assert.True(offers.IndexOf("under Limits", StringComparison.Ordinal) < offers.IndexOf("Order server", StringComparison.Ordinal));

        var ordered = await api.Post("/api/v1/servers/order", new { kind = "hetzner", name = "Main", host_name = "mail.fjord.example", region = "fsn1", size = "cx22", monthly_price = 452 }, Ct);
        var id = ordered.GetProperty("id").GetString();
        Assert.Equal(452, ordered.GetProperty("monthly_price").GetProperty("minor_units").GetInt64());
        var page = await api.Until("The host took the order", TimeSpan.FromSeconds(30), async () => await http.GetStringAsync($"/servers/{id}", Ct) is var text && text.Contains("being built", StringComparison.Ordinal) ? text : null, Ct);
        Assert.Contains("4.52 EUR a month", page);
        Assert.Contains("Type mail.fjord.example to confirm", page);
        Assert.Contains("4.52 EUR", await http.GetStringAsync("/servers", Ct));
        Assert.DoesNotContain("the-token", penguin.Output);
        host.Abort();
        await serving;
    }

    static async Task Serve(HttpListener host)
    {
        while (host.IsListening)
        {
            HttpListenerContext context;
            try { context = await host.GetContextAsync(); }
            catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException) { return; }
            var (status, body) = Answer(context.Request.HttpMethod, context.Request.Url!.AbsolutePath);
            context.Response.StatusCode = status;
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
            context.Response.Close();
        }
    }

    const string Building = """{"id":7,"name":"x","status":"initializing","public_net":{"ipv4":{"ip":"192.0.2.7"}}}""";

    static (int, string) Answer(string method, string path) => (method, path) switch
    {
        (_, "/pricing") => (200, """{"pricing":{"currency":"EUR","primary_ips":[{"type":"ipv4","prices":[{"location":"fsn1","price_monthly":{"gross":"0.595"}}]}]}}"""),
        (_, "/locations") => (200, """{"locations":[{"name":"fsn1","city":"Falkenstein","country":"DE"},{"name":"hel1","city":"Helsinki","country":"FI"}]}"""),
        (_, "/server_types") => (200, """{"server_types":[{"name":"cx22","cores":2,"memory":4.0,"disk":40,"architecture":"x86","prices":[{"location":"fsn1","price_monthly":{"gross":"3.9151"}}]}]}"""),
        ("GET", "/servers") => (200, """{"servers":[]}"""),
        ("GET", "/ssh_keys") => (200, """{"ssh_keys":[]}"""),
        ("POST", "/ssh_keys") => (201, """{"ssh_key":{"id":3}}"""),
        ("POST", "/servers") => (201, $$"""{"server":{{Building}}}"""),
        ("GET", "/servers/7") => (200, $$"""{"server":{{Building}}}"""),
        _ => (404, "{}"),
    };
}
