using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>The REST API of Stalwart 0.15: refusals with status 200, secrets kept as given, settings that count once they are reloaded.</summary>
sealed class StalwartRestPeer : StackPeer
{
    public SortedDictionary<string, JsonObject> Principals { get; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, string> Settings { get; } = new(StringComparer.Ordinal) { ["queue.limiter.inbound.sender.enable"] = "true", ["queue.limiter.inbound.sender.rate"] = "25/1h" };
    /// <summary>As they were at the last reload.</summary>
    public Dictionary<string, string> Active { get; private set; } = [];
    public JsonArray Queue { get; } = [];
    public JsonArray Log { get; } = [];

    public override string State => string.Join('\n', Principals.Values.Select(Shown).Concat(Settings.Select(one => $"{one.Key} = {one.Value}")));

    // Hashes have salts: what counts is whom they let in, which the tests ask.
    static string Shown(JsonObject one)
    {
        var shown = one.DeepClone().AsObject();
        if (shown["secrets"] is JsonArray secrets) shown["secrets"] = secrets.Count;
        return shown.ToJsonString();
    }

    public override bool LetsIn(string address, string password) => Principals.TryGetValue(address, out var one) && (string?)one["type"] == "individual" && one["roles"]!.AsArray().Any(role => (string?)role == "user") && one["secrets"]!.AsArray().Any(secret => Verifies((string)secret!, password));

    static bool Verifies(string secret, string password)
    {
        if (secret.Split('$') is not ["", "pbkdf2-sha256", var parameters, var salt, var hash]) return secret == password;
        var rounds = int.Parse(parameters.Split(',')[0].Split('=')[1], CultureInfo.InvariantCulture);
        return Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), Bare(salt), rounds, HashAlgorithmName.SHA256, 32).AsSpan().SequenceEqual(Bare(hash));
    }

    static byte[] Bare(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));

    public override void AddForeign(string domain, string local, string? comment = null)
    {
        Principals[domain] = new JsonObject { ["type"] = "domain", ["name"] = domain, ["description"] = comment ?? "the sales people" };
        Principals[$"{local}@{domain}"] = new JsonObject { ["type"] = "individual", ["name"] = $"{local}@{domain}", ["emails"] = $"{local}@{domain}", ["secrets"] = new JsonArray("theirs"), ["roles"] = new JsonArray("user"), ["quota"] = 0, ["description"] = "Ann" };
        Principals[$"list-{domain}"] = new JsonObject { ["type"] = "list", ["name"] = $"list-{domain}", ["emails"] = new JsonArray($"list@{domain}"), ["members"] = new JsonArray($"{local}@{domain}") };
    }

    protected override bool IsChange(HttpListenerRequest request, string text) => request.HttpMethod != "GET" || request.Url!.AbsolutePath.StartsWith("/api/reload", StringComparison.Ordinal);

    protected override (int, string)? Refuses(HttpListenerRequest request) => request.Headers["Authorization"] != "Bearer " + Token ? (401, "") : null;

    protected override (int, string) Answer(HttpListenerRequest request, string path, string text)
    {
        var query = HttpUtility.ParseQueryString(request.Url!.Query);
        var (page, limit) = (int.Parse(query["page"] ?? "0", CultureInfo.InvariantCulture), int.Parse(query["limit"] ?? "0", CultureInfo.InvariantCulture));
        var body = text.Length == 0 ? null : JsonNode.Parse(text);
        switch (request.HttpMethod, path.Split('/'))
        {
            case ("GET", ["jmap", "session"]):
                return Json(200, new JsonObject { ["capabilities"] = new JsonObject { ["urn:ietf:params:jmap:core"] = new JsonObject(), ["urn:ietf:params:jmap:mail"] = new JsonObject() }, ["accounts"] = new JsonObject { ["b"] = new JsonObject { ["accountCapabilities"] = new JsonObject() } } });
            case ("GET", ["api", "principal"]):
                var some = Principals.Values.Where(one => query["types"]!.Split(',').Contains((string)one["type"]!)).ToList();
                return Data(new JsonObject { ["items"] = new JsonArray([.. some.Skip((Math.Max(page, 1) - 1) * limit).Take(limit == 0 ? int.MaxValue : limit).Select(one => one.DeepClone())]), ["total"] = some.Count });
            case ("POST", ["api", "principal"]): return Add(body!.AsObject());
            case ("PATCH", ["api", "principal", var name]): return Patch(name, body!.AsArray());
            case ("DELETE", ["api", "principal", var name]): return Principals.Remove(name) ? Data(null) : Error("notFound", ("item", name));
            case ("GET", ["api", "settings", "keys"]):
                return Data(new JsonObject(Settings.Where(one => query["prefixes"]!.Split(',').Any(prefix => one.Key.StartsWith(prefix + ".", StringComparison.Ordinal))).Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value))));
            case ("POST", ["api", "settings"]): return Change(body!.AsArray());
            case ("GET", ["api", "reload"]):
                Active = new Dictionary<string, string>(Settings);
                return Data(new JsonObject { ["warnings"] = new JsonObject(), ["errors"] = new JsonObject() });
            case ("GET", ["api", "queue", "messages"]): return Data(new JsonObject { ["items"] = query["values"] is null ? new JsonArray() : Queue.DeepClone(), ["total"] = Queue.Count, ["status"] = true });
            case ("GET", ["api", "logs"]): return Log.Count == 0 ? Error("unsupported", ("details", "Tracer log path not configured")) : Data(new JsonObject { ["items"] = new JsonArray([.. Log.Take(limit).Select(one => one!.DeepClone())]), ["total"] = Log.Count });
            default: return (404, "{\"type\":\"about:blank\",\"status\":404,\"title\":\"Not Found\",\"detail\":\"The requested resource does not exist on this server.\"}");
        }
    }

    (int, string) Add(JsonObject made)
    {
        var name = (string)made["name"]!;
        if (Principals.ContainsKey(name)) return Error("fieldAlreadyExists", ("field", "name"), ("value", name));
        foreach (var email in made["emails"]?.AsArray().Select(one => (string)one!) ?? [])
        {
            if (!Principals.ContainsKey(email.Split('@')[1])) return Error("notFound", ("item", email.Split('@')[1]));
            if (Principals.Values.Any(one => one["emails"] is JsonArray known && known.Any(address => (string?)address == email))) return Error("fieldAlreadyExists", ("field", "emails"), ("value", email));
        }

        Principals[name] = made;
        return Data(Principals.Count);
    }

    (int, string) Patch(string name, JsonArray changes)
    {
        if (!Principals.TryGetValue(name, out var known)) return Error("notFound", ("item", name));
        foreach (var change in changes)
        {
            Assert.Equal("set", (string?)change!["action"]);
            known[(string)change["field"]!] = change["value"]!.DeepClone();
        }

        return Data(null);
    }

    (int, string) Change(JsonArray changes)
    {
        foreach (var change in changes)
        {
            if ((string?)change!["type"] == "insert") foreach (var pair in change["values"]!.AsArray()) Settings[(string)pair![0]!] = (string)pair[1]!;
            else if ((string?)change["type"] == "clear") foreach (var key in Settings.Keys.Where(key => key.StartsWith((string)change["prefix"]!, StringComparison.Ordinal)).ToList()) Settings.Remove(key);
            else return (400, "{}");
        }

        return Data(null);
    }

    static (int, string) Data(JsonNode? data) => Json(200, new JsonObject { ["data"] = data });

    static (int, string) Error(string error, params (string Name, string Value)[] parts) => Json(200, new JsonObject([KeyValuePair.Create("error", (JsonNode?)error), .. parts.Select(part => KeyValuePair.Create(part.Name, (JsonNode?)part.Value))]));
}
