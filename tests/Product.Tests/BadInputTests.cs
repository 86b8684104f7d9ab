using System.Text.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Product.Tests;

/// <summary>Nonsense is answered, never fallen over: for every operation of the document no 5xx, and every refusal a problem with a code.</summary>
[Collection(RunningProgram.Name)]
public sealed class BadInputTests(TwoAccounts world, ITestOutputHelper output)
{
    const int LargeBytes = 10 << 20;
    static readonly string[] Words = ["\0", "a\0b", "x@y.example\r\nBcc: z@y.example", "\ud83d\ude00\u202e" + "\u0000", "'; drop table core.job; --", new('x', 20_000), "", " "];
    static readonly string[] Cursors = ["garbage", "AAAA", "%00", "e30", "eyJhIjoxfQ", new('9', 300), "null", "-1", "%EF%BF%BF"];
    static readonly string[] Numbers = ["-1", "0", "999999999", "99999999999999999999", "1.5", "many", "%00", ""];

    readonly List<string> _faults = [];
    int _asked;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bodies_that_are_not_the_right_json_are_refused()
    {
        string[] bodies = ["", "{", "[]", "null", "1", "\"x\"", "{}", "{\"\\u0000\":1}", "not json", "\u0000", new string('[', 500), "{\"email\":\"\\ud800\",\"name\":\"\\ud800\",\"value\":\"\\ud800\"}"];
        foreach (var operation in WithBody)
            foreach (var body in bodies)
                await Ask(operation, Target(operation), TwoAccounts.Json(body), $"body {Show(body)}");
        End();
    }

    [Fact]
    public async Task Members_of_the_wrong_type_or_null_are_refused()
    {
        JsonNode?[] values() => [null, 1, -1, 1.5, long.MaxValue, true, "text", new JsonArray(), new JsonObject(), new JsonArray(null, null), new JsonArray(new JsonObject())];
        foreach (var operation in WithBody)
            foreach (var member in world.Document.Members(operation.Body))
                foreach (var value in values())
                {
                    var body = Example(operation, "fine@southwind.example");
                    body[member] = value;
                    await Ask(operation, Target(operation), TwoAccounts.Json(body.ToJsonString()), $"{member} = {value?.ToJsonString() ?? "null"}");
                }
        End();
    }

    [Fact]
    public async Task Strange_text_in_any_member_is_no_failure()
    {
        foreach (var operation in WithBody)
        {
            foreach (var word in Words) await Ask(operation, Target(operation), TwoAccounts.Json(Example(operation, word).ToJsonString()), $"all text = {Show(word)}");
            foreach (var member in world.Document.Members(operation.Body))
                foreach (var word in Words)
                {
                    var body = Example(operation, "fine@southwind.example");
                    if (!Replace(body, member, word)) continue;
                    await Ask(operation, Target(operation), TwoAccounts.Json(body.ToJsonString()), $"{member} = {Show(word)}");
                }
        }

        End();
    }

    [Fact]
    public async Task Strange_ids_are_not_found()
    {
        string[] ids = ["x", "%00", "-1", "00000000-0000-0000-0000-000000000000", "ten_00000000000000000000000000", new('a', 3000), "%2e%2e", "%C3%28", "dom_zzzzzzzzzzzzzzzzzzzzzzzzzz"];
        foreach (var operation in world.Document.Operations.Where(o => o.HasId))
        {
            var known = world.Ids[operation.IdKind];
            foreach (var id in ids.Append(known[..4] + "00000000000000000000000000").Append(known.ToUpperInvariant()))
            {
                var body = operation.Body.ValueKind == JsonValueKind.Undefined ? null : TwoAccounts.Json(Example(operation, "fine@southwind.example").ToJsonString());
                await Ask(operation, operation.With(id), body, "id " + Show(id));
            }
        }

        End();
    }

    [Fact]
    public async Task Absurd_query_parameters_are_no_failure()
    {
        foreach (var operation in world.Document.Operations.Where(o => o.Query.Count > 0 && o.Method == HttpMethod.Get))
            foreach (var name in operation.Query)
                foreach (var value in name == "limit" ? Numbers : [.. Cursors, .. Numbers, "%0d%0a", "a%25%5f_%5c", new string('y', 4000)])
                    foreach (var session in new[] { world.Second, world.First })
                        await Ask(operation, $"{operation.With(operation.HasId ? world.Ids[operation.IdKind] : "")}?{name}={value}", null, $"{name} = {Show(value)}", session);
        End();
    }

    [Fact]
    public async Task Ten_megabytes_where_a_form_is_expected_are_refused()
    {
        var large = $$"""{"name":"{{new string('x', LargeBytes)}}"}""";
        foreach (var operation in WithBody) await Ask(operation, Target(operation), TwoAccounts.Json(large), "10 MB", mustRefuse: true);
        End();
    }

    IEnumerable<Operation> WithBody => world.Document.Operations.Where(o => o.Body.ValueKind != JsonValueKind.Undefined && o.Path is not "/api/v1/password");

    // Ids of nobody: what is asked here must never change anything.
    string Target(Operation operation) => operation.HasId ? operation.With(world.Ids[operation.IdKind][..4] + "00000000000000000000000000") : operation.Path;

    // As good as the document allows, so that what is wrong is only what a test made wrong.
    JsonObject Example(Operation operation, string text)
    {
        var body = JsonSerializer.SerializeToNode(world.Document.Example(operation.Body, text))!.AsObject();
        foreach (var optional in new[] { "list_id", "workspace_id" }.Where(m => operation.Path != "/api/v1/campaigns")) body.Remove(optional);
        if (body.ContainsKey("daily_cap")) body["display_name"] = "Fine";
        if (body.ContainsKey("scopes")) body["scopes"] = new JsonArray("contacts:read");
        if (body.ContainsKey("window")) body["window"]!["zone"] = "Etc/UTC";
        if (body.ContainsKey("attributes")) body["attributes"] = new JsonObject { ["city"] = text };
        if (operation.Path == "/api/v1/domains") body["name"] = text.Replace('@', '.');
        foreach (var server in new[] { "smtp", "imap" }) if (body[server] is JsonObject login) login["host"] = "127.0.0.1";
        return body;
    }

    // The member itself, or every text within it.
    static bool Replace(JsonObject body, string member, string word)
    {
        if (body[member] is JsonObject inner) return inner.Select(m => m.Key).ToList().FindAll(name => Replace(inner, name, word)).Count > 0;
        if (body[member] is not JsonValue held || held.GetValueKind() != JsonValueKind.String) return false;
        body[member] = word;
        return true;
    }

    async Task Ask(Operation operation, string path, HttpContent? body, string with, string? session = null, bool mustRefuse = false)
    {
        _asked++;
        Answer answer;
        try
        {
            answer = await world.Send(operation.Method, path, session ?? world.Second, body, Ct);
        }
        catch (HttpRequestException) when (mustRefuse)
        {
            return; // The connection was closed while we still spoke: refused as well.
        }

        if (answer.IsFailure || mustRefuse && answer.IsSuccess) _faults.Add($"{answer.Status} {operation} with {with}");
        else if (answer is { Status: 400, Text: "" } && path.Contains("%00", StringComparison.Ordinal)) return; // The web server refuses such a path before the program sees it.
        else if (answer.Status >= 400 && !IsProblem(answer)) _faults.Add($"{answer.Status} {operation} with {with} is no problem+json: {answer.Type} {Show(answer.Text)}");
    }

    static bool IsProblem(Answer answer) => answer.Type == "application/problem+json" && answer.Body() is var body
        && body.TryGetProperty("code", out var code) && code.GetString() is { Length: > 0 } && body.TryGetProperty("detail", out var detail) && detail.GetString() is { Length: > 0 };

    void End()
    {
        output.WriteLine($"{_asked} requests");
        Assert.True(_asked > 20);
        Assert.True(_faults.Count == 0, $"{_faults.Count} of {_asked}:\n" + string.Join('\n', _faults.Take(80)));
    }

    static string Show(string text) => JsonSerializer.Serialize(text.Length <= 60 ? text : text[..60] + "…");
}
