using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace PenguinMails.Modules.Tests.Fleet.Dns;

/// <summary>A listener on loopback that keeps a zone as the host would.</summary>
sealed class ApiPeer : IAsyncDisposable
{
    public const string Token = "token-of-the-tests";
    public const string Zone = "acme.test";

    readonly HttpListener _listener = new();
    readonly Task _serving;
    readonly Func<HttpListenerRequest, string, (int Status, string Body)> _answer;

    /// <param name="answer">Given the body as text; status 0 never answers, -1 cuts the connection.</param>
    public ApiPeer(Func<HttpListenerRequest, string, (int, string)> answer)
    {
        _answer = answer;
        using (var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _serving = Serve();
    }

    public int Port { get; }

    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Seconds that come with a 429; empty for none.</summary>
    public string RetryAfter { get; set; } = "17";

    /// <summary>From its own time, which is not ours, to the end of the window; comes with a 429.</summary>
    public int? ResetAfterSeconds { get; set; }

    async Task Serve()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try { context = await _listener.GetContextAsync(); }
            catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException) { return; }
            var text = await new StreamReader(context.Request.InputStream).ReadToEndAsync();
            Asked.Enqueue($"{context.Request.HttpMethod} {context.Request.RawUrl} {text}");
            var (status, body) = _answer(context.Request, text);
            if (status == 0) continue;
            if (status == -1)
            {
                context.Response.ContentLength64 = 1000;
                await context.Response.OutputStream.WriteAsync("{"u8.ToArray());
                context.Response.Abort();
                continue;
            }

            context.Response.StatusCode = status;
            if (status == 429 && RetryAfter.Length > 0) context.Response.AddHeader("Retry-After", RetryAfter);
            if (status == 429 && ResetAfterSeconds is { } reset)
            {
                context.Response.AddHeader("Date", DateTimeOffset.UnixEpoch.AddSeconds(1_000_000_000).ToString("R"));
                context.Response.AddHeader("ratelimit-reset", (1_000_000_000L + reset).ToString());
            }

            if (status == 302) context.Response.AddHeader("Location", "http://127.0.0.1:1/");
            try
            {
                // Whole in one write: a last chunk of its own waits for the other side's acknowledgement.
                if (status == 204) context.Response.Close();
                else context.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: false);
            }
            catch (HttpListenerException)
            {
                // Whoever asked is gone.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Abort();
        await _serving;
    }

    static ApiPeer OfJson(Func<HttpListenerRequest, JsonNode?, (int, string)> answer) => new((request, text) => answer(request, text.Length == 0 ? null : JsonNode.Parse(text)));

    public static ApiPeer Cloudflare()
    {
        var records = new List<JsonObject>();
        void Add(string name, string type, string content, int? priority = null) =>
            records.Add(new JsonObject { ["id"] = $"r{records.Count}x{Guid.CreateVersion7():N}", ["name"] = name, ["type"] = type, ["content"] = content, ["ttl"] = 1, ["priority"] = priority });
        Add(Zone, "TXT", "\"v=spf1 -all\"");
        for (var i = 0; i < 150; i++) Add($"n{i}.{Zone}", "A", $"192.0.2.{i}");
        Add(Zone, "TXT", "\"with \\\"quotes\\\"\"");
        Add(Zone, "MX", "mail.acme.test", 10);
        return OfJson((request, body) =>
        {
            if (request.Headers["Authorization"] != "Bearer " + Token) return (403, "{\"success\":false,\"errors\":[{\"code\":10000,\"message\":\"Authentication error\"}]}");
            var path = request.Url!.AbsolutePath;
            if (path == "/zones") return (200, $"{{\"success\":true,\"result\":[{{\"id\":\"zone1\",\"name\":\"{Zone}\"}}]}}");
            if (path == "/zones/zone1/dns_records/batch")
            {
                var ids = body!["deletes"]!.AsArray().Select(one => one!["id"]!.GetValue<string>()).ToHashSet();
                records.RemoveAll(record => ids.Contains(record["id"]!.GetValue<string>()));
                foreach (var post in body["posts"]!.AsArray()) Add(post!["name"]!.GetValue<string>(), post["type"]!.GetValue<string>(), post["content"]!.GetValue<string>(), post["priority"]?.GetValue<int>());
                return (200, "{\"success\":true,\"result\":{}}");
            }

            var (page, size) = (int.Parse(request.QueryString["page"]!), int.Parse(request.QueryString["per_page"]!));
            var shown = new JsonArray([.. records.Skip((page - 1) * size).Take(size).Select(record => record.DeepClone())]);
            return (200, new JsonObject { ["success"] = true, ["result"] = shown, ["result_info"] = new JsonObject { ["page"] = page, ["total_pages"] = (records.Count + size - 1) / size } }.ToJsonString());
        });
    }

    public static ApiPeer Hetzner()
    {
        var sets = new Dictionary<string, JsonObject>();
        void Put(string name, string type, int? ttl, params string[] values) => sets[$"{name}/{type}"] = new JsonObject
        {
            ["id"] = $"{name}/{type}", ["name"] = name, ["type"] = type, ["ttl"] = ttl, ["records"] = new JsonArray([.. values.Select(value => new JsonObject { ["value"] = value, ["comment"] = "" })]),
        };
        Put("@", "TXT", null, "\"v=spf1 -all\"", "\"with \\\"quotes\\\"\"");
        for (var i = 0; i < 150; i++) Put($"n{i}", "A", 60, $"192.0.2.{i}");
        Put("@", "MX", 300, "10 mail.acme.test.");
        return OfJson((request, body) =>
        {
            if (request.Headers["Authorization"] != "Bearer " + Token) return (401, "{\"error\":{\"code\":\"unauthorized\"}}");
            var root = $"/zones/{Zone}/rrsets";
            var path = Uri.UnescapeDataString(request.Url!.AbsolutePath);
            string[] Values() => [.. body!["records"]!.AsArray().Select(one => one!["value"]!.GetValue<string>())];
            if (request.HttpMethod == "GET")
            {
                var (page, size) = (int.Parse(request.QueryString["page"]!), int.Parse(request.QueryString["per_page"]!));
                var shown = new JsonArray([.. sets.Values.Skip((page - 1) * size).Take(size).Select(set => set.DeepClone())]);
                return (200, new JsonObject { ["rrsets"] = shown, ["meta"] = new JsonObject { ["pagination"] = new JsonObject { ["page"] = page, ["next_page"] = page * size < sets.Count ? page + 1 : null } } }.ToJsonString());
            }

            if (path == root)
            {
                var key = $"{body!["name"]}/{body["type"]}";
                if (sets.ContainsKey(key)) return (409, "{\"error\":{\"code\":\"uniqueness_error\"}}");
                Put(body["name"]!.GetValue<string>(), body["type"]!.GetValue<string>(), body["ttl"]?.GetValue<int>(), Values());
                return (201, "{}");
            }

            var words = path[(root.Length + 1)..].Split('/');
            if (!sets.TryGetValue($"{words[0]}/{words[1]}", out var set)) return (404, "{\"error\":{\"code\":\"not_found\"}}");
            if (request.HttpMethod == "DELETE") sets.Remove($"{words[0]}/{words[1]}");
            else if (words[^1] == "set_records") Put(words[0], words[1], set["ttl"]?.GetValue<int>(), Values());
            else set["ttl"] = body!["ttl"]!.GetValue<int>();
            return (201, "{\"action\":{\"id\":1}}");
        });
    }
}
