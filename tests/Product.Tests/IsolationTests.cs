using System.Text.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Product.Tests;

/// <summary>What one account owns, another neither sees nor changes: every route of the document, every list, every page.</summary>
[Collection(RunningProgram.Name)]
public sealed class IsolationTests(TwoAccounts world, ITestOutputHelper output)
{
    static readonly int[] Refusals = [400, 403, 404, 409, 410];

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_route_with_an_id_works_on_anothers_object()
    {
        var before = await Books();
        var faults = new List<string>();
        var operations = world.Document.Operations.Where(o => o.HasId).ToList();
        foreach (var operation in operations)
        {
            if (!world.Ids.TryGetValue(operation.IdKind, out var id))
            {
                faults.Add($"{operation}: the test has no id of the kind {operation.IdKind}; collect one in TwoAccounts.");
                continue;
            }

            var body = operation.Body.ValueKind == JsonValueKind.Undefined ? null : TwoAccounts.Json(Body(operation));
            var answer = await world.Send(operation.Method, operation.With(id), world.Second, body, Ct);
            output.WriteLine($"{answer.Status} {operation}");
            if (!Refusals.Contains(answer.Status)) faults.Add($"{operation} answered {answer.Status}: {Start(answer.Text)}");
        }

        Assert.Empty(faults);
        Assert.True(operations.Count >= 30, $"{operations.Count} operations");
        var after = await Books();
        foreach (var (path, text) in before) Assert.True(text == after[path], $"{path} was {Start(text)} and is {Start(after[path])}");
    }

    [Fact]
    public async Task Bodies_and_queries_that_name_anothers_objects_are_refused_or_find_nothing()
    {
        var ids = world.Ids;
        (HttpMethod Method, string Path, object? Body)[] attempts =
        [
            (HttpMethod.Post, "/api/v1/session/workspace", new { tenant_id = ids["tenants"], workspace_id = ids["workspaces"] }),
            (HttpMethod.Post, "/api/v1/session/workspace", new { tenant_id = ids["tenants"] }),
            (HttpMethod.Post, "/api/v1/api-keys", new { name = "theirs", scopes = new[] { "contacts:read" }, workspace_id = ids["workspaces"] }),
            (HttpMethod.Post, "/api/v1/invitations", new { email = "x@southwind.example", role = "viewer", workspace_id = ids["workspaces"] }),
            (HttpMethod.Post, "/api/v1/contacts", new { email = "x@southwind.example", list_id = ids["lists"] }),
            (HttpMethod.Post, "/api/v1/campaigns", new { name = "theirs", template_id = ids["templates"], list_id = ids["lists"], mailboxes = new[] { ids["mailboxes"] } }),
            (HttpMethod.Post, $"/api/v1/imports?list={ids["lists"]}&fileName=x.csv", null),
            (HttpMethod.Get, $"/api/v1/contacts?list={ids["lists"]}", null),
        ];
        foreach (var (method, path, body) in attempts)
        {
            var content = body is not null ? TwoAccounts.Json(Core.Json.Write(body)) : method == HttpMethod.Post ? new StringContent("email\na@b.example\n", null, "text/csv") : null;
            var answer = await world.Send(method, path, world.Second, content, Ct);
            output.WriteLine($"{answer.Status} {method} {path}");
            if (method == HttpMethod.Get && answer.IsSuccess) Assert.Equal(0, answer.Body().GetProperty("items").GetArrayLength());
            else Assert.True(Refusals.Contains(answer.Status), $"{method} {path} answered {answer.Status}: {answer.Text}");
        }
    }

    [Fact]
    public async Task No_list_of_the_second_account_names_anything_of_the_first()
    {
        var lists = world.Document.Operations.Where(o => o.Method == HttpMethod.Get && !o.HasId).ToList();
        foreach (var list in lists)
        {
            var answer = await world.Send(HttpMethod.Get, list.Path, world.Second, null, Ct);
            Assert.True(answer.IsSuccess, $"{list} answered {answer.Status}: {answer.Text}");
            foreach (var (kind, id) in world.Ids) Assert.False(answer.Text.Contains(id, StringComparison.Ordinal), $"{list} shows the first account's {kind}");
            Assert.DoesNotContain("northwind", answer.Text, StringComparison.OrdinalIgnoreCase);
        }

        Assert.True(lists.Count >= 12, $"{lists.Count} lists");
    }

    [Fact]
    public async Task Without_a_session_every_route_but_the_way_in_is_closed()
    {
        string[] open = ["sign-up", "verify-email", "claim", "log-in", "log-out", "password/request-reset", "password/reset", "email/confirm", "invitations/accept"];
        foreach (var operation in world.Document.Operations.Where(o => !open.Any(way => o.Path.StartsWith("/api/v1/" + way, StringComparison.Ordinal))))
        {
            var id = operation.HasId ? world.Ids[operation.IdKind] : "";
            var body = operation.Body.ValueKind == JsonValueKind.Undefined ? null : TwoAccounts.Json(Body(operation));
            var answer = await world.Send(operation.Method, operation.With(id), null, body, Ct);
            Assert.True(answer.Status == 401, $"{operation} answered {answer.Status}: {Start(answer.Text)}");
        }
    }

    [Fact]
    public async Task Pages_of_anothers_objects_are_not_found()
    {
        string[] pages = ["domains", "mailboxes", "contacts", "imports", "templates", "campaigns", "messages", "workspaces", "secrets", "servers", "provisionings", "steps"];
        string[] deeper = ["campaigns/{0}/edit", "imports/{0}/events", "imports/{0}/errors.csv", "templates/{0}/preview", "templates/{0}/preview.html", "domains/{0}/dmarc", "domains/{0}/tls"];
        string[] glass = [$"/secrets/break-glass/{world.Ids["break-glass"]}", $"/secrets/break-glass/new?secret={world.Ids["secrets"]}", $"/mailboxes/imports/{world.Ids["mailbox-imports"]}", $"/domains/{world.Ids["domains"]}/addresses", $"/contacts/{world.Ids["contacts"]}/standing", $"/campaigns/{world.Ids["campaigns"]}", $"/mailboxes/{world.Ids["mailboxes"]}/signature"];
        var paths = pages.Select(kind => $"/{kind}/{world.Ids[kind]}").Concat(deeper.Select(path => "/" + string.Format(null, path, world.Ids[path.Split('/')[0]]))).Concat(glass);
        foreach (var path in paths)
        {
            var theirs = await world.Page(path, world.Second, Ct);
            Assert.True(theirs.Status == 404, $"{path} answered {theirs.Status}");
            Assert.DoesNotContain("northwind", theirs.Text, StringComparison.OrdinalIgnoreCase);
            if (path.Split('/').Length == 3 || glass.Contains(path)) Assert.True((await world.Page(path, world.First, Ct)).Status == 200, path + " is not shown to its owner");
        }
    }

    [Fact]
    public async Task Pages_of_the_account_are_shown_to_who_is_in_it()
    {
        foreach (var path in new[] { "/consent", "/contacts", "/contacts/new", "/campaigns", "/campaigns/new", "/sending" })
        {
            var shown = await world.Page(path, world.First, Ct);
            Assert.True(shown.Status == 200, $"{path} answered {shown.Status}");
        }

        Assert.Contains("CAN-SPAM Act", (await world.Page("/consent", world.First, Ct)).Text, StringComparison.Ordinal);
    }

    // A body that would be taken if the object were one's own, as far as the document tells.
    string Body(Operation operation)
    {
        var body = JsonSerializer.SerializeToNode(world.Document.Example(operation.Body, "Changed by another"))!.AsObject();
        foreach (var (member, kind) in new[] { ("template_id", "templates"), ("list_id", "lists"), ("workspace_id", "workspaces"), ("tenant_id", "tenants") })
            if (body.ContainsKey(member)) body[member] = world.Ids[kind];
        if (body.ContainsKey("mailboxes")) body["mailboxes"] = new JsonArray(world.Ids["mailboxes"]);
        return body.ToJsonString();
    }

    // Everything the first account can read of itself.
    async Task<Dictionary<string, string>> Books()
    {
        var books = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var operation in world.Document.Operations.Where(o => o.Method == HttpMethod.Get && !IsDiary(o.Path)))
        {
            var path = operation.HasId ? operation.With(world.Ids.GetValueOrDefault(operation.IdKind, "none")) : operation.Path;
            var answer = await world.Send(HttpMethod.Get, path, world.First, null, Ct);
            books[operation.Path] = operation.Path is "/api/v1/audit" or "/api/v1/secret-accesses" ? LastDeed(answer)
                : answer.Type.EndsWith("json", StringComparison.Ordinal) && answer.Text.Length > 0 ? Steady(JsonNode.Parse(answer.Text)) : answer.Text;
        }

        return books;
    }

    // These records grow only at their head, and what the program does by itself meanwhile is nobody's deed.
    static string LastDeed(Answer record) =>
        record.Body().GetProperty("items").EnumerateArray().First(entry => entry.GetProperty("actor").GetString() != "system").GetRawText();

    // Without what changes by itself: when a session or key was last seen, the request's own id, and the moment of asking.
    static string Steady(JsonNode? node)
    {
        foreach (var row in node?["items"]?.AsArray().OfType<JsonObject>() ?? [])
        {
            row.Remove("last_seen_at");
            row.Remove("last_used_at");
        }

        if (node is JsonObject whole)
        {
            whole.Remove("request_id");
            whole.Remove("asked_at");
        }

        return node?.ToJsonString() ?? "";
    }

    // What the reading itself changes, as a look into an inbox opens the password, and that is in the record; and what the program finds by itself: new mail, guards, answers.
    static bool IsDiary(string path) =>
        path is "/api/v1/overview" or "/api/v1/login-activity" or "/api/v1/mailboxes/collections" or "/api/v1/sending/guards" or "/api/v1/oversight/answers"
        || path.EndsWith("/inbox", StringComparison.Ordinal);

    static string Start(string text) => text.Length <= 300 ? text : text[..300];
}
