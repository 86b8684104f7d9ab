using System.Globalization;
using System.Net;
using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;
using static PenguinMails.Fleet.Apis.ApiJson;

namespace PenguinMails.Fleet.Servers.Hosts;

/// <summary>Hetzner Cloud API v1. The wish is a label and the server's name, which is unique in a project: a second order of the same wish is refused there.</summary>
/// <remarks>3,600 requests an hour for a project. Prices are gross, with the monthly price of the IPv4 address added.</remarks>
sealed class HetznerServers(ApiCall api) : IServerHost
{
    public const string Root = "https://api.hetzner.cloud/v1/";

    const string Label = "penguin-wish";
    const string Firewall = "penguin-mail";
    const int MemoryMbMin = 1024;

    public async Task<Result<ServerOffers>> Offers(CancellationToken ct)
    {
        var pricing = await api.Send(HttpMethod.Get, "pricing", null, ct);
        if (pricing.Problem is { } unpriced) return unpriced;
        if (Part(pricing.Value, "pricing") is not { } prices || Prices.Find(Text(prices, "currency")) is not { } currency) return api.Unclear;
        var locations = await api.Send(HttpMethod.Get, "locations?per_page=50", null, ct);
        if (locations.Problem is { } unplaced) return unplaced;
        var types = await api.Send(HttpMethod.Get, "server_types?per_page=50", null, ct);
        if (types.Problem is { } problem) return problem;
        var regions = List(locations.Value, "locations").Select(one => Text(one, "name") is { } name ? new ServerRegion(name, $"{Text(one, "city")}, {Text(one, "country")}") : null).OfType<ServerRegion>().ToList();
        var addresses = List(prices, "primary_ips").Where(one => Text(one, "type") == "ipv4").SelectMany(one => List(one, "prices")).ToList();
        var sizes = List(types.Value, "server_types").SelectMany(type => Sizes(type, addresses, currency)).OrderBy(size => size.Monthly.MinorUnits).ToList();
        return sizes.Count == 0 || regions.Count == 0 ? api.Unclear : new ServerOffers(regions, sizes);
    }

    // One size costs differently in different places: one offer for each price.
    static IEnumerable<ServerSize> Sizes(JsonElement type, List<JsonElement> addresses, Currency currency)
    {
        if (Text(type, "name") is not { } name || Text(type, "architecture") == "arm" || Flag(type, "deprecated") == true || Part(type, "deprecation") is { ValueKind: JsonValueKind.Object }) return [];
        var memory = (int)((Decimal(type, "memory") ?? 0) * 1024);
        if (memory < MemoryMbMin || Number(type, "cores") is not { } cores || Number(type, "disk") is not { } disk) return [];
        return List(type, "prices")
            .Select(price => (Where: Text(price, "location"), Price: Gross(price)))
            .Where(one => one is { Where: not null, Price: not null })
            .GroupBy(one => Prices.Up((one.Price ?? 0) + (addresses.Where(address => Text(address, "location") == one.Where).Select(Gross).FirstOrDefault() ?? 0), currency))
            .Select(group => new ServerSize(name, cores, memory, disk, group.Key, [.. group.Select(one => one.Where).OfType<string>()]));
    }

    static decimal? Gross(JsonElement price) => Part(price, "price_monthly") is { } monthly ? Decimal(monthly, "gross") : null;

    public async Task<Result<IReadOnlyList<HostedServer>>> Wished(Guid wish, CancellationToken ct)
    {
        var answer = await api.Send(HttpMethod.Get, $"servers?label_selector={Label}%3D{wish:N}&sort=id%3Aasc", null, ct);
        if (answer.Problem is { } problem) return problem;
        if (Part(answer.Value, "servers") is not { ValueKind: JsonValueKind.Array }) return api.Unclear;
        return Result<IReadOnlyList<HostedServer>>.Of([.. List(answer.Value, "servers").Select(Read).OfType<HostedServer>()]);
    }

    public async Task<Result<HostedServer>> Create(ServerWish wish, CancellationToken ct)
    {
        var key = await Key(wish, ct);
        if (key.Problem is { } keyless) return keyless;
        var answer = await api.Send(HttpMethod.Post, "servers", new
        {
            name = wish.Mark,
            server_type = wish.Size,
            location = wish.Region,
            image = "debian-12",
            ssh_keys = new[] { key.Value },
            labels = new Dictionary<string, string> { [Label] = wish.Id.ToString("N") },
            public_net = new { enable_ipv4 = true, enable_ipv6 = true },
        }, ct);
        if (answer.Problem is { } problem) return problem;
        return Part(answer.Value, "server") is { } server && Read(server) is { } made ? made : api.Unclear;
    }

    async Task<Result<string>> Key(ServerWish wish, CancellationToken ct)
    {
        var found = await api.Send(HttpMethod.Get, $"ssh_keys?name={wish.Mark}", null, ct);
        if (found.Problem is { } problem) return problem;
        if (List(found.Value, "ssh_keys").Select(key => Id(key)).FirstOrDefault() is { } known) return known;
        var made = await api.Send(HttpMethod.Post, "ssh_keys", new { name = wish.Mark, public_key = wish.PublicKey }, ct);
        if (made.Problem is { } refused) return refused;
        return Part(made.Value, "ssh_key") is { } one && Id(one) is { } id ? id : api.Unclear;
    }

    public async Task<Result<HostedServer>> Find(string reference, CancellationToken ct)
    {
        var answer = await api.Send(HttpMethod.Get, $"servers/{Uri.EscapeDataString(reference)}", null, ct);
        if (answer.Problem is { } problem) return problem.Code == "server.host_missing" ? HostedServer.Gone : problem;
        return Part(answer.Value, "server") is { } server && Read(server) is { } found ? found : api.Unclear;
    }

    static HostedServer? Read(JsonElement server)
    {
        if (Id(server) is not { } id) return null;
        var addresses = new List<IPAddress>();
        if (Part(server, "public_net") is { } net)
        {
            if (Part(net, "ipv4") is { } four && IPAddress.TryParse(Text(four, "ip"), out var first)) addresses.Add(first);
            // The host gives a network of 64 bits, and its images take the address ending in 1.
            if (Part(net, "ipv6") is { } six && Text(six, "ip")?.Split('/')[0] is { } network && network.EndsWith("::", StringComparison.Ordinal) && IPAddress.TryParse(network + "1", out var second)) addresses.Add(second);
        }

        return new(id, Text(server, "status") switch { "running" => HostedState.Running, "off" or "stopping" => HostedState.Stopped, "deleting" => HostedState.Gone, _ => HostedState.Building }, addresses);
    }

    public Task<Result<Done>> SetPtr(string reference, IPAddress address, string name, CancellationToken ct) =>
        Act(HttpMethod.Post, $"servers/{Uri.EscapeDataString(reference)}/actions/change_dns_ptr", new { ip = address.ToString(), dns_ptr = name }, ct);

    public async Task<Result<Done>> Protect(string reference, CancellationToken ct)
    {
        if (!long.TryParse(reference, CultureInfo.InvariantCulture, out var server)) return api.Unclear;
        var found = await api.Send(HttpMethod.Get, $"firewalls?name={Firewall}", null, ct);
        if (found.Problem is { } problem) return problem;
        var wall = List(found.Value, "firewalls").FirstOrDefault();
        if (wall.ValueKind == JsonValueKind.Undefined)
        {
            string[] everybody = ["0.0.0.0/0", "::/0"];
            var rules = MailPorts.In.Select(port => (object)new { direction = "in", protocol = "tcp", port = port.ToString(CultureInfo.InvariantCulture), source_ips = everybody })
                .Append(new { direction = "in", protocol = "icmp", source_ips = everybody });
            var made = await api.Send(HttpMethod.Post, "firewalls", new { name = Firewall, rules }, ct);
            if (made.Problem is { } refused) return refused;
            wall = Part(made.Value, "firewall") ?? default;
        }

        if (Id(wall) is not { } id) return api.Unclear;
        if (List(wall, "applied_to").Any(one => Part(one, "server") is { } at && Id(at) == reference)) return default(Done);
        return await Act(HttpMethod.Post, $"firewalls/{id}/actions/apply_to_resources", new { apply_to = new[] { new { type = "server", server = new { id = server } } } }, ct);
    }

    public async Task<Result<string>> Snapshot(string reference, string name, CancellationToken ct)
    {
        var answer = await api.Send(HttpMethod.Post, $"servers/{Uri.EscapeDataString(reference)}/actions/create_image", new { type = "snapshot", description = name }, ct);
        if (answer.Problem is { } problem) return problem;
        return Part(answer.Value, "image") is { } image && Id(image) is { } id ? id : api.Unclear;
    }

    public async Task<Result<Done>> Destroy(string reference, CancellationToken ct)
    {
        var done = await Act(HttpMethod.Delete, $"servers/{Uri.EscapeDataString(reference)}", null, ct);
        return done.Problem is { Code: "server.host_missing" } ? default(Done) : done;
    }

    async Task<Result<Done>> Act(HttpMethod method, string path, object? body, CancellationToken ct) => (await api.Send(method, path, body, ct)).Problem is { } problem ? problem : default(Done);

    public void Dispose() => api.Dispose();
}
