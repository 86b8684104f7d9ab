using System.Net;
using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;
using static PenguinMails.Fleet.Apis.ApiJson;

namespace PenguinMails.Fleet.Servers.Hosts;

/// <summary>Hostwinds Cloud API (developers.hostwinds.com/cloud, 2026): one address, every action a form with the key in it. The wish is the server's name there.</summary>
/// <remarks>The order answers with words and no id, so the server is always found by its name. A refusal comes with status 200 and <c>"result": "error"</c>.
/// Billed by the month in US dollars. Not verified against the service: the names of fields in its lists of places, images, keys and snapshots.</remarks>
sealed class HostwindsServers(ApiCall api, string key) : IServerHost
{
    public const string Root = "https://clients.hostwinds.com/cloud/";

    const string Path = "api.php";
    const int MemoryMbMin = 1024;

    public async Task<Result<ServerOffers>> Offers(CancellationToken ct)
    {
        var places = await Ask("get_locations", ct);
        if (places.Problem is { } unplaced) return unplaced;
        var prices = await Ask("get_price_list", ct, ("managed", "0"));
        if (prices.Problem is { } problem) return problem;
        var regions = Rows(places.Value).Select(one => Id(one) is { } id ? new ServerRegion(id, Text(one, "name") ?? Text(one, "city") ?? id) : null).OfType<ServerRegion>().ToList();
        string[] everywhere = [.. regions.Select(region => region.Id)];
        var sizes = Rows(prices.Value).Select(one => Size(one, everywhere)).OfType<ServerSize>().OrderBy(size => size.Monthly.MinorUnits).ToList();
        return sizes.Count == 0 || regions.Count == 0 ? api.Unclear : new ServerOffers(regions, sizes);
    }

    // Plans of one's own making have no price of their own and are left out.
    static ServerSize? Size(JsonElement plan, string[] everywhere)
    {
        if (Id(plan, "rid") is not { } id || Decimal(plan, "monthly") is not { } price || price <= 0) return null;
        if (Decimal(plan, "cpu") is not { } cores || Decimal(plan, "ram") is not { } memory || Decimal(plan, "disk") is not { } disk) return null;
        // Memory is written in gigabytes or megabytes; no plan has more than 1,024 GB.
        var megabytes = (int)(memory < 1024 ? memory * 1024 : memory);
        return megabytes < MemoryMbMin ? null : new(id, (int)cores, megabytes, (int)disk, Prices.Up(price, Currency.Usd), everywhere);
    }

    public async Task<Result<IReadOnlyList<HostedServer>>> Wished(Guid wish, CancellationToken ct)
    {
        var mark = ServerWish.MarkOf(wish);
        var answer = await Ask("get_instances", ct);
        if (answer.Problem is { } problem) return problem;
        return Result<IReadOnlyList<HostedServer>>.Of([.. Rows(answer.Value).Where(one => Text(one, "srvrname") == mark).OrderBy(one => Decimal(one, "serviceid")).Select(Read).OfType<HostedServer>()]);
    }

    public async Task<Result<HostedServer>> Create(ServerWish wish, CancellationToken ct)
    {
        var templates = await Ask("get_templates", ct);
        if (templates.Problem is { } nameless) return nameless;
        var debian = Rows(templates.Value).FirstOrDefault(one => Text(one, "name")?.Contains("Debian 12", StringComparison.OrdinalIgnoreCase) == true);
        if (Id(debian, "uuid") is not { } template) return api.Unclear;
        var keys = await Ask("get_ssh_keys", ct);
        if (keys.Problem is { } keyless) return keyless;
        if (!Rows(keys.Value).Any(one => Text(one, "name") == wish.Mark) && (await Ask("add_ssh_key", ct, ("name", wish.Mark), ("public_key", wish.PublicKey))).Problem is { } refused) return refused;
        var answer = await Ask("add_instance", ct, ("template", template), ("rid", wish.Size), ("location_id", wish.Region), ("qty", "1"), ("srvrname", wish.Mark), ("keys[]", wish.Mark), ("billingcycle", "monthly"));
        if (answer.Problem is { } problem) return problem;
        var found = await Wished(wish.Id, ct);
        if (found.Problem is { } lost) return lost;
        // Taken, and not in the list yet: the next look finds it.
        return found.Value.Count > 0 ? found.Value[0] : new Problem(ProblemKind.Unavailable, "server.host_unclear", "Hostwinds took the order and does not show the server yet.");
    }

    public async Task<Result<HostedServer>> Find(string reference, CancellationToken ct)
    {
        // The list, because asking for one that is gone is a refusal in words.
        var answer = await Ask("get_instances", ct);
        if (answer.Problem is { } problem) return problem;
        var found = Rows(answer.Value).FirstOrDefault(one => Id(one, "serviceid") == reference);
        return found.ValueKind == JsonValueKind.Object && Read(found) is { } server ? server : HostedServer.Gone;
    }

    static HostedServer? Read(JsonElement instance)
    {
        if (Id(instance, "serviceid") is not { } id) return null;
        string?[] shown = [Text(instance, "main_ip"), .. List(instance, "ips").Select(one => one.ValueKind == JsonValueKind.String ? one.GetString() : Text(one, "ip")), Text(instance, "ip_v6")];
        var addresses = shown.Select(text => IPAddress.TryParse(text?.Split('/')[0], out var address) && !address.Equals(IPAddress.Any) ? address : null).OfType<IPAddress>().Distinct();
        var word = Text(instance, "vm_state") ?? Text(instance, "status") ?? "";
        return new(id, word.ToLowerInvariant() switch
        {
            "active" when Text(instance, "task_state") is null or "" => HostedState.Running,
            "stopped" or "shutoff" or "suspended" => HostedState.Stopped,
            "error" => HostedState.Failed,
            "deleted" or "terminated" => HostedState.Gone,
            _ => HostedState.Building,
        }, [.. addresses]);
    }

    public async Task<Result<Done>> SetPtr(string reference, IPAddress address, string name, CancellationToken ct) =>
        (await Ask("set_rdns", ct, ("serviceid", reference), ("ip", address.ToString()), ("rdns", name))).Problem is { } problem ? problem : default(Done);

    /// <summary>Profiles are made in the host's own panel; one named "smtp" is taken where there is one. The machine's own firewall does the rest.</summary>
    public async Task<Result<Done>> Protect(string reference, CancellationToken ct)
    {
        var profiles = await Ask("get_firewall_profiles", ct);
        if (profiles.Problem is { } problem) return problem;
        if (!Rows(profiles.Value).Any(one => Text(one, "name") == "smtp")) return default(Done);
        return (await Ask("set_instance_firewall", ct, ("serviceid", reference), ("name", "smtp"))).Problem is { } refused ? refused : default(Done);
    }

    public async Task<Result<string>> Snapshot(string reference, string name, CancellationToken ct) =>
        (await Ask("create_snapshot", ct, ("serviceid", reference), ("name", name))).Problem is { } problem ? problem : name;

    public async Task<Result<Done>> Destroy(string reference, CancellationToken ct)
    {
        var found = await Find(reference, ct);
        if (found.Problem is { } problem) return problem;
        if (found.Value.State == HostedState.Gone) return default(Done);
        return (await Ask("terminate", ct, ("serviceid", reference))).Problem is { } refused ? refused : default(Done);
    }

    async Task<Result<JsonElement>> Ask(string action, CancellationToken ct, params (string Name, string Value)[] fields)
    {
        var answer = await api.Form(Path, [new("action", action), new("API", key), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))], ct);
        if (answer.Problem is not null) return answer;
        var refusal = Verdicts(answer.Value).FirstOrDefault(one => Text(one, "result") == "error");
        if (refusal.ValueKind != JsonValueKind.Object) return answer;
        var said = Text(refusal, "message") ?? "";
        return said.Contains("Not Authorized", StringComparison.OrdinalIgnoreCase) ? api.CredentialRefused : api.Refusal(said);
    }

    static IEnumerable<JsonElement> Verdicts(JsonElement answer) => answer.ValueKind == JsonValueKind.Array ? answer.EnumerateArray() : [answer];

    // Lists come bare, or under "success" as a list or as numbered members.
    static IEnumerable<JsonElement> Rows(JsonElement answer)
    {
        var inner = Part(answer, "success") ?? answer;
        return inner.ValueKind switch
        {
            JsonValueKind.Array => inner.EnumerateArray(),
            JsonValueKind.Object => inner.EnumerateObject().Select(member => member.Value),
            _ => [],
        };
    }

    public void Dispose() => api.Dispose();
}
