using System.Net;
using System.Text.Json.Nodes;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>DigitalOcean API v2, as docs.digitalocean.com/reference/api describes it.</summary>
sealed partial class HostPeer
{
    const string OceanNotFound = "{\"id\":\"not_found\",\"message\":\"The resource you were accessing could not be found.\"}";

    (int, string) DigitalOcean(HttpListenerRequest request, string path, JsonNode? body)
    {
        var words = path.Split('/');
        switch (request.HttpMethod, path)
        {
            case ("GET", "regions"):
                return (200, """{"regions":[{"slug":"fra1","name":"Frankfurt 1","available":true},{"slug":"nyc2","name":"New York 2","available":false}]}""");
            case ("GET", "sizes"):
                return (200, """
                    {"sizes":[
                      {"slug":"s-2vcpu-4gb","memory":4096,"vcpus":2,"disk":80,"price_monthly":24.0,"available":true,"regions":["fra1"]},
                      {"slug":"s-1vcpu-512mb-10gb","memory":512,"vcpus":1,"disk":10,"price_monthly":4.0,"available":true,"regions":["fra1"]},
                      {"slug":"s-1vcpu-1gb","memory":1024,"vcpus":1,"disk":25,"price_monthly":6.0,"available":true,"regions":["fra1"]}]}
                    """);
            case ("GET", "droplets"):
                var tag = request.QueryString["tag_name"];
                return Json(200, new JsonObject { ["droplets"] = new JsonArray([.. Machines.Where(one => one.Mark == tag).OrderByDescending(one => one.Id).Select(Droplet)]) });
            case ("POST", "droplets"):
                return Create(body!["tags"]![0]!.GetValue<string>(), body["name"]!.GetValue<string>(), KeyName(body["ssh_keys"]![0]!.GetValue<int>()), made => Json(202, new JsonObject { ["droplet"] = Droplet(made) }));
            case ("GET", "account/keys"):
                return Json(200, new JsonObject { ["ssh_keys"] = new JsonArray([.. Keys.Keys.Select((name, at) => new JsonObject { ["id"] = at + 1, ["name"] = name })]) });
            case ("POST", "account/keys"):
                Keys[body!["name"]!.GetValue<string>()] = body["public_key"]!.GetValue<string>();
                return Json(201, new JsonObject { ["ssh_key"] = new JsonObject { ["id"] = Keys.Count } });
            case ("GET", "firewalls"):
                return (200, OpenPorts.Count == 0 ? "{\"firewalls\":[]}" : $"{{\"firewalls\":[{{\"id\":\"fw\",\"name\":\"penguin-mail\",\"droplet_ids\":[{string.Join(',', Machines.Where(one => one.IsProtected).Select(one => one.Id))}]}}]}}");
            case ("POST", "firewalls"):
                OpenPorts.UnionWith(body!["inbound_rules"]!.AsArray().Where(rule => rule!["protocol"]!.GetValue<string>() == "tcp").Select(rule => int.Parse(rule!["ports"]!.GetValue<string>())));
                foreach (var id in body["droplet_ids"]!.AsArray()) At(id!.ToJsonString())!.IsProtected = true;
                return (202, "{\"firewall\":{\"id\":\"fw\"}}");
            case ("POST", "firewalls/fw/droplets"):
                foreach (var id in body!["droplet_ids"]!.AsArray()) At(id!.ToJsonString())!.IsProtected = true;
                return (204, "");
            default:
                return words is ["droplets", var one, ..] && At(one) is { } machine ? OceanOne(request.HttpMethod, machine, body) : (404, OceanNotFound);
        }
    }

    (int, string) OceanOne(string method, Machine machine, JsonNode? body)
    {
        switch (method, body?["type"]?.GetValue<string>())
        {
            case ("GET", _): return Json(200, new JsonObject { ["droplet"] = Droplet(machine) });
            case ("DELETE", _): Machines.Remove(machine); return (204, "");
            case ("POST", "rename"):
                machine.Name = body!["name"]!.GetValue<string>();
                machine.Ptr[AddressOf(machine)] = machine.Name;
                return (201, "{\"action\":{\"id\":3}}");
            case ("POST", "snapshot"): Snapshots.Add(body!["name"]!.GetValue<string>()); return (201, "{\"action\":{\"id\":4}}");
            default: return (422, "{\"id\":\"unprocessable_entity\"}");
        }
    }

    string KeyName(int id) => Keys.Keys.ElementAt(id - 1);

    JsonObject Droplet(Machine machine)
    {
        var isUp = Seen(machine);
        var addresses = new JsonArray();
        if (isUp) addresses.Add(new JsonObject { ["ip_address"] = AddressOf(machine), ["type"] = "public" });
        if (isUp) addresses.Add(new JsonObject { ["ip_address"] = "10.0.0.5", ["type"] = "private" });
        return new() { ["id"] = machine.Id, ["name"] = machine.Name, ["status"] = isUp ? "active" : "new", ["networks"] = new JsonObject { ["v4"] = addresses, ["v6"] = new JsonArray() } };
    }
}
