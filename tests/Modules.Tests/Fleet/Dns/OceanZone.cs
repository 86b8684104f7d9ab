using System.Net;
using System.Text.Json.Nodes;

namespace PenguinMails.Modules.Tests.Fleet.Dns;

/// <summary>A zone at DigitalOcean, as docs.digitalocean.com/reference/api describes it: single records with ids, relative names, hosts that are relative without a final dot.</summary>
sealed class OceanZone
{
    const string NotFound = "{\"id\":\"not_found\",\"message\":\"The resource you were accessing could not be found.\"}";

    readonly List<JsonObject> _records = [];
    int _last = 100;

    readonly string _zone;

    public OceanZone(string zone = ApiPeer.Zone)
    {
        _zone = zone;
        Add("NS", "@", "ns1.digitalocean.com", 1800, null);
        Add("TXT", "@", "v=spf1 -all", 1800, null);
        for (var i = 0; i < 450; i++) Add("A", $"n{i}", $"192.0.2.{i % 250}", 60, null);
        Add("TXT", "@", "with \"quotes\"", 1800, null);
        Add("MX", "@", "mail.acme.test", 300, 10);
        Add("CNAME", "www", "@", 1800, null);
    }

    /// <summary>Writes that are done before the listener cuts the connection; null never does.</summary>
    public int? WritesLeft { get; set; }

    public IEnumerable<string> Shown(string type, string name) => _records.Where(record => Is(record, type, name)).Select(record => $"{record["id"]} {record["data"]} {record["ttl"]}");

    public IEnumerable<string> Exchanges() => _records.Where(record => Is(record, "MX", "@")).Select(record => $"{record["priority"]} {record["data"]}").Order(StringComparer.Ordinal);

    public void Put(string type, string name, string data, int? priority = null) => Add(type, name, data, 300, priority);

    static bool Is(JsonObject record, string type, string name) => record["type"]!.GetValue<string>() == type && record["name"]!.GetValue<string>() == name;

    JsonObject Add(string type, string name, string data, int ttl, int? priority)
    {
        var made = new JsonObject { ["id"] = ++_last, ["type"] = type, ["name"] = name, ["data"] = data, ["priority"] = priority, ["port"] = null, ["ttl"] = ttl, ["weight"] = null, ["flags"] = null, ["tag"] = null };
        _records.Add(made);
        return made;
    }

    public ApiPeer Peer() => new((request, text) => Answer(request, text.Length == 0 ? null : JsonNode.Parse(text)));

    (int, string) Answer(HttpListenerRequest request, JsonNode? body)
    {
        if (request.Headers["Authorization"] != "Bearer " + ApiPeer.Token) return (401, "{\"id\":\"Unauthorized\",\"message\":\"Unable to authenticate you\"}");
        var root = $"/domains/{_zone}/records";
        var path = request.Url!.AbsolutePath;
        if (request.HttpMethod == "GET") return path == root ? Page(request, root) : (404, NotFound);
        if (WritesLeft == 0) return (-1, "");
        WritesLeft--;
        if (request.HttpMethod == "POST") return path == root && Normal(body!) is { } data ? (201, new JsonObject { ["domain_record"] = Add(Text(body!, "type"), Text(body!, "name"), data, body!["ttl"]!.GetValue<int>(), body["priority"]?.GetValue<int>()).DeepClone() }.ToJsonString()) : Refuse;
        var record = path.StartsWith(root + "/", StringComparison.Ordinal) ? _records.Find(one => one["id"]!.GetValue<int>().ToString() == path[(root.Length + 1)..]) : null;
        if (record is null) return (404, NotFound);
        if (request.HttpMethod == "DELETE")
        {
            _records.Remove(record);
            return (204, "");
        }

        if (request.HttpMethod != "PUT" || Normal(body!) is not { } next || Text(body!, "type") != record["type"]!.GetValue<string>()) return Refuse;
        (record["data"], record["ttl"], record["priority"]) = (next, body!["ttl"]!.GetValue<int>(), body["priority"]?.GetValue<int>());
        return (200, new JsonObject { ["domain_record"] = record.DeepClone() }.ToJsonString());
    }

    static (int, string) Refuse => (422, "{\"id\":\"unprocessable_entity\",\"message\":\"Data needs to end with a dot (.)\"}");

    static string Text(JsonNode body, string name) => body[name]!.GetValue<string>();

    /// <summary>As it is kept: null when it is refused. A host must be whole; the zone itself is shown as @.</summary>
    string? Normal(JsonNode body)
    {
        var (type, data) = (Text(body, "type"), Text(body, "data"));
        if (type is not ("CNAME" or "MX" or "NS")) return data;
        if (!data.EndsWith('.')) return null;
        if (type == "MX" && body["priority"] is null) return null;
        return data == _zone + "." ? "@" : data.TrimEnd('.');
    }

    (int, string) Page(HttpListenerRequest request, string root)
    {
        var (page, size) = (int.Parse(request.QueryString["page"]!), int.Parse(request.QueryString["per_page"]!));
        if (size > 200) return (422, "{\"id\":\"unprocessable_entity\"}");
        var pages = new JsonObject();
        if (page * size < _records.Count) pages["next"] = $"https://api.digitalocean.com/v2{root}?page={page + 1}&per_page={size}";
        return (200, new JsonObject
        {
            ["domain_records"] = new JsonArray([.. _records.Skip((page - 1) * size).Take(size).Select(record => record.DeepClone())]),
            ["links"] = pages.Count == 0 ? new JsonObject() : new JsonObject { ["pages"] = pages },
            ["meta"] = new JsonObject { ["total"] = _records.Count },
        }.ToJsonString());
    }
}
