using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>The registry of Stalwart 0.16 over JMAP: one password an account, secrets masked, limits read only when settings are reloaded, linked objects not destroyed, few objects a query.</summary>
sealed class StalwartRegistryPeer : StackPeer
{
    const string Account = "dadmin";
    const int QueryMax = 3; // So that every list has pages.

    int _last;

    public Dictionary<string, SortedDictionary<string, JsonObject>> Kinds { get; } = [];
    public int Reloads { get; private set; }
    /// <summary>What a private key given as such is called: Text, in later releases Value.</summary>
    public string KeyKind { get; set; } = "Text";
    public List<JsonObject> Log { get; } = [];
    SortedDictionary<string, JsonObject> Of(string kind) => Kinds.TryGetValue(kind, out var all) ? all : Kinds[kind] = new(StringComparer.Ordinal);

    // Without ids, which say how many tries there were.
    public override string State => string.Join('\n', Kinds.OrderBy(kind => kind.Key, StringComparer.Ordinal).SelectMany(kind => kind.Value.Values.Select(one => $"{kind.Key} {Shown(kind.Key, one)}").Order(StringComparer.Ordinal)));

    string Shown(string kind, JsonObject one)
    {
        var text = one.ToJsonString();
        foreach (var (id, domain) in Of("Domain")) text = text.Replace($"\"{id}\"", $"\"{domain["name"]}\"", StringComparison.Ordinal);
        return text;
    }

    public override bool LetsIn(string address, string password) => Of("Account").Values.Any(one => Address(one) == address && one["credentials"]!.AsObject().Any(credential => (string?)credential.Value!["secret"] == password));

    public override void AddForeign(string domain, string local, string? comment = null)
    {
        var id = Put("Domain", new JsonObject { ["name"] = domain, ["description"] = comment ?? "the sales people", ["aliases"] = new JsonObject() });
        Put("Account", new JsonObject { ["@type"] = "User", ["name"] = local, ["domainId"] = id, ["credentials"] = new JsonObject { ["0"] = new JsonObject { ["@type"] = "Password", ["secret"] = "theirs" } }, ["quotas"] = new JsonObject(), ["description"] = "Ann" });
        Put("MailingList", new JsonObject { ["name"] = "list", ["domainId"] = id, ["recipients"] = new JsonObject { [$"{local}@{domain}"] = true } });
        Put("MtaInboundThrottle", new JsonObject { ["enable"] = true, ["description"] = "Per sender", ["key"] = new JsonObject { ["senderDomain"] = true, ["rcpt"] = true }, ["match"] = new JsonObject { ["else"] = "true" }, ["rate"] = new JsonObject { ["count"] = 25, ["period"] = 3600000 } });
    }

    public string Put(string kind, JsonObject one)
    {
        var id = "x" + Interlocked.Increment(ref _last).ToString("D5", CultureInfo.InvariantCulture);
        Of(kind)[id] = one;
        return id;
    }

    protected override bool IsChange(HttpListenerRequest request, string text) => text.Contains("/set\"", StringComparison.Ordinal);

    protected override (int, string)? Refuses(HttpListenerRequest request) => request.Headers["Authorization"] != "Bearer " + Token ? (401, "{\"type\":\"about:blank\",\"status\":401}") : null;

    protected override (int, string) Answer(HttpListenerRequest request, string path, string text)
    {
        if (path == "jmap/session")
        {
            var own = new JsonObject { ["name"] = "admin", ["accountCapabilities"] = new JsonObject { ["urn:stalwart:jmap"] = new JsonObject() } };
            return Json(200, new JsonObject { ["capabilities"] = new JsonObject { ["urn:ietf:params:jmap:core"] = new JsonObject() }, ["accounts"] = new JsonObject { [Account] = own }, ["primaryAccounts"] = new JsonObject { ["urn:ietf:params:jmap:mail"] = Account }, ["apiUrl"] = "https://elsewhere.test/jmap/" });
        }

        if (path != "jmap" || request.HttpMethod != "POST") return (404, "{\"type\":\"about:blank\",\"status\":404,\"title\":\"Not Found\"}");
        var body = JsonNode.Parse(text)!;
        Assert.Contains("urn:stalwart:jmap", body["using"]!.AsArray().Select(one => (string)one!));
        var call = body["methodCalls"]!.AsArray().Single()!.AsArray();
        var (method, arguments) = ((string)call[0]!, call[1]!.AsObject());
        var kind = method[2..method.IndexOf('/', StringComparison.Ordinal)];
        if ((string?)arguments["accountId"] != Account) return Said("error", new JsonObject { ["type"] = "accountNotFound" });
        return method[(method.IndexOf('/', StringComparison.Ordinal) + 1)..] switch
        {
            "query" => Query(method, kind, arguments),
            "get" => Said(method, new JsonObject { ["list"] = new JsonArray([.. arguments["ids"]!.AsArray().Select(id => (string)id!).Where(id => Of(kind).ContainsKey(id)).Select(id => Masked(id, Of(kind)[id]))]), ["notFound"] = new JsonArray() }),
            _ => Set(method, kind, arguments),
        };
    }

    (int, string) Query(string method, string kind, JsonObject arguments)
    {
        if (kind == "Log" && Log.Count == 0) return Said("error", new JsonObject { ["type"] = "invalidArguments", ["description"] = "No log tracers configured on the server" });
        var most = kind == "Log" ? int.MaxValue : QueryMax;
        var ids = Of(kind).Keys.Skip((int?)arguments["position"] ?? 0).Take(Math.Min((int?)arguments["limit"] ?? most, most));
        return Said(method, new JsonObject { ["ids"] = new JsonArray([.. ids.Select(id => (JsonNode)id)]) });
    }

    (int, string) Set(string method, string kind, JsonObject arguments)
    {
        var said = new JsonObject { ["created"] = new JsonObject(), ["notCreated"] = new JsonObject(), ["updated"] = new JsonObject(), ["notUpdated"] = new JsonObject(), ["destroyed"] = new JsonArray(), ["notDestroyed"] = new JsonObject() };
        foreach (var (id, made) in arguments["create"]?.AsObject() ?? [])
        {
            var fault = Wrong(kind, made!.AsObject(), isNew: true);
            if (fault is not null) said["notCreated"]![id] = Error("invalidProperties", fault);
            else if (kind == "Action") said["created"]![id] = new JsonObject { ["id"] = Reload() };
            else said["created"]![id] = new JsonObject { ["id"] = Put(kind, made.DeepClone().AsObject()) };
        }

        foreach (var (id, patch) in arguments["update"]?.AsObject() ?? [])
        {
            var fault = !Of(kind).TryGetValue(id, out var known) ? "not found" : Patched(kind, known, patch!.AsObject());
            if (fault is null) said["updated"]![id] = null;
            else said["notUpdated"]![id] = Error("invalidProperties", fault);
        }

        foreach (var id in arguments["destroy"]?.AsArray().Select(one => (string)one!) ?? [])
        {
            if (kind == "Domain" && new[] { "Account", "MailingList", "DkimSignature" }.Any(other => Of(other).Values.Any(one => (string?)one["domainId"] == id))) said["notDestroyed"]![id] = Error("objectIsLinked", "Object is linked");
            else if (Of(kind).Remove(id)) said["destroyed"]!.AsArray().Add(id);
            else said["notDestroyed"]![id] = Error("notFound", "");
        }

        return Said(method, said);
    }

    string Reload()
    {
        Reloads++;
        return "singleton";
    }

    string? Wrong(string kind, JsonObject made, bool isNew) => kind switch
    {
        "Action" => (string?)made["@type"] == "ReloadSettings" ? null : "unknown action",
        "Domain" => isNew && Of("Domain").Values.Any(one => (string?)one["name"] == (string?)made["name"]) ? "primaryKeyViolation" : null,
        "Account" or "MailingList" when !Of("Domain").ContainsKey((string?)made["domainId"] ?? "") => "domainId does not exist",
        "Account" or "MailingList" when isNew && Of("Account").Values.Concat(Of("MailingList").Values).Any(one => Address(one) == Address(made)) => "primaryKeyViolation",
        "Account" => made["credentials"]!.AsObject().Select(one => one.Value!).ToList() is var all && all.Count(one => (string?)one["@type"] == "Password") > 1 ? "Only one password credential is allowed."
            : all.Any(one => (string?)one["@type"] != "Password") ? "Secondary credentials cannot be set directly."
            : all.Any(one => ((string?)one["secret"])?.Length < 8) ? "Password is too weak" : null,
        "DkimSignature" => (string?)made["privateKey"]!["@type"] != KeyKind ? "Invalid value for privateKey" : IsKey((string?)made["privateKey"]!["secret"]) ? null : "Failed to validate DKIM signature",
        _ => null,
    };

    string? Patched(string kind, JsonObject known, JsonObject patch)
    {
        var changed = known.DeepClone().AsObject();
        foreach (var (path, value) in patch)
        {
            if (kind == "MtaInboundThrottle" && path == "description") return "description cannot be changed";
            var (parts, at) = (path.Split('/'), (JsonNode)changed);
            foreach (var part in parts[..^1])
            {
                if (at[part] is not { } inner) return $"{path} does not exist";
                at = inner;
            }

            if (value is null) at.AsObject().Remove(parts[^1]);
            else at[parts[^1]] = value.DeepClone();
        }

        if (Wrong(kind, changed, isNew: false) is { } fault) return fault;
        Of(kind)[Of(kind).First(one => one.Value == known).Key] = changed;
        return null;
    }

    JsonNode Masked(string id, JsonObject one)
    {
        var shown = one.DeepClone().AsObject();
        shown["id"] = id;
        if (shown["credentials"] is JsonObject credentials) foreach (var (_, credential) in credentials) credential!["secret"] = "********";
        if (shown["privateKey"] is { } key)
        {
            using var pair = RSA.Create();
            pair.ImportFromPem((string)key["secret"]!);
            shown["publicKey"] = Convert.ToBase64String(pair.ExportSubjectPublicKeyInfo());
            key["secret"] = "********";
        }

        return shown;
    }

    static bool IsKey(string? pem)
    {
        using var pair = RSA.Create();
        pair.ImportFromPem(pem);
        return pem!.StartsWith("-----BEGIN RSA PRIVATE KEY-----", StringComparison.Ordinal);
    }

    string Address(JsonObject one) => $"{one["name"]}@{Of("Domain").GetValueOrDefault((string?)one["domainId"] ?? "")?["name"]}";

    static JsonObject Error(string type, string description) => new() { ["type"] = type, ["description"] = description };

    static (int, string) Said(string method, JsonObject said) => Json(200, new JsonObject { ["methodResponses"] = new JsonArray(new JsonArray(method, said, "0")), ["sessionState"] = "s" });
}
