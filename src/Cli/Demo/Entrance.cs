using System.Text.RegularExpressions;

namespace PenguinMails.Cli.Demo;

/// <summary>How a new customer comes in, through the REST API; the verification mail is read from the sandbox.</summary>
public sealed partial class Entrance(Api api)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public string SessionToken { get; private set; } = "";
    public string WorkspaceId { get; private set; } = "";
    public string AccountId { get; private set; } = "";

    /// <summary>Afterwards the API speaks with a key for everything but billing, in a workspace of its own. The same after <see cref="Claim"/>.</summary>
    public async Task SignUp(string email, string password, CancellationToken ct)
    {
        await api.Post("/api/v1/sign-up", new { email, password, display_name = "Olivia Hart", company = "Northwind" }, ct);
        var mail = await api.Until("The verification mail", Patience, async () => (await MailsTo(email, ct)).FirstOrDefault(m => TokenLink().IsMatch(m)), ct);
        await api.Post("/api/v1/verify-email", new { token = Uri.UnescapeDataString(TokenLink().Match(mail).Groups[1].Value) }, ct);
        await Settle(email, password, ct);
    }

    /// <summary>The first person of a new installation, by the link that it prints.</summary>
    public async Task Claim(string token, string email, string password, CancellationToken ct)
    {
        await api.Post("/api/v1/claim", new { token, email, password, display_name = "Olivia Hart", company = "Northwind" }, ct);
        await Settle(email, password, ct);
    }

    async Task Settle(string email, string password, CancellationToken ct)
    {
        SessionToken = await LogIn(api, email, password, ct);
        api.Bearer = SessionToken;
        var workspace = await api.Post("/api/v1/workspaces", new { name = "Northwind outreach", sender_name = "Northwind Trading Ltd", postal_address = "12 Harbour Street, Bristol BS1 4RW, United Kingdom" }, ct);
        WorkspaceId = workspace.GetProperty("id").GetString() ?? "";
        var me = await api.Get("/api/v1/me", ct);
        AccountId = me.GetProperty("tenant_id").GetString() ?? "";
        await api.Post("/api/v1/session/workspace", new { tenant_id = AccountId, workspace_id = WorkspaceId }, ct);
        var key = await api.Post("/api/v1/api-keys", new { name = "demo", scopes = Core.Permissions.All.Where(p => !p.StartsWith("billing", StringComparison.Ordinal) && p != Core.Permissions.OversightRead) }, ct);
        api.Bearer = key.GetProperty("key").GetString();
        api.Workspace = WorkspaceId;
    }

    /// <returns>The token of the session.</returns>
    public static async Task<string> LogIn(Api api, string email, string password, CancellationToken ct)
    {
        api.Bearer = null;
        return (await api.Post("/api/v1/log-in", new { email, password }, ct)).GetProperty("token").GetString() ?? "";
    }

    async Task<List<string>> MailsTo(string address, CancellationToken ct) =>
        [.. (await api.Get($"/sandbox/mails?to={Uri.EscapeDataString(address)}", ct)).GetProperty("items").EnumerateArray().Select(m => m.GetProperty("text").GetString() ?? "")];

    [GeneratedRegex(@"token=([A-Za-z0-9_%\-\.~]+)")]
    private static partial Regex TokenLink();
}
