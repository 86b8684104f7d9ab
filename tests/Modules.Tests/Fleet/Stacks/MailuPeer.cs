using System.Net;
using System.Text.Json.Nodes;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>Mailu's admin API, version 1, with its traps: creation answers 200, a wrong token 403 and none 401, a name that is no domain gets 200 with code 400, and an alias goes only to users it has.</summary>
sealed class MailuPeer : StackPeer
{
    public SortedDictionary<string, JsonObject> Domains { get; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, JsonObject> Users { get; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, JsonObject> Aliases { get; } = new(StringComparer.Ordinal);

    public override string State => string.Join('\n', Domains.Values.Concat(Users.Values).Concat(Aliases.Values).Select(one => one.ToJsonString()));

    public override bool LetsIn(string address, string password) => Users.TryGetValue(address, out var user) && (bool)user["enabled"]! && (string?)user["raw_password"] == password;

    public override void AddForeign(string domain, string local, string? comment = null)
    {
        Domains[domain] = new JsonObject { ["name"] = domain, ["comment"] = comment ?? "the sales people" };
        Users[$"{local}@{domain}"] = User($"{local}@{domain}", new JsonObject { ["raw_password"] = "theirs", ["comment"] = "Ann" });
        Aliases[$"list@{domain}"] = new JsonObject { ["email"] = $"list@{domain}", ["destination"] = new JsonArray($"{local}@{domain}"), ["comment"] = null };
    }

    protected override bool IsChange(HttpListenerRequest request, string text) => request.HttpMethod != "GET";

    protected override (int, string)? Refuses(HttpListenerRequest request) => !request.Url!.AbsolutePath.StartsWith("/api/v1/", StringComparison.Ordinal) ? (404, "<html>Not found</html>")
        : request.Headers["Authorization"] is not { } sent ? Said(401, "A valid Authorization header is mandatory")
        : sent != "Bearer " + Token ? Said(403, "Invalid API token")
        : null;

    protected override (int, string) Answer(HttpListenerRequest request, string path, string text)
    {
        var body = text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
        return (request.HttpMethod, path.Split('/')[2..]) switch
        {
            ("GET", ["domain"]) => List(Domains.Values),
            ("GET", ["domain", var name]) when !name.Contains('.') => Json(200, new JsonObject { ["code"] = 400, ["message"] = $"Domain {name} is not a valid domain" }),
            ("GET", ["user"]) => List(Users.Values.Select(Public)),
            ("GET", ["alias"]) => List(Aliases.Values),
            ("POST", ["domain"]) => Domains.TryAdd((string)body["name"]!, body) ? Said(200, "Domain has been created") : Said(409, $"Duplicate domain name {body["name"]}"),
            ("POST", ["user"]) => AddUser(body),
            ("POST", ["alias"]) => AddAlias(body),
            ("PATCH", [var kind, var name]) => Patch(kind, name, body),
            ("DELETE", ["domain", var name]) => DropDomain(name),
            ("DELETE", ["user", var name]) => Said(Users.Remove(name) ? 200 : 404, "User"),
            ("DELETE", ["alias", var name]) => Said(Aliases.Remove(name) ? 200 : 404, "Alias"),
            _ => Said(404, "The requested URL was not found on the server."),
        };
    }

    (int, string) AddUser(JsonObject body)
    {
        var email = (string)body["email"]!;
        if (!Domains.ContainsKey(email.Split('@')[1])) return Said(404, $"Domain of {email} does not exist");
        return Users.TryAdd(email, User(email, body)) ? Said(200, "User has been created") : (500, "<html>IntegrityError");
    }

    (int, string) AddAlias(JsonObject body)
    {
        if (Missing(body) is { } missing) return Said(404, $"Provided destination email address {missing} does not exist");
        return Aliases.TryAdd((string)body["email"]!, body) ? Said(200, "Alias has been created") : Said(409, $"Duplicate alias {body["email"]}");
    }

    string? Missing(JsonObject body) => body["destination"] is JsonArray to ? to.Select(one => (string)one!).FirstOrDefault(one => !Users.ContainsKey(one)) : null;

    (int, string) Patch(string kind, string name, JsonObject body)
    {
        var all = kind switch { "domain" => Domains, "user" => Users, _ => Aliases };
        if (!all.TryGetValue(name, out var known)) return Said(404, $"{name} cannot be found");
        if (kind == "alias" && Missing(body) is { } missing) return Said(404, $"Provided destination email address {missing} does not exist");
        foreach (var (field, value) in body) known[field] = value?.DeepClone();
        return Said(200, $"{name} has been updated");
    }

    // Their database takes everything in it along.
    (int, string) DropDomain(string name)
    {
        if (!Domains.Remove(name)) return Said(404, $"Domain {name} does not exist");
        foreach (var address in Users.Keys.Where(one => one.EndsWith("@" + name, StringComparison.Ordinal)).ToList()) Users.Remove(address);
        foreach (var address in Aliases.Keys.Where(one => one.EndsWith("@" + name, StringComparison.Ordinal)).ToList()) Aliases.Remove(address);
        return Said(200, $"Domain {name} has been deleted");
    }

    static JsonObject User(string email, JsonObject body)
    {
        var user = new JsonObject { ["email"] = email, ["comment"] = null, ["quota_bytes"] = 1_000_000_000, ["enabled"] = true, ["enable_imap"] = true, ["raw_password"] = null };
        foreach (var (field, value) in body) user[field] = value?.DeepClone();
        return user;
    }

    static JsonObject Public(JsonObject user)
    {
        var shown = user.DeepClone().AsObject();
        shown.Remove("raw_password");
        shown["password"] = "$bcrypt-sha256$v=2,t=2b,r=12$fmsAdJbYAD1gGQIE5nfJq.$zLkQUEs2XZfTpAEpcix/1k5UTNPm0jO";
        return shown;
    }

    static (int, string) List(IEnumerable<JsonObject> all) => Json(200, new JsonArray([.. all.Select(one => one.DeepClone())]));

    static (int, string) Said(int code, string message) => Json(code, new JsonObject { ["code"] = code, ["message"] = message });
}
