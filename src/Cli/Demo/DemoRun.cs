using System.Globalization;
using System.Text.Json;

namespace PenguinMails.Cli.Demo;

/// <summary>A customer's first day through the REST API: sign up, domain, mailboxes, contacts, template, campaign, launch.</summary>
/// <param name="say">Called with a sentence after each step.</param>
public sealed class DemoRun(Api api, string samples, int sandboxSmtpPort, Action<string> say)
{
    const string Email = "olivia@northwind.example";
    const string Password = "harbour-violet-quilt-47";
    const string Domain = "northwind-outreach.example";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static readonly string[] SuppressedAddresses = ["do-not-mail@kestrel-labs.example"];
    public const string SuppressedDomain = "suppressed-industries.example";

    public string SessionToken { get; private set; } = "";
    public string CampaignId { get; private set; } = "";
    public string WorkspaceId { get; private set; } = "";
    public IReadOnlyList<JsonElement> Imports { get; private set; } = [];

    /// <summary>Everything up to a campaign that may be launched.</summary>
    public async Task Prepare(CancellationToken ct)
    {
        await SignUp(ct);
        await AddDomain(ct);
        var mailboxes = await ConnectMailboxes(ct);
        var list = (await api.Post("/api/v1/lists", new { name = "Spring prospects" }, ct)).GetProperty("id").GetString();
        Imports = [await Import("contacts.csv", list, ct), await Import("contacts-windows-1252.csv", list, ct)];
        foreach (var value in SuppressedAddresses.Append(SuppressedDomain)) await api.Post("/api/v1/suppressions", new { value, note = "asked by phone not to be mailed" }, ct);
        say($"suppressed {SuppressedAddresses.Length} address and 1 domain by hand");
        var template = await WriteTemplate(ct);
        CampaignId = (await api.Post("/api/v1/campaigns", new
        {
            name = "Spring outreach", template_id = template, list_id = list, mailboxes, consumer_policy = "exclude", tracks_clicks = true, tracks_opens = true, tracking_reach = "everywhere",
            window = new { zone = "Etc/UTC", days = 127, from_minute = 0, to_minute = 1440 }, shape = "none",
        }, ct)).GetProperty("id").GetString() ?? "";
        var report = await api.Get($"/api/v1/campaigns/{CampaignId}/preflight", ct);
        if (!report.GetProperty("can_launch").GetBoolean()) throw new DemoFailed("Preflight blocks: " + report.GetRawText());
        say($"preflight passed with {report.GetProperty("findings").GetArrayLength()} things to look at");
    }

    public async Task Launch(CancellationToken ct)
    {
        await api.Post($"/api/v1/campaigns/{CampaignId}/launch", new { }, ct);
        say("launched");
    }

    /// <summary>Logs in anew, for a program that was started again.</summary>
    public async Task LogIn(CancellationToken ct)
    {
        api.Bearer = null;
        SessionToken = await Entrance.LogIn(api, Email, Password, ct);
    }

    async Task SignUp(CancellationToken ct)
    {
        var entrance = new Entrance(api);
        await entrance.SignUp(Email, Password, ct);
        (SessionToken, WorkspaceId) = (entrance.SessionToken, entrance.WorkspaceId);
        say("signed up, verified the address, created a workspace and an API key");
    }

    async Task AddDomain(CancellationToken ct)
    {
        var id = (await api.Post("/api/v1/domains", new { name = Domain }, ct)).GetProperty("id").GetString();
        var records = (await api.Get($"/api/v1/domains/{id}", ct)).GetProperty("records").EnumerateArray().ToList();
        foreach (var record in records)
        {
            var (type, expected) = (record.GetProperty("type").GetString(), record.GetProperty("expected").GetString());
            if (type is "PTR") continue; // The platform's own, not the customer's.
            await api.Post("/sandbox/dns", new { host = record.GetProperty("host").GetString(), type, values = new[] { expected == "any" ? $"10 mx.{Domain}" : expected } }, ct);
        }

        await api.Post($"/api/v1/domains/{id}/check", new { }, ct);
        var checkedDomain = await api.Get($"/api/v1/domains/{id}", ct);
        var state = checkedDomain.GetProperty("domain").GetProperty("state").GetString();
        if (state != "verified") throw new DemoFailed("The domain is not verified: " + checkedDomain.GetProperty("records").GetRawText());
        say($"added {Domain}, published {records.Count - 1} DNS records, all checked");
    }

    async Task<string[]> ConnectMailboxes(CancellationToken ct)
    {
        var ids = new List<string>();
        foreach (var (name, local) in new[] { ("Olivia Hart", "olivia"), ("Peter Novak", "peter") })
        {
            var made = await api.Post("/api/v1/mailboxes", new
            {
                address = $"{local}@{Domain}", display_name = name, daily_cap = 100_000, gap_seconds = 0, connections_max = 4,
                smtp = new { host = "127.0.0.1", port = sandboxSmtpPort, security = "none", user = local, secret = "sandbox" },
            }, ct);
            var id = made.GetProperty("id").GetString() ?? "";
            var test = await api.Post($"/api/v1/mailboxes/{id}/test", new { }, ct);
            if (!test.GetProperty("ok").GetBoolean()) throw new DemoFailed("The connection test failed: " + test.GetRawText());
            ids.Add(id);
        }

        say("connected and tested 2 mailboxes");
        return [.. ids];
    }

    async Task<JsonElement> Import(string file, string? list, CancellationToken ct)
    {
        var import = await api.Upload($"/api/v1/imports?list={list}&file_name={file}", Path.Combine(samples, file), ct);
        var id = import.GetProperty("id").GetString();
        await api.Post($"/api/v1/imports/{id}/start", new { }, ct);
        var done = await api.Until("The import", Patience, async () =>
        {
            var now = await api.Get($"/api/v1/imports/{id}", ct);
            return now.GetProperty("state").GetString() is "running" or "uploaded" ? null : new Holder(now);
        }, ct);
        long Count(string name) => done.Value.GetProperty(name).GetInt64();
        say(string.Create(CultureInfo.InvariantCulture, $"imported {file}: {Count("rows_read")} rows, {Count("added")} added, {Count("duplicates")} duplicates, {Count("rejected")} rejected with reasons"));
        if (Count("rows_read") != Count("added") + Count("updated") + Count("duplicates") + Count("rejected")) throw new DemoFailed("The import lost rows: " + done.Value.GetRawText());
        return done.Value;
    }

    sealed record Holder(JsonElement Value);

    async Task<string> WriteTemplate(CancellationToken ct)
    {
        const string html = """
            <p>Hello {{first_name|there}},</p>
            <p>{{#if company}}does {{company}}{{else}}does your team{{/if}} still write its cold mail by hand? We keep a short guide on what providers ask of senders this year:</p>
            <p><a href="https://northwind.example/guide?from=mail">Read the guide</a></p>
            <p>Best regards<br>{{sender_name}}</p>
            <hr><p>{{physical_address}}<br><a href="{{unsubscribe_url}}">No more mail from us</a></p>
            """;
        var template = await api.Post("/api/v1/templates", new { name = "First contact", subject = "A question about {{company|your team}}", html, text = "" }, ct);
        say("wrote a template with merge fields and fallbacks");
        return template.GetProperty("id").GetString() ?? "";
    }
}
