using System.Globalization;
using System.Text.Json;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>Campaigns to the same list, one after the other, from mailboxes that lead to the far end; and what ledger and far end say of each.</summary>
/// <param name="model">A campaign that could be launched: template and identity are taken from it.</param>
sealed class ChaosCampaigns(Api api, FarEnd far, string model)
{
    string[] _mailboxes = [];
    string _list = "", _template = "", _campaign = "";
    int _recipients;

    /// <summary>Of the mailboxes, in the order of their ports.</summary>
    public IReadOnlyList<string> Mailboxes => _mailboxes;

    public string TemplateId => _template;

    public string CampaignId => _campaign;

    /// <summary>An account that may send, a list at the far end, and mailboxes that lead there.</summary>
    /// <param name="ports">Of the mailboxes' servers on loopback; without any, three mailboxes lead to the far end.</param>
    public static async Task<ChaosCampaigns> Make(Api api, Penguin penguin, FarEnd far, int recipients, Action<string> say, CancellationToken ct, params int[] ports)
    {
        var demo = new DemoRun(api, Penguin.Samples, penguin.SandboxSmtpPort, say);
        await demo.Prepare(ct);
        var chaos = new ChaosCampaigns(api, far, demo.CampaignId);
        await chaos.Prepare(recipients, ports, ct);
        return chaos;
    }

    async Task Prepare(int recipients, int[] ports, CancellationToken ct)
    {
        _recipients = recipients;
        if (ports.Length == 0) ports = [.. Enumerable.Repeat(far.Server.Endpoint.Port, 3)];
        _template = Id(await api.Get($"/api/v1/campaigns/{model}", ct), "template_id");
        _list = Id(await api.Post("/api/v1/lists", new { name = "Far end" }, ct), "id");
        var file = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, Enumerable.Range(1, recipients).Select(i => $"person{i}@far{i % 40}.example,Person {i}").Prepend("email,first_name"), ct);
        var import = Id(await api.Upload($"/api/v1/imports?list={_list}&file_name=far.csv", file, ct), "id");
        File.Delete(file);
        await api.Post($"/api/v1/imports/{import}/start", new { }, ct);
        await api.Until<object>("The import", TimeSpan.FromMinutes(3), async () => Id(await api.Get($"/api/v1/imports/{import}", ct), "state") == "done" ? api : null, ct);
        _mailboxes = [.. await Task.WhenAll(ports.Select((port, i) => Connect(i + 1, port, ct)))];
    }

    async Task<string> Connect(int number, int port, CancellationToken ct) => Id(await api.Post("/api/v1/mailboxes", new
    {
        address = $"chaos{number}@northwind-outreach.example", display_name = $"Chaos {number}", daily_cap = 1_000_000, gap_seconds = 0, connections_max = 6,
        smtp = new { host = "127.0.0.1", port, security = "none", user = $"chaos{number}", secret = "far" },
    }, ct), "id");

    public async Task Launch(int run, CancellationToken ct)
    {
        _campaign = Id(await api.Post("/api/v1/campaigns", Body($"Chaos {run}"), ct), "id");
        await Steer("launch", ct);
    }

    public object Body(string name) => new
    {
        name, template_id = _template, list_id = _list, mailboxes = _mailboxes, consumer_policy = "exclude",
        window = new { zone = "Etc/UTC", days = 127, from_minute = 0, to_minute = 1440 }, shape = "none", skips_holidays = false,
    };

    public Task Steer(string verb, CancellationToken ct) => api.Post($"/api/v1/campaigns/{_campaign}/{verb}", new { }, ct);

    /// <returns>False when it is over already, which earlier kills may have brought about.</returns>
    public async Task<bool> Pause(CancellationToken ct)
    {
        try
        {
            await Steer("pause", ct);
            return true;
        }
        catch (DemoFailed refused) when (refused.Message.Contains("campaign.state_conflict", StringComparison.Ordinal))
        {
            return false;
        }
    }

    /// <summary>True when every recipient's message has an end, or is in doubt.</summary>
    public async Task<bool> IsDecided(CancellationToken ct)
    {
        var state = Id(await api.Get($"/api/v1/campaigns/{_campaign}", ct), "state");
        var counts = await api.Get($"/api/v1/campaigns/{_campaign}/counts", ct);
        return state is not ("launching" or "draft") && new[] { "queued", "sending", "deferred" }.All(name => counts.GetProperty(name).GetInt64() == 0);
    }

    /// <summary>What is left, and why the first of it waits.</summary>
    public async Task<string> Undecided(CancellationToken ct)
    {
        var left = (await api.All($"/api/v1/campaigns/{_campaign}/messages", ct)).Where(row => Id(row, "state") is "queued" or "sending" or "deferred").ToList();
        var why = left.Count == 0 ? "" : (await api.Get($"/api/v1/messages/{Id(left[0], "id")}/why", ct)).GetRawText();
        return $"{string.Join(", ", left.GroupBy(row => Id(row, "state")).Select(same => $"{same.Count()} {same.Key}"))}; the first: {why}";
    }

    /// <summary>Ledger beside far end.</summary>
    public async Task<(string Summary, IReadOnlyList<string> Faults)> Judge(CancellationToken ct)
    {
        var states = (await api.All($"/api/v1/campaigns/{_campaign}/messages", ct)).ToDictionary(row => Id(row, "address"), row => Id(row, "state"));
        var (taken, refused) = (far.Taken.ToList(), far.Refused.ToHashSet());
        var faults = new List<string>();
        if (states.Count != _recipients) faults.Add($"{states.Count} of {_recipients} recipients are in the ledger");
        faults.AddRange(taken.GroupBy(one => one.MessageId).Where(same => same.Count() > 1).Select(same => $"{same.Key} was taken {same.Count()} times"));
        faults.AddRange(taken.GroupBy(one => one.Address).Where(same => same.Count() > 1).Select(same => $"{same.Key} was mailed {same.Count()} times"));
        var there = taken.Select(one => one.Address).ToHashSet();
        foreach (var (address, state) in states)
        {
            var agrees = state switch
            {
                "sent" => there.Contains(address),
                "in_doubt" => true, // The far end has it or not: that is what a person is asked.
                "bounced" => refused.Contains(address) && !there.Contains(address),
                _ => false,
            };
            if (!agrees) faults.Add($"{address} is {state} in the ledger and {(there.Contains(address) ? "there" : "not there")} at the far end");
        }

        faults.AddRange(there.Where(address => !states.ContainsKey(address)).Select(address => $"{address} is at the far end and not in the ledger"));
        int Count(string state) => states.Values.Count(one => one == state);
        var doubtful = states.Where(row => row.Value == "in_doubt").Select(row => row.Key).ToList();
        return (string.Create(CultureInfo.InvariantCulture,
            $"{states.Count} recipients, {Count("sent")} sent, {Count("bounced")} refused, {doubtful.Count} in doubt ({doubtful.Count(there.Contains)} of them taken), {taken.Count} Message-IDs at the far end"), faults);
    }

    static string Id(JsonElement body, string name) => body.GetProperty(name).GetString() ?? "";
}
