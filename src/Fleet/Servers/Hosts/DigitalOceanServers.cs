using System.Globalization;
using System.Net;
using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;
using static PenguinMails.Fleet.Apis.ApiJson;

namespace PenguinMails.Fleet.Servers.Hosts;

/// <summary>DigitalOcean API v2. The wish is a tag; the droplet's name is the EHLO name, because reverse DNS is made out of it.</summary>
/// <remarks>5,000 requests an hour. Prices are in US dollars, net. Reverse DNS exists for the one IPv4 address only.</remarks>
sealed class DigitalOceanServers(ApiCall api) : IServerHost
{
    public const string Root = "https://api.digitalocean.com/v2/";

    const string Firewall = "penguin-mail";
    const int MemoryMbMin = 1024;

    public async Task<Result<ServerOffers>> Offers(CancellationToken ct)
    {
        var places = await api.Send(HttpMethod.Get, "regions?per_page=200", null, ct);
        if (places.Problem is { } unplaced) return unplaced;
        var kinds = await api.Send(HttpMethod.Get, "sizes?per_page=200", null, ct);
        if (kinds.Problem is { } problem) return problem;
        var regions = List(places.Value, "regions").Where(one => Flag(one, "available") != false)
            .Select(one => Text(one, "slug") is { } slug ? new ServerRegion(slug, Text(one, "name") ?? slug) : null).OfType<ServerRegion>().ToList();
        var sizes = List(kinds.Value, "sizes").Select(Size).OfType<ServerSize>().OrderBy(size => size.Monthly.MinorUnits).ToList();
        return sizes.Count == 0 || regions.Count == 0 ? api.Unclear : new ServerOffers(regions, sizes);
    }

    static ServerSize? Size(JsonElement size)
    {
        if (Text(size, "slug") is not { } slug || Flag(size, "available") == false || Decimal(size, "price_monthly") is not { } price) return null;
        if (Number(size, "vcpus") is not { } cores || Number(size, "memory") is not { } memory || memory < MemoryMbMin || Number(size, "disk") is not { } disk) return null;
        return new(slug, cores, memory, disk, Prices.Up(price, Currency.Usd), [.. List(size, "regions").Select(one => one.GetString()).OfType<string>()]);
    }

    public async Task<Result<IReadOnlyList<HostedServer>>> Wished(Guid wish, CancellationToken ct)
    {
        var answer = await api.Send(HttpMethod.Get, $"droplets?tag_name={ServerWish.MarkOf(wish)}&per_page=200", null, ct);
        if (answer.Problem is { } problem) return problem;
        if (Part(answer.Value, "droplets") is not { ValueKind: JsonValueKind.Array }) return api.Unclear;
        return Result<IReadOnlyList<HostedServer>>.Of([.. List(answer.Value, "droplets").OrderBy(one => Decimal(one, "id")).Select(Read).OfType<HostedServer>()]);
    }

    public async Task<Result<HostedServer>> Create(ServerWish wish, CancellationToken ct)
    {
        var key = await Key(wish, ct);
        if (key.Problem is { } keyless) return keyless;
        var answer = await api.Send(HttpMethod.Post, "droplets", new
        {
            name = wish.Name,
            region = wish.Region,
            size = wish.Size,
            image = "debian-12-x64",
            ssh_keys = new[] { key.Value },
            ipv6 = true,
            tags = new[] { wish.Mark },
        }, ct);
        if (answer.Problem is { } problem) return problem;
        return Part(answer.Value, "droplet") is { } droplet && Read(droplet) is { } made ? made : api.Unclear;
    }

    // A key may stand in an account once, so the one of an earlier attempt is looked for by its name.
    async Task<Result<long>> Key(ServerWish wish, CancellationToken ct)
    {
        var found = await api.Send(HttpMethod.Get, "account/keys?per_page=200", null, ct);
        if (found.Problem is { } problem) return problem;
        var known = List(found.Value, "ssh_keys").FirstOrDefault(key => Text(key, "name") == wish.Mark);
        if (known.ValueKind == JsonValueKind.Object) return Decimal(known, "id") is { } number ? (long)number : api.Unclear;
        var made = await api.Send(HttpMethod.Post, "account/keys", new { name = wish.Mark, public_key = wish.PublicKey }, ct);
        if (made.Problem is { } refused) return refused;
        return Part(made.Value, "ssh_key") is { } one && Decimal(one, "id") is { } id ? (long)id : api.Unclear;
    }

    public async Task<Result<HostedServer>> Find(string reference, CancellationToken ct)
    {
        var answer = await api.Send(HttpMethod.Get, $"droplets/{Uri.EscapeDataString(reference)}", null, ct);
        if (answer.Problem is { } problem) return problem.Code == "server.host_missing" ? HostedServer.Gone : problem;
        return Part(answer.Value, "droplet") is { } droplet && Read(droplet) is { } found ? found : api.Unclear;
    }

    static HostedServer? Read(JsonElement droplet)
    {
        if (Id(droplet) is not { } id) return null;
        var networks = Part(droplet, "networks") ?? default;
        var addresses = List(networks, "v4").Concat(List(networks, "v6")).Where(one => Text(one, "type") == "public")
            .Select(one => IPAddress.TryParse(Text(one, "ip_address"), out var address) ? address : null).OfType<IPAddress>();
        return new(id, Text(droplet, "status") switch { "active" => HostedState.Running, "off" => HostedState.Stopped, "archive" => HostedState.Gone, _ => HostedState.Building }, [.. addresses]);
    }

    public async Task<Result<Done>> SetPtr(string reference, IPAddress address, string name, CancellationToken ct)
    {
        if (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
            return new Problem(ProblemKind.Conflict, "server.ptr_unsupported", "DigitalOcean sets reverse DNS for the IPv4 address only. Do not send from the IPv6 address.");
        return await Act(HttpMethod.Post, $"droplets/{Uri.EscapeDataString(reference)}/actions", new { type = "rename", name }, ct);
    }

    public async Task<Result<Done>> Protect(string reference, CancellationToken ct)
    {
        if (!long.TryParse(reference, CultureInfo.InvariantCulture, out var droplet)) return api.Unclear;
        var found = await api.Send(HttpMethod.Get, "firewalls?per_page=200", null, ct);
        if (found.Problem is { } problem) return problem;
        var wall = List(found.Value, "firewalls").FirstOrDefault(one => Text(one, "name") == Firewall);
        if (wall.ValueKind == JsonValueKind.Object && Id(wall) is { } id)
        {
            return List(wall, "droplet_ids").Any(one => one.ValueKind == JsonValueKind.Number && one.GetRawText() == reference)
                ? default(Done)
                : await Act(HttpMethod.Post, $"firewalls/{id}/droplets", new { droplet_ids = new[] { droplet } }, ct);
        }

        var everybody = new { addresses = new[] { "0.0.0.0/0", "::/0" } };
        var inbound = MailPorts.In.Select(port => (object)new { protocol = "tcp", ports = port.ToString(CultureInfo.InvariantCulture), sources = everybody }).Append(new { protocol = "icmp", sources = everybody });
        object[] outbound = [new { protocol = "tcp", ports = "all", destinations = everybody }, new { protocol = "udp", ports = "all", destinations = everybody }, new { protocol = "icmp", destinations = everybody }];
        return await Act(HttpMethod.Post, "firewalls", new { name = Firewall, inbound_rules = inbound, outbound_rules = outbound, droplet_ids = new[] { droplet } }, ct);
    }

    public async Task<Result<string>> Snapshot(string reference, string name, CancellationToken ct)
    {
        var answer = await api.Send(HttpMethod.Post, $"droplets/{Uri.EscapeDataString(reference)}/actions", new { type = "snapshot", name }, ct);
        if (answer.Problem is { } problem) return problem;
        return Part(answer.Value, "action") is { } action && Id(action) is { } id ? id : api.Unclear;
    }

    public async Task<Result<Done>> Destroy(string reference, CancellationToken ct)
    {
        var done = await Act(HttpMethod.Delete, $"droplets/{Uri.EscapeDataString(reference)}", null, ct);
        return done.Problem is { Code: "server.host_missing" } ? default(Done) : done;
    }

    async Task<Result<Done>> Act(HttpMethod method, string path, object? body, CancellationToken ct) => (await api.Send(method, path, body, ct)).Problem is { } problem ? problem : default(Done);

    public void Dispose() => api.Dispose();
}
