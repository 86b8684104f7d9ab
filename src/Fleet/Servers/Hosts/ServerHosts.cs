using Microsoft.Extensions.Configuration;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;

namespace PenguinMails.Fleet.Servers.Hosts;

/// <summary>Where the APIs of the hosts are reached, and for how long an answer is waited for.</summary>
/// <param name="Endpoints">Kind to address, for those that are not at their usual place. From <c>PENGUIN__SERVERS__ENDPOINTS__</c> and the kind.</param>
public sealed record ServerHostSettings(IReadOnlyDictionary<string, Uri> Endpoints)
{
    public static readonly ServerHostSettings Usual = new(new Dictionary<string, Uri>());

    /// <exception cref="InvalidOperationException">A value is not what it must be; the message names the key.</exception>
    public static ServerHostSettings From(IConfiguration? configuration)
    {
        var probe = configuration?["Servers:Probe"] is { Length: > 0 } text ? text : null;
        if (probe is not null && MachineFacts.Target(probe) is null) throw new InvalidOperationException($"PENGUIN__SERVERS__PROBE is {probe}; it must be a host, or a host and a port such as mx.example.com:25.");
        var endpoints = new Dictionary<string, Uri>();
        foreach (var kind in ServerHosts.Kinds)
        {
            if (configuration?["Servers:Endpoints:" + kind] is not { Length: > 0 } address) continue;
            endpoints[kind] = Uri.TryCreate(address, UriKind.Absolute, out var root) && root.Scheme is "http" or "https" ? root
                : throw new InvalidOperationException($"PENGUIN__SERVERS__ENDPOINTS__{kind.ToUpperInvariant()} is {address}; it must be an address such as https://api.example.com/v1/.");
        }

        return new(endpoints) { Probe = probe };
    }

    /// <summary>Wait for one answer. Default 30 s: orders are answered slowly.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A mail server elsewhere, host or host:port, that machines try to reach to see whether port 25 is open. From <c>PENGUIN__SERVERS__PROBE</c>; null tries nothing.</summary>
    public string? Probe { get; init; }

    /// <summary>Between two looks at a server that is being built. Default 10 s.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>The hosts this program can rent servers at.</summary>
static class ServerHosts
{
    public static readonly IReadOnlyList<string> Kinds = ["hetzner", "digitalocean", "vultr", "hostwinds"];

    public static readonly Problem KindUnknown = Problem.Invalid("server.host_unknown", new FieldProblem("kind", $"Choose one of {string.Join(", ", Kinds)}."));

    static readonly Problem TokenInvalid = Problem.Invalid("server.token_invalid", new FieldProblem("token", "Give the API token: printable characters without spaces, at most 500."));

    public static string NameOf(string kind) => kind switch
    {
        "hetzner" => "Hetzner Cloud",
        "digitalocean" => "DigitalOcean",
        "vultr" => "Vultr",
        "hostwinds" => "Hostwinds",
        _ => "own machine",
    };

    /// <summary>Refuses with <c>server.host_unknown</c> or <c>server.token_invalid</c>.</summary>
    public static Result<IServerHost> Open(string kind, string token, ServerHostSettings settings, Outbound outbound)
    {
        if (!Kinds.Contains(kind)) return KindUnknown;
        if (token.Length is 0 or > 500 || token.AsSpan().ContainsAnyExceptInRange('!', '~')) return TokenInvalid;
        var root = settings.Endpoints.TryGetValue(kind, out var other) ? other : new Uri(Root(kind));
        (string, string)? header = kind == "hostwinds" ? null : ("Authorization", "Bearer " + token);
        var api = new ApiCall(root, NameOf(kind), header, token, ApiWords.Servers, outbound, settings.Timeout);
        return Result<IServerHost>.Of(kind switch
        {
            "hetzner" => new HetznerServers(api),
            "digitalocean" => new DigitalOceanServers(api),
            "vultr" => new VultrServers(api),
            _ => new HostwindsServers(api, token),
        });
    }

    static string Root(string kind) => kind switch
    {
        "hetzner" => HetznerServers.Root,
        "digitalocean" => DigitalOceanServers.Root,
        "vultr" => VultrServers.Root,
        _ => HostwindsServers.Root,
    };
}
