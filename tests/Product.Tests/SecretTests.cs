using System.Text;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>Secrets as the operator meets them, and as whoever finds the logs and the disk does.</summary>
public sealed class SecretTests
{
    const string Mailbox = "mb0x-pa55w0rd-nobody-may-find";
    const string Added = "added-s3cret-nobody-may-find";
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_log_file_or_answer_holds_a_value_and_the_operator_can_list_rewrap_and_shred()
    {
        await using var penguin = await Penguin.Start(Ct, ("LOGGING__LOGLEVEL__DEFAULT", "Trace"), ("LOGGING__LOGLEVEL__MICROSOFT", "Trace"), ("LOGGING__LOGLEVEL__NPGSQL", "Trace"));
        using var api = new Api(penguin.Web, TimeProvider.System);
        api.Bearer = await TwoAccounts.SignUp(api, "olga@fjord.example", "Fjord Ltd", Ct);
        var tenant = (await api.Get("/api/v1/me", Ct)).GetProperty("tenant_id").GetString()!;
        var answers = await Use(api, penguin);
        Assert.Equal(0, await penguin.Stop());

        var status = await Verb(penguin, "", "secrets", "status");
        Assert.Equal((0, true), (status.Code, status.Output.Contains("3 secrets", StringComparison.Ordinal)));
        var listed = await Verb(penguin, "", "secrets", "list", "--tenant", tenant);
        Assert.Contains("providers/hosting/api-key  version 1  api_key  on demand", listed.Output);
        var key = Path.Combine(penguin.Folder, "secrets.key");
        await File.WriteAllTextAsync(key, Convert.ToBase64String(new byte[32]), Ct);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (penguin.Settings["PENGUIN__SECRETS__MASTER"], penguin.Settings["PENGUIN__SECRETS__ACCEPTED"]) = ("file:" + key, "installation");
        Assert.Contains("1 of 1 keys rewrapped", (await Verb(penguin, "", "secrets", "rewrap")).Output);
        penguin.Settings.Remove("PENGUIN__SECRETS__ACCEPTED");
        Assert.Contains("0 of 1 keys rewrapped", (await Verb(penguin, "", "secrets", "rewrap")).Output);
        Assert.Equal(1, (await Verb(penguin, "", "secrets", "rotate", "--tenant", tenant, "--path", "providers/hosting/api-key", "--reason", "a drill")).Code);
        Assert.Equal(0, (await Verb(penguin, "", "secrets", "rotate", "--tenant", tenant, "--data-key", "--reason", "a drill")).Code);

        string[] shred = ["secrets", "shred", "--tenant", tenant, "--reason", "the customer left"];
        foreach (var typed in new[] { "", "no\n", "yes\n", "yes\nfjord ltd\n" })
            Assert.True((await Verb(penguin, typed, shred)) is { Code: 1, Error: var error } && error.Contains("secret.shred_unconfirmed", StringComparison.Ordinal), typed);
        Assert.Equal(0, (await Verb(penguin, "yes\nFjord Ltd\n", shred)).Code);
        Assert.Contains("SHREDDED", (await Verb(penguin, "", "secrets", "status")).Output);
        Assert.Equal(0, (await Verb(penguin, "", "audit", "verify")).Code);

        Assert.True(penguin.Output.Length > 10_000, "The log is at its loudest.");
        foreach (var text in answers.Append(penguin.Output).Append(status.Output + listed.Output)) Assert.All(Spellings, spelling => Assert.DoesNotContain(spelling, text, StringComparison.Ordinal));
        Assert.Empty(Files(penguin.Folder));
    }

    // Everything that touches a value, and everything that is refused.
    static async Task<List<string>> Use(Api api, Penguin penguin)
    {
        var answers = new List<string>();
        using var http = new HttpClient { BaseAddress = penguin.Web };
        http.DefaultRequestHeaders.Authorization = new("Bearer", api.Bearer);
        async Task Send(string path, object body)
        {
            using var answer = await http.PostAsync(path, TwoAccounts.Json(Core.Json.Write(body)), Ct);
            answers.Add((int)answer.StatusCode + await answer.Content.ReadAsStringAsync(Ct));
        }

        var server = new { host = "127.0.0.1", port = penguin.SandboxSmtpPort, security = "none", user = "sam", secret = Mailbox };
        await Send("/api/v1/mailboxes", new { address = "sam@fjord.example", display_name = "Sam", smtp = server, imap = server });
        var id = (await api.Get("/api/v1/mailboxes", Ct)).GetProperty("items")[0].GetProperty("id").GetString();
        await Send($"/api/v1/mailboxes/{id}/test", new { });
        var secret = new { path = "providers/hosting/api-key", fields = new Dictionary<string, string> { ["key"] = Added }, reason = "new contract", expected_version = 0, kind = "api_key" };
        await Send("/api/v1/secrets", secret);
        await Send("/api/v1/secrets", secret); // Refused: somebody was faster.
        await Send("/api/v1/secrets", secret with { path = "../up" });
        await Send("/api/v1/secrets", new { path = "a", fields = Added, reason = "not an object" });
        await Send("/api/v1/secrets", new { path = "a", fields = new Dictionary<string, string> { [Added] = "x" }, reason = "a name that is none" });
        foreach (var path in new[] { "/api/v1/secrets", "/api/v1/secret-accesses", "/api/v1/secret-rotations", "/api/v1/secrets-status", "/api/v1/audit", "/secrets", "/secrets/accesses", "/activity" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Cookie", $"penguin={api.Bearer}" } } };
            using var answer = await http.SendAsync(request, Ct);
            answers.Add(await answer.Content.ReadAsStringAsync(Ct));
        }

        Assert.StartsWith("201", answers[0]);
        Assert.StartsWith("200", answers[1]);
        Assert.StartsWith("201", answers[2]);
        Assert.All(answers[3..7], answer => Assert.StartsWith("4", answer));
        return answers;
    }

    static string[] Spellings => [.. new[] { Mailbox, Added }.SelectMany(value => new[] { value, Convert.ToBase64String(Encoding.UTF8.GetBytes(value)), Convert.ToBase64String(Encoding.UTF8.GetBytes("\0sam\0" + value)), Convert.ToHexStringLower(Encoding.UTF8.GetBytes(value)) })];

    // The database, its write-ahead log and everything else on the disk.
    static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path =>
    {
        var bytes = File.ReadAllBytes(path);
        return Spellings.Any(spelling => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(spelling)) >= 0);
    });

    static Task<(int Code, string Output, string Error)> Verb(Penguin penguin, string typed, params string[] words) => Penguin.Answer(typed, penguin.Settings, Ct, words);
}
