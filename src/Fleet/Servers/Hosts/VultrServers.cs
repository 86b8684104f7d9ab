using System.Globalization;
using System.Net;
using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;
using static PenguinMails.Fleet.Apis.ApiJson;

namespace PenguinMails.Fleet.Servers.Hosts;

/// <summary>Vultr API v2. The wish is the instance's label, which its list can be asked for.</summary>
/// <remarks>30 requests a second. Prices are in US dollars, net.</remarks>
sealed class VultrServers(ApiCall api) : IServerHost
{
    public const string Root = "https://api.vultr.com/v2/";

    const string Firewall = "penguin-mail";
    const int MemoryMbMin = 1024;

    public async Task<Result<ServerOffers>> Offers(CancellationToken ct)
    {
        var places = await api.Send(HttpMethod.Get, "regions?per_page=500", null, ct);
        if (places.Problem is { } unplaced) return unplaced;
        var plans = await api.Send(HttpMethod.Get, "plans?type=vc2&per_page=500", null, ct);
        if (plans.Problem is { } problem) return problem;
        var regions = List(places.Value, "regions").Select(one => Text(one, "id") is { } id ? new ServerRegion(id, $"{Text(one, "city")}, {Text(one, "country")}") : null).OfType<ServerRegion>().ToList();
        var sizes = List(plans.Value, "plans").Select(Size).OfType<ServerSize>().OrderBy(size => size.Monthly.MinorUnits).ToList();
        return sizes.Count == 0 || regions.Count == 0 ? api.Unclear : new ServerOffers(regions, sizes);
    }

    // Plans ending in v6 have no IPv4 address, and most receivers still ask for one.
    static ServerSize? Size(JsonElement plan)
    {
        if (Text(plan, "id") is not { } id || id.EndsWith("-v6", StringComparison.Ordinal) || Decimal(plan, "monthly_cost") is not { } price) return null;
        if (Number(plan, "vcpu_count") is not { } cores || Number(plan, "ram") is not { } memory || memory < MemoryMbMin || Number(plan, "disk") is not { } disk) return null;
        return new(id, cores, memory, disk, Prices.Up(price, Currency.Usd), [.. List(plan, "locations").Select(one => one.GetString()).OfType<string>()]);
    }

    public async Task<Result<IReadOnlyList<HostedServer>>> Wished(Guid wish, CancellationToken ct)
    {
        var mark = ServerWish.MarkOf(wish);
        var answer = await api.Send(HttpMethod.Get, $"instances?label={mark}&per_page=500", null, ct);
        if (answer.Problem is { } problem) return problem;
        if (Part(answer.Value, "instances") is not { ValueKind: JsonValueKind.Array }) return api.Unclear;
        return Result<IReadOnlyList<HostedServer>>.Of([.. List(answer.Value, "instances").Where(one => Text(one, "label") == mark)
            .OrderBy(one => Text(one, "date_created"), StringComparer.Ordinal).Select(Read).OfType<HostedServer>()]);
    }

    public async Task<Result<HostedServer>> Create(ServerWish wish, CancellationToken ct)
    {
        var systems = await api.Send(HttpMethod.Get, "os?per_page=500", null, ct);
        if (systems.Problem is { } nameless) return nameless;
        var debian = List(systems.Value, "os").FirstOrDefault(one => Text(one, "name")?.StartsWith("Debian 12 x64", StringComparison.Ordinal) == true);
        if (debian.ValueKind != JsonValueKind.Object || Number(debian, "id") is not { } system) return api.Unclear;
        var key = await Key(wish, ct);
        if (key.Problem is { } keyless) return keyless;
        var answer = await api.Send(HttpMethod.Post, "instances", new
        {
            region = wish.Region,
            plan = wish.Size,
            os_id = system,
            label = wish.Mark,
            hostname = wish.Name,
            sshkey_id = new[] { key.Value },
            enable_ipv6 = true,
            backups = "disabled",
            activation_email = false,
        }, ct);
        if (answer.Problem is { } problem) return problem;
        return Part(answer.Value, "instance") is { } instance && Read(instance) is { } made ? made : api.Unclear;
    }

    async Task<Result<string>> Key(ServerWish wish, CancellationToken ct)
    {
        var found = await api.Send(HttpMethod.Get, "ssh-keys?per_page=500", null, ct);
        if (found.Problem is { } problem) return problem;
        var known = List(found.Value, "ssh_keys").FirstOrDefault(key => Text(key, "name") == wish.Mark);
        if (known.ValueKind == JsonValueKind.Object) return Id(known) is { } old ? old : api.Unclear;
        var made = await api.Send(HttpMethod.Post, "ssh-keys", new { name = wish.Mark, ssh_key = wish.PublicKey }, ct);
        if (made.Problem is { } refused) return refused;
        return Part(made.Value, "ssh_key") is { } one && Id(one) is { } id ? id : api.Unclear;
    }

    public async Task<Result<HostedServer>> Find(string reference, CancellationToken ct)
    {
        var answer = await api.Send(HttpMethod.Get, $"instances/{Uri.EscapeDataString(reference)}", null, ct);
        if (answer.Problem is { } problem) return problem.Code == "server.host_missing" ? HostedServer.Gone : problem;
        return Part(answer.Value, "instance") is { } instance && Read(instance) is { } found ? found : api.Unclear;
    }

    static HostedServer? Read(JsonElement instance)
    {
        if (Id(instance) is not { } id) return null;
        // Until an address is given, 0.0.0.0 stands in its place.
        string?[] shown = [Text(instance, "main_ip"), Text(instance, "v6_main_ip")];
        var addresses = shown.Select(text => IPAddress.TryParse(text, out var address) && !address.Equals(IPAddress.Any) ? address : null).OfType<IPAddress>();
        return new(id, (Text(instance, "status"), Text(instance, "power_status"), Text(instance, "server_status")) switch
        {
            ("suspended", _, _) => HostedState.Failed,
            ("active", "running", not ("locked" or "installingbooting" or "none")) => HostedState.Running,
            ("active", "stopped", "ok") => HostedState.Stopped,
            _ => HostedState.Building,
        }, [.. addresses]);
    }

    public Task<Result<Done>> SetPtr(string reference, IPAddress address, string name, CancellationToken ct) =>
        Act(HttpMethod.Post, $"instances/{Uri.EscapeDataString(reference)}/{(address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "ipv4" : "ipv6")}/reverse", new { ip = address.ToString(), reverse = name }, ct);

    public async Task<Result<Done>> Protect(string reference, CancellationToken ct)
    {
        var found = await api.Send(HttpMethod.Get, "firewalls?per_page=500", null, ct);
        if (found.Problem is { } problem) return problem;
        var group = List(found.Value, "firewall_groups").FirstOrDefault(one => Text(one, "description") == Firewall);
        if (group.ValueKind != JsonValueKind.Object)
        {
            var made = await api.Send(HttpMethod.Post, "firewalls", new { description = Firewall }, ct);
            if (made.Problem is { } refused) return refused;
            group = Part(made.Value, "firewall_group") ?? default;
        }

        if (Id(group) is not { } id) return api.Unclear;
        if ((await Rules(id, ct)).Problem is { } ruleless) return ruleless;
        return await Act(HttpMethod.Patch, $"instances/{Uri.EscapeDataString(reference)}", new { firewall_group_id = id }, ct);
    }

    // A run that died in between left some of the rules out.
    async Task<Result<Done>> Rules(string group, CancellationToken ct)
    {
        var found = await api.Send(HttpMethod.Get, $"firewalls/{Uri.EscapeDataString(group)}/rules?per_page=500", null, ct);
        if (found.Problem is { } problem) return problem;
        var there = List(found.Value, "firewall_rules").Select(rule => (Text(rule, "ip_type"), Text(rule, "port"))).ToHashSet();
        foreach (var port in MailPorts.In.Select(port => port.ToString(CultureInfo.InvariantCulture)))
            foreach (var (type, everybody) in new[] { ("v4", "0.0.0.0"), ("v6", "::") })
            {
                if (there.Contains((type, port))) continue;
                var made = await Act(HttpMethod.Post, $"firewalls/{Uri.EscapeDataString(group)}/rules", new { ip_type = type, protocol = "tcp", subnet = everybody, subnet_size = 0, port }, ct);
                if (made.Problem is { } refused) return refused;
            }

        return default(Done);
    }

    public async Task<Result<string>> Snapshot(string reference, string name, CancellationToken ct)
    {
        var answer = await api.Send(HttpMethod.Post, "snapshots", new { instance_id = reference, description = name }, ct);
        if (answer.Problem is { } problem) return problem;
        return Part(answer.Value, "snapshot") is { } snapshot && Id(snapshot) is { } id ? id : api.Unclear;
    }

    public async Task<Result<Done>> Destroy(string reference, CancellationToken ct)
    {
        var done = await Act(HttpMethod.Delete, $"instances/{Uri.EscapeDataString(reference)}", null, ct);
        return done.Problem is { Code: "server.host_missing" } ? default(Done) : done;
    }

    async Task<Result<Done>> Act(HttpMethod method, string path, object? body, CancellationToken ct) => (await api.Send(method, path, body, ct)).Problem is { } problem ? problem : default(Done);

    public void Dispose() => api.Dispose();
}
