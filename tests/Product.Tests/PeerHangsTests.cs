using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>One server takes connections and never greets, another takes some messages and never says so: neither holds up anybody else, and nothing is sent again on a guess.</summary>
public sealed class PeerHangsTests(ITestOutputHelper output)
{
    const int Recipients = 200;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task A_server_that_says_nothing_costs_its_own_messages_time_and_nobody_elses()
    {
        await using var far = FarEnd.Start();
        far.HangsFor = address => address.EndsWith("@far7.example", StringComparison.Ordinal);
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        await using var penguin = await Penguin.Start(Ct, ("DELIVERY__SMTPSECONDS", "2"));
        using var api = new Api(penguin.Web, TimeProvider.System);
        var chaos = await ChaosCampaigns.Make(api, penguin, far, Recipients, output.WriteLine, Ct, far.Server.Endpoint.Port, ((IPEndPoint)mute.LocalEndpoint).Port);
        far.Begin("hang");
        await chaos.Launch(1, Ct);

        // Everything of the mailbox whose server answers is decided while the other's waits, and says why.
        List<JsonElement> waiting = [];
        await api.Until<object>("The other mailbox's share", Patience, async () => (waiting = await Waiting(api, chaos)).Count == Recipients / 2 ? output : null, Ct);
        Assert.Single(waiting.Select(row => Text(row, "mailbox_id")).Distinct());
        var why = (await api.Get($"/api/v1/messages/{Text(waiting[0], "id")}/why", Ct)).GetRawText();
        output.WriteLine(why);
        Assert.Contains("mailbox_health", why);

        // Its owner names another server: what waited goes there, once.
        await api.Patch($"/api/v1/mailboxes/{chaos.Mailboxes[1]}", new { smtp = new { host = "127.0.0.1", port = far.Server.Endpoint.Port, security = "none", user = "chaos2", secret = "far" } }, Ct);
        await api.Until<object>("Everything decided", Patience, async () => await chaos.IsDecided(Ct) ? output : null, Ct);
        var (summary, faults) = await chaos.Judge(Ct);
        output.WriteLine(summary);
        Assert.Empty(faults);
        var rows = await api.All($"/api/v1/campaigns/{chaos.CampaignId}/messages", Ct);
        Assert.Equal(Recipients / 40, rows.Count(row => Text(row, "state") == "in_doubt"));
        Assert.All(rows, row => Assert.Equal(far.HangsFor(Text(row, "address")), Text(row, "state") == "in_doubt"));
    }

    static async Task<List<JsonElement>> Waiting(Api api, ChaosCampaigns chaos) =>
        [.. (await api.All($"/api/v1/campaigns/{chaos.CampaignId}/messages", Ct)).Where(row => Text(row, "state") is not ("sent" or "in_doubt"))];

    static string Text(JsonElement row, string name) => row.GetProperty(name).GetString() ?? "";
}
