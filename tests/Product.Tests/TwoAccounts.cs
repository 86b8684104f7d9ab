using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>One running program for the tests that need no more: a first account that owns one of everything, a second that owns nothing.</summary>
public sealed class TwoAccounts : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(120) };

    public Penguin Penguin { get; private set; } = null!;

    /// <summary>Session of the first account's owner, in the workspace that holds everything.</summary>
    public string First { get; private set; } = "";

    /// <summary>Session of the second account's owner.</summary>
    public string Second { get; private set; } = "";

    /// <summary>Ids of the first account by what they are: the path's first word below /api/v1, and <c>tenants</c>.</summary>
    public Dictionary<string, string> Ids { get; } = new(StringComparer.Ordinal);

    public OpenApi Document { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        Penguin = await Penguin.Start(ct, ("ACCOUNTS__RATEPERSECOND", "100000"), ("ACCOUNTS__RATEBURST", "1000000"), ("METRICS__TOKEN", MetricsToken));
        using var api = new Api(Penguin.Web, TimeProvider.System);
        var run = new DemoRun(api, Penguin.Samples, Penguin.SandboxSmtpPort, _ => { });
        await run.Prepare(ct);
        await run.Launch(ct);
        First = run.SessionToken;
        var verdict = new DemoVerdict(api, run.CampaignId, Penguin.Journal);
        await verdict.Settle(Patience, wasKilled: false, ct);
        api.Bearer = First;
        await Collect(api, run, ct);
        Document = OpenApi.Read(await api.Get("/api/v1/openapi.json", ct));
        Second = await SignUp(api, "second@southwind.example", "Southwind", ct);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (Penguin is not null) await Penguin.DisposeAsync();
    }

    /// <param name="session">Null: as nobody.</param>
    public async Task<Answer> Send(HttpMethod method, string path, string? session, HttpContent? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, new Uri(Penguin.Web, path)) { Content = body };
        if (session is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session);
        return await Read(request, ct);
    }

    /// <summary>A page as a signed-in person reads it: addresses whole, although they may break at their dots.</summary>
    public async Task<Answer> Page(string path, string session, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Penguin.Web, path)) { Headers = { { "Cookie", $"penguin={session}" }, { "Accept", "text/html" } } };
        var answer = await Read(request, ct);
        return answer with { Text = answer.Text.Replace("<wbr>", "", StringComparison.Ordinal) };
    }

    /// <summary>The operator's token for figures.</summary>
    public const string MetricsToken = "figures-for-the-operator";

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    async Task<Answer> Read(HttpRequestMessage request, CancellationToken ct)
    {
        using var response = await _http.SendAsync(request, ct);
        return new Answer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", await response.Content.ReadAsStringAsync(ct));
    }

    async Task Collect(Api api, DemoRun run, CancellationToken ct)
    {
        Ids["workspaces"] = run.WorkspaceId;
        Ids["campaigns"] = run.CampaignId;
        Ids["tenants"] = (await api.Get("/api/v1/me", ct)).GetProperty("tenant_id").GetString()!;
        foreach (var kind in new[] { "sessions", "api-keys", "domains", "mailboxes", "suppressions", "contacts", "lists", "imports", "templates", "secrets" }) Ids[kind] = await FirstId(api, "/api/v1/" + kind, "id", ct);
        Ids["messages"] = await FirstId(api, $"/api/v1/campaigns/{run.CampaignId}/messages", "id", ct);
        Ids["members"] = await FirstId(api, "/api/v1/members", "user_id", ct);
        Ids["servers"] = (await api.Post("/api/v1/servers", new { name = "Main", host_name = "mail.northwind.example", address = "192.0.2.10" }, ct)).GetProperty("id").GetString()!;
        Ids["provisionings"] = (await api.Post("/api/v1/provisionings", new { domain = "set-up.northwind.example", server_id = Ids["servers"], mailboxes = new[] { new { local = "sam", display_name = "Sam" } } }, ct)).GetProperty("id").GetString()!;
        // Over at once: one that waits for its machine would write into the record while tests compare it.
        await api.Post($"/api/v1/provisionings/{Ids["provisionings"]}/cancel", new { }, ct);
        await api.Until<object>("The set-up cancelled", TimeSpan.FromMinutes(1), async () => (await api.Get($"/api/v1/provisionings/{Ids["provisionings"]}", ct)).GetProperty("state").GetString() == "cancelled" ? api : null, ct);
        var asked = await api.Post("/api/v1/break-glass", new { secret_id = Ids["secrets"], reason = "The provider asks for the password.", minutes = 30 }, ct);
        Ids["break-glass"] = asked.GetProperty("id").GetString()!;
        var upload = await Send(HttpMethod.Post, "/api/v1/mailbox-imports?file_name=northwind.csv", First, new StringContent("address,smtp_host,smtp_password\nx@northwind.example,smtp.northwind.example,pw\nnobody,smtp.northwind.example,pw\n", Encoding.UTF8, "text/csv"), ct);
        Ids["mailbox-imports"] = upload.Body().GetProperty("id").GetString()!;
        var plan = await api.Post("/api/v1/plan-versions", new { files = new[] { new { name = "plan.yaml", text = "{apiVersion: oversight.penguinmails/v1, kind: Plan, metadata: {name: northwind}, spec: {mission: Sell boats}}" } } }, ct);
        Ids["plan-versions"] = plan.GetProperty("version").GetProperty("id").GetString()!;
        Ids["steps"] = (await api.Post("/api/v1/oversight/steps", new { sentence = "Look at the bounces of last week." }, ct)).GetProperty("id").GetString()!;
        var costs = await api.Post("/api/v1/oversight/cost-loads", new { csv = "billed_on,vendor,amount,currency\n2026-10-31,Northwind Hosting,41.90,EUR\n", file = "october.csv" }, ct);
        Ids["cost-loads"] = costs.GetProperty("load").GetString()!;
        await api.Post("/api/v1/oversight/revenue", new { csv = $"month,workspace,amount,currency,note\n2026-10,{Ids["workspaces"]},1200.00,EUR,Northwind invoice 1041\n", source = "invoices" }, ct);
        Ids["reports"] = (await api.Post("/api/v1/oversight/reports", new { kind = "board" }, ct)).GetProperty("id").GetString()!;
        await new HostedDomain(api, Ids, Penguin).Make(ct);
        Ids["kpis"] = "gross_churn"; // A figure of the company that runs the platform, which neither of the two is.
        Ids["secret-rotations"] = "rot_00000000000000000000000000"; // No part of the program rotates by itself yet, so nobody owns one.
        await api.Post("/api/v1/invitations", new { email = "helper@northwind.example", role = "viewer" }, ct);
    }

    static async Task<string> FirstId(Api api, string path, string name, CancellationToken ct) =>
        (await api.Get(path, ct)).GetProperty("items").EnumerateArray().First().GetProperty(name).GetString()!;

    /// <summary>One more account. The session of its owner; <paramref name="api"/> is left without one.</summary>
    public static async Task<string> SignUp(Api api, string email, string company, CancellationToken ct)
    {
        const string password = "lantern-orchid-copper-83";
        api.Bearer = null;
        await api.Post("/api/v1/sign-up", new { email, password, display_name = "Second Person", company }, ct);
        await api.Post("/api/v1/verify-email", new { token = await MailedToken(api, email, ct) }, ct);
        return (await api.Post("/api/v1/log-in", new { email, password }, ct)).GetProperty("token").GetString()!;
    }

    /// <summary>The token in the newest mail the sandbox took for an address.</summary>
    public static async Task<string> MailedToken(Api api, string email, CancellationToken ct)
    {
        var text = await api.Until("The mail with a link", Patience, async () => (await api.Get("/sandbox/mails?to=" + Uri.EscapeDataString(email), ct)).GetProperty("items").EnumerateArray()
            .Select(mail => mail.GetProperty("text").GetString() ?? "").LastOrDefault(mail => mail.Contains("token=", StringComparison.Ordinal)), ct);
        var rest = text[(text.IndexOf("token=", StringComparison.Ordinal) + "token=".Length)..];
        return Uri.UnescapeDataString(rest[..rest.IndexOfAny(['\r', '\n', ' ', '"', '<'])]);
    }
}

/// <param name="Type">Media type; empty without a body.</param>
public sealed record Answer(int Status, string Type, string Text)
{
    public bool IsSuccess => Status is >= 200 and < 300;
    public bool IsFailure => Status >= 500;

    public JsonElement Body() => JsonDocument.Parse(Text).RootElement;
}

[CollectionDefinition(Name)]
public sealed class RunningProgram : ICollectionFixture<TwoAccounts>
{
    public const string Name = "one running program";
}
