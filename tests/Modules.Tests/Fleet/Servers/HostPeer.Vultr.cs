using System.Net;
using System.Text.Json.Nodes;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>Vultr API v2, as www.vultr.com/api describes it.</summary>
sealed partial class HostPeer
{
    readonly List<(string Type, string Port)> _vultrRules = [];
    bool _hasVultrGroup;

    (int, string) Vultr(HttpListenerRequest request, string path, JsonNode? body)
    {
        var words = path.Split('/');
        switch (request.HttpMethod, path)
        {
            case ("GET", "regions"): return (200, """{"regions":[{"id":"ams","city":"Amsterdam","country":"NL"},{"id":"ewr","city":"New Jersey","country":"US"}]}""");
            case ("GET", "plans"):
                return (200, """
                    {"plans":[
                      {"id":"vc2-2c-4gb","vcpu_count":2,"ram":4096,"disk":80,"monthly_cost":20,"locations":["ams"]},
                      {"id":"vc2-1c-0.5gb-v6","vcpu_count":1,"ram":512,"disk":10,"monthly_cost":2.5,"locations":["ewr"]},
                      {"id":"vc2-1c-1gb","vcpu_count":1,"ram":1024,"disk":25,"monthly_cost":5,"locations":["ams","ewr"]}]}
                    """);
            case ("GET", "os"): return (200, """{"os":[{"id":477,"name":"Debian 11 x64 (bullseye)"},{"id":2136,"name":"Debian 12 x64 (bookworm)"}]}""");
            case ("GET", "instances"):
                var label = request.QueryString["label"];
                return Json(200, new JsonObject { ["instances"] = new JsonArray([.. Machines.Where(one => one.Mark == label).OrderByDescending(one => one.Id).Select(Instance)]) });
            case ("POST", "instances"):
                if (body!["os_id"]!.GetValue<int>() != 2136) return (400, "{\"error\":\"Invalid OS\"}");
                return Create(body["label"]!.GetValue<string>(), body["hostname"]!.GetValue<string>(), body["sshkey_id"]![0]!.GetValue<string>(), made => Json(202, new JsonObject { ["instance"] = Instance(made) }));
            case ("GET", "ssh-keys"): return Json(200, new JsonObject { ["ssh_keys"] = new JsonArray([.. Keys.Keys.Select(name => new JsonObject { ["id"] = name, ["name"] = name })]) });
            case ("POST", "ssh-keys"):
                Keys[body!["name"]!.GetValue<string>()] = body["ssh_key"]!.GetValue<string>();
                return Json(201, new JsonObject { ["ssh_key"] = new JsonObject { ["id"] = body["name"]!.GetValue<string>() } });
            case ("GET", "firewalls"): return (200, _hasVultrGroup ? "{\"firewall_groups\":[{\"id\":\"fw\",\"description\":\"penguin-mail\"}]}" : "{\"firewall_groups\":[]}");
            case ("POST", "firewalls"): _hasVultrGroup = true; return (201, "{\"firewall_group\":{\"id\":\"fw\"}}");
            case ("GET", "firewalls/fw/rules"): return Json(200, new JsonObject { ["firewall_rules"] = new JsonArray([.. _vultrRules.Select(rule => new JsonObject { ["ip_type"] = rule.Type, ["port"] = rule.Port })]) });
            case ("POST", "firewalls/fw/rules"):
                _vultrRules.Add((body!["ip_type"]!.GetValue<string>(), body["port"]!.GetValue<string>()));
                OpenPorts.Add(int.Parse(body["port"]!.GetValue<string>()));
                return (201, "{\"firewall_rule\":{\"id\":1}}");
            case ("POST", "snapshots"): Snapshots.Add(body!["description"]!.GetValue<string>()); return (201, "{\"snapshot\":{\"id\":\"snap\"}}");
            default: return words is ["instances", var id, ..] && At(id) is { } machine ? VultrOne(request.HttpMethod, words, machine, body) : (404, "{\"error\":\"Invalid instance-id.\",\"status\":404}");
        }
    }

    (int, string) VultrOne(string method, string[] words, Machine machine, JsonNode? body)
    {
        switch (method, words[^1])
        {
            case ("GET", _): return Json(200, new JsonObject { ["instance"] = Instance(machine) });
            case ("DELETE", _): Machines.Remove(machine); return (204, "");
            case ("PATCH", _): machine.IsProtected = body!["firewall_group_id"]!.GetValue<string>() == "fw"; return Json(202, new JsonObject { ["instance"] = Instance(machine) });
            case ("POST", "reverse"): machine.Ptr[body!["ip"]!.GetValue<string>()] = body["reverse"]!.GetValue<string>(); return (204, "");
            default: return (404, "{}");
        }
    }

    JsonObject Instance(Machine machine)
    {
        var isUp = Seen(machine);
        return new()
        {
            ["id"] = machine.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), ["label"] = machine.Mark, ["date_created"] = $"2026-01-01T00:{machine.Id / 60 % 60:00}:{machine.Id % 60:00}+00:00",
            ["main_ip"] = isUp ? AddressOf(machine) : "0.0.0.0", ["v6_main_ip"] = "", ["status"] = isUp ? "active" : "pending", ["power_status"] = "running", ["server_status"] = isUp ? "ok" : "none",
        };
    }
}
