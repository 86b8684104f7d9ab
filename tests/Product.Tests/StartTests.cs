using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Product.Tests;

public sealed class StartTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fresh_installation_offers_one_claim_link_and_stops_cleanly()
    {
        await using var penguin = await Penguin.Start(Ct);
        Assert.NotNull(penguin.Claim);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(penguin.Claim, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(penguin.Web, "healthz/ready"), Ct)).StatusCode);
        Assert.StartsWith("Mail comes in clear: there is no certificate in ", await http.GetStringAsync(new Uri(penguin.Web, "healthz/edge"), Ct));
        Assert.Equal(0, await penguin.Stop());
    }

    /// <summary>A change of the API shows in the diff of docs/api/openapi.json, where it is reviewed. PENGUIN_WRITE=1 writes the file.</summary>
    [Fact]
    public async Task The_committed_description_of_the_api_is_what_the_program_says()
    {
        await using var penguin = await Penguin.Start(Ct);
        using var http = new HttpClient();
        var document = JsonNode.Parse(await http.GetStringAsync(new Uri(penguin.Web, "api/v1/openapi.json"), Ct))!.AsObject();
        document.Remove("servers"); // The address of this start.
        var text = document.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
        var path = Path.Combine(Penguin.Samples, "..", "docs", "api", "openapi.json");
        if (Environment.GetEnvironmentVariable("PENGUIN_WRITE") == "1") await File.WriteAllTextAsync(path, text, Ct);
        Assert.Equal(await File.ReadAllTextAsync(path, Ct), text);
    }

    [Fact]
    public async Task A_second_start_finds_what_the_first_one_left()
    {
        await using var penguin = await Penguin.Start(Ct);
        await penguin.Kill();
        await penguin.Launch(Ct);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(penguin.Web, "healthz/ready"), Ct)).StatusCode);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        await using var penguin = await Penguin.Start(Ct);
        var (code, _, error) = await PenguinOn(penguin.Web.Port);
        Assert.Equal(1, code);
        Assert.Contains(penguin.Web.Port.ToString(), error);
    }

    /// <summary>Strangers reach these addresses: what is no look at them is no reason to ask who they are.</summary>
    [Fact]
    public async Task A_tracked_link_takes_only_looks()
    {
        await using var penguin = await Penguin.Start(Ct);
        using var http = new HttpClient();
        foreach (var path in (string[])["c/abc/0", "o/abc.gif"])
            foreach (var method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete])
            {
                using var answer = await http.SendAsync(new HttpRequestMessage(method, new Uri(penguin.Web, path)), Ct);
                Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET, HEAD"), (answer.StatusCode, string.Join(", ", answer.Content.Headers.Allow)));
                Assert.DoesNotContain("/log-in", await answer.Content.ReadAsStringAsync(Ct));
            }
    }

    static async Task<(int Code, string Output, string Error)> PenguinOn(int port)
    {
        var folder = Directory.CreateTempSubdirectory("penguin-port-").FullName;
        if (Environment.IsPrivilegedProcess) File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        try
        {
            return await Penguin.Verb(new() { ["PENGUIN__DATA__FOLDER"] = folder, ["PENGUIN__WEB__LISTEN"] = $"127.0.0.1:{port}" }, Ct, "run", "--roles", "web");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
