using System.Net;
using System.Text.Json.Nodes;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>Hetzner Cloud API v1, as docs.hetzner.cloud describes it.</summary>
sealed partial class HostPeer
{
    const string HetznerTypes = """
        {"server_types":[
          {"id":2,"name":"cpx31","cores":4,"memory":8.0,"disk":160,"architecture":"x86","deprecated":false,"prices":[{"location":"fsn1","price_monthly":{"net":"13.1000","gross":"15.5890"}}]},
          {"id":1,"name":"cx22","cores":2,"memory":4.0,"disk":40,"architecture":"x86","deprecated":false,"deprecation":null,"prices":[{"location":"fsn1","price_monthly":{"net":"3.2900","gross":"3.9151"}},{"location":"hil","price_monthly":{"net":"4.0000","gross":"4.7600"}}]},
          {"id":3,"name":"cax11","cores":2,"memory":4.0,"disk":40,"architecture":"arm","prices":[{"location":"fsn1","price_monthly":{"net":"1.0","gross":"1.0"}}]},
          {"id":4,"name":"cx11","cores":1,"memory":2.0,"disk":20,"architecture":"x86","deprecated":true,"prices":[{"location":"fsn1","price_monthly":{"net":"1.0","gross":"1.0"}}]}]}
        """;

    const string HetznerNotFound = "{\"error\":{\"code\":\"not_found\",\"message\":\"not found\"}}";

    (int, string) Hetzner(HttpListenerRequest request, string path, JsonNode? body)
    {
        var words = path.Split('/');
        switch (request.HttpMethod, path)
        {
            case ("GET", "pricing"):
                return (200, """{"pricing":{"currency":"EUR","primary_ips":[{"type":"ipv4","prices":[{"location":"fsn1","price_monthly":{"net":"0.50","gross":"0.595"}},{"location":"hil","price_monthly":{"net":"0.50","gross":"0.595"}}]}]}}""");
            case ("GET", "locations"):
                return (200, """{"locations":[{"id":1,"name":"fsn1","city":"Falkenstein","country":"DE"},{"id":5,"name":"hil","city":"Hillsboro","country":"US"}]}""");
            case ("GET", "server_types"):
                return (200, HetznerTypes);
            case ("GET", "servers"):
                var wish = request.QueryString["label_selector"]!.Split('=')[1];
                return Json(200, new JsonObject { ["servers"] = new JsonArray([.. Machines.Where(one => one.Mark == wish).Select(HetznerServer)]) });
            case ("POST", "servers"):
                var name = body!["name"]!.GetValue<string>();
                if (Machines.Exists(one => one.Name == name)) return (409, "{\"error\":{\"code\":\"uniqueness_error\",\"message\":\"server name is already used\"}}");
                return Create(body["labels"]!["penguin-wish"]!.GetValue<string>(), name, body["ssh_keys"]![0]!.GetValue<string>(),
                    made => Json(201, new JsonObject { ["server"] = HetznerServer(made), ["action"] = new JsonObject { ["id"] = 1 }, ["root_password"] = null }));
            case ("GET", "ssh_keys"):
                var key = request.QueryString["name"]!;
                return (200, Keys.ContainsKey(key) ? $"{{\"ssh_keys\":[{{\"id\":\"{key}\",\"name\":\"{key}\"}}]}}" : "{\"ssh_keys\":[]}");
            case ("POST", "ssh_keys"):
                Keys[body!["name"]!.GetValue<string>()] = body["public_key"]!.GetValue<string>();
                return Json(201, new JsonObject { ["ssh_key"] = new JsonObject { ["id"] = body["name"]!.GetValue<string>() } });
            case ("GET", "firewalls"):
                return (200, OpenPorts.Count == 0 ? "{\"firewalls\":[]}" : $"{{\"firewalls\":[{{\"id\":7,\"name\":\"penguin-mail\",\"applied_to\":[{string.Join(',', Machines.Where(one => one.IsProtected).Select(one => $"{{\"type\":\"server\",\"server\":{{\"id\":{one.Id}}}}}"))}]}}]}}");
            case ("POST", "firewalls"):
                OpenPorts.UnionWith(body!["rules"]!.AsArray().Where(rule => rule!["protocol"]!.GetValue<string>() == "tcp").Select(rule => int.Parse(rule!["port"]!.GetValue<string>())));
                return (201, "{\"firewall\":{\"id\":7}}");
            case ("POST", "firewalls/7/actions/apply_to_resources"):
                At(body!["apply_to"]![0]!["server"]!["id"]!.ToJsonString())!.IsProtected = true;
                return (201, "{\"actions\":[]}");
            default:
                return words is ["servers", var id, ..] && At(id) is { } machine ? HetznerOne(request.HttpMethod, words, machine, body) : (404, HetznerNotFound);
        }
    }

    (int, string) HetznerOne(string method, string[] words, Machine machine, JsonNode? body)
    {
        switch (method, words[^1])
        {
            case ("GET", _): return Json(200, new JsonObject { ["server"] = HetznerServer(machine) });
            case ("DELETE", _): Machines.Remove(machine); return (200, "{\"action\":{\"id\":2}}");
            case ("POST", "change_dns_ptr"): machine.Ptr[body!["ip"]!.GetValue<string>()] = body["dns_ptr"]!.GetValue<string>(); return (201, "{\"action\":{\"id\":3}}");
            case ("POST", "create_image"): Snapshots.Add(body!["description"]!.GetValue<string>()); return (201, "{\"image\":{\"id\":55},\"action\":{\"id\":4}}");
            default: return (404, HetznerNotFound);
        }
    }

    JsonObject HetznerServer(Machine machine) => new()
    {
        ["id"] = machine.Id,
        ["name"] = machine.Name,
        ["status"] = Seen(machine) ? "running" : "initializing",
        ["public_net"] = new JsonObject { ["ipv4"] = new JsonObject { ["ip"] = AddressOf(machine), ["dns_ptr"] = "x" }, ["ipv6"] = new JsonObject { ["ip"] = "2001:db8:1:2::/64", ["dns_ptr"] = new JsonArray() } },
    };
}
