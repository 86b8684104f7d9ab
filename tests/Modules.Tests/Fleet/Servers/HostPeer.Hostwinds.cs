using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>Hostwinds Cloud API, as developers.hostwinds.com/cloud describes it: every answer has status 200.</summary>
sealed partial class HostPeer
{
    (int, string) Hostwinds(string text)
    {
        var form = QueryHelpers.ParseQuery(text).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        if (form.GetValueOrDefault("API") != Token) return (200, "[{\"result\":\"error\",\"action\":\"Authorization\",\"message\":\"Not Authorized!\"}]");
        switch (form["action"])
        {
            case "get_locations": return (200, """{"success":[{"id":1,"name":"Seattle"},{"id":2,"name":"Amsterdam"}]}""");
            case "get_price_list":
                return (200, """
                    {"success":{
                      "0":{"id":9,"rid":9,"name":"Tier 2","ram":"2","cpu":"1","disk":"50","monthly":"9.995"},
                      "1":{"id":8,"rid":8,"name":"Tier 1","ram":"1024","cpu":"1","disk":"30","monthly":"4.99"},
                      "2":{"id":1,"rid":1,"name":"Custom","ram":"0","cpu":"0","disk":"0","monthly":"0.00"}}}
                    """);
            case "get_templates": return (200, """{"success":[{"name":"Ubuntu 24","uuid":"u24"},{"name":"Debian 12","uuid":"d12"}]}""");
            case "get_ssh_keys": return Json(200, new JsonObject { ["success"] = new JsonArray([.. Keys.Keys.Select(name => new JsonObject { ["name"] = name })]) });
            case "add_ssh_key": Keys[form["name"]] = form["public_key"]; return Success("Add SSH Key");
            case "get_instances": return Json(200, new JsonArray([.. Machines.OrderByDescending(one => one.Id).Select(HostwindsInstance)]));
            case "add_instance":
                if (form["template"] != "d12" || form["location_id"] is not ("1" or "2")) return Error("Location Id is invalid.");
                return Create(form["srvrname"], form["srvrname"], form["keys[]"], _ => (200, "[{\"result\":\"success\",\"action\":\"Invoice Paid\"},{\"result\":\"success\",\"action\":\"Add Instance\",\"message\":\"Server is being Created!\"}]"));
            case "get_firewall_profiles": return (200, """{"success":[{"name":"default"},{"name":"smtp"}]}""");
            default: return At(form.GetValueOrDefault("serviceid", "")) is { } machine ? HostwindsOne(form, machine) : Error("A valid serviceid is required.");
        }
    }

    (int, string) HostwindsOne(Dictionary<string, string> form, Machine machine)
    {
        switch (form["action"])
        {
            case "set_rdns": machine.Ptr[form["ip"]] = form["rdns"]; return Success("Set rDNS");
            case "set_instance_firewall": machine.IsProtected = form["name"] == "smtp"; return Success("Set Instance Firewall Profile");
            case "create_snapshot": Snapshots.Add(form["name"]); return Success("Create Snapshot");
            case "terminate": Machines.Remove(machine); return Success("Terminate");
            default: return Error("Unknown action.");
        }
    }

    static (int, string) Success(string action) => (200, $"[{{\"result\":\"success\",\"action\":\"{action}\",\"message\":\"done\"}}]");

    static (int, string) Error(string message) => (200, $"[{{\"result\":\"error\",\"action\":\"any\",\"message\":\"{message}\"}}]");

    JsonObject HostwindsInstance(Machine machine)
    {
        var isUp = Seen(machine);
        return new() { ["serviceid"] = machine.Id, ["srvrname"] = machine.Mark, ["main_ip"] = isUp ? AddressOf(machine) : null, ["ips"] = null, ["ip_v6"] = "", ["vm_state"] = isUp ? "active" : "building", ["task_state"] = null };
    }
}
