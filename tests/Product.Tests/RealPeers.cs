using System.Text.Json;
using PenguinMails.Cli.Demo;
using PenguinMails.Modules.Tests.Fleet.Stacks;

namespace PenguinMails.Product.Tests;

/// <summary>A company that sends to real providers of the small internet: its domains, mailboxes and campaigns, through the REST API.</summary>
sealed class RealPeers(TestbedWorld world, Api api)
{
    const string Platform = "mail.platform-host.io", PlatformAddress = "198.18.0.1", Provider = "mx.bigmail.com", ProviderAddress = "198.18.2.10";

    static readonly string[] Providers = ["isp1", "isp2", "isp3", "isp4"];

    int _campaigns;

    /// <summary>The owner publishes what the page of the domain names, and it is found right.</summary>
    /// <returns>Id of the domain.</returns>
    public async Task<string> AddDomain(string name, bool isDirect, CancellationToken ct)
    {
        await world.Script("record.sh", ct, "zone", name);
        await Publish("platform-host.io", Platform, "TXT", $"v=spf1 ip4:{PlatformAddress} -all", ct);
        var id = (await api.Post("/api/v1/domains", new { name }, ct)).GetProperty("id").GetString() ?? "";
        if (isDirect) await api.Put($"/api/v1/domains/{id}/transport", new { transport = "direct", source_address = PlatformAddress, ehlo_name = Platform }, ct);
        foreach (var record in (await api.Get($"/api/v1/domains/{id}", ct)).GetProperty("records").EnumerateArray().Where(record => record.GetProperty("is_required").GetBoolean()))
        {
            string Of(string field) => record.GetProperty(field).GetString() ?? "";
            // A domain that sends through its provider names the provider's address; one that sends directly names none but ours.
            var text = Of("expected").Replace(" ~all", isDirect ? " ~all" : $" ip4:{ProviderAddress} ~all", StringComparison.Ordinal);
            await Publish(name, Of("host"), Of("type"), Of("kind") == "mx" ? $"10 {Provider}" : text, ct);
        }

        await Publish(name, $"bounce.{name}", "TXT", $"v=spf1 redirect={name}", ct);
        await api.Until<object>($"{name} verified", TimeSpan.FromSeconds(30), async () =>
            (await api.Post($"/api/v1/domains/{id}/check", new { }, ct)).GetProperty("domain").GetProperty("state").GetString() == "verified" ? this : null, ct);
        return id;
    }

    /// <summary>The mailbox lies at the first provider: sent through it by submission unless its domain sends directly, and read over IMAP.</summary>
    public async Task<string> Connect(string address, CancellationToken ct) => (await api.Post("/api/v1/mailboxes", new
    {
        address, display_name = "Anna Berg", daily_cap = 500, gap_seconds = 0, connections_max = 4,
        smtp = new { host = Provider, port = 587, security = "starttls", user = address, secret = "secret" },
        imap = new { host = "imap.bigmail.com", port = 993, security = "tls", user = address, secret = "secret" },
    }, ct)).GetProperty("id").GetString() ?? "";

    /// <returns>Id of the campaign.</returns>
    public async Task<string> Launch(string mailbox, string token, IEnumerable<string> people, CancellationToken ct)
    {
        var name = $"Providers {++_campaigns}";
        var list = (await api.Post("/api/v1/lists", new { name }, ct)).GetProperty("id").GetString();
        foreach (var person in people) await api.Post("/api/v1/contacts", new { email = person, list_id = list }, ct);
        var template = (await api.Post("/api/v1/templates", new
        {
            name, subject = $"A question {token}", text = "",
            html = $"<p>Hello,</p><p>is this the right address for a question about your office? {token}</p><p>Best regards<br>{{{{sender_name}}}}</p><p>{{{{physical_address}}}}<br><a href=\"{{{{unsubscribe_url}}}}\">No more mail</a></p>",
        }, ct)).GetProperty("id").GetString();
        var campaign = (await api.Post("/api/v1/campaigns", new
        {
            name, template_id = template, list_id = list, mailboxes = new[] { mailbox }, consumer_policy = "allow", tracks_clicks = false, window = new { zone = "Etc/UTC", days = 127, from_minute = 0, to_minute = 1440 }, shape = "none",
        }, ct)).GetProperty("id").GetString() ?? "";
        await api.Post($"/api/v1/campaigns/{campaign}/launch", new { }, ct);
        return campaign;
    }

    public async Task<Dictionary<string, JsonElement>> Ledger(string campaign, CancellationToken ct) =>
        (await api.All($"/api/v1/campaigns/{campaign}/messages", ct)).ToDictionary(message => message.GetProperty("address").GetString() ?? "");

    /// <summary>Messages with the token that lie in a recipient's mailbox, in whatever folder, as they were laid down.</summary>
    public List<string> Laid(string address, string token) =>
    [
        .. Providers.Select(provider => Path.Combine(world.State, provider, "mail", address, "Maildir")).Where(Directory.Exists)
            .SelectMany(folder => Directory.GetFiles(folder, "*", SearchOption.AllDirectories)).Where(path => path.Contains("/new/") || path.Contains("/cur/"))
            .Select(File.ReadAllText).Where(text => text.Contains(token)),
    ];

    async Task Publish(string zone, string name, string type, string content, CancellationToken ct)
    {
        // DNS takes a text in pieces of 255 octets, and names with a final dot.
        var shown = type == "TXT" ? string.Join(' ', content.Chunk(200).Select(piece => $"\"{new string(piece)}\"")) : content.TrimEnd('.') + ".";
        await world.Script("record.sh", ct, "set", zone, name, type, shown);
    }
}
