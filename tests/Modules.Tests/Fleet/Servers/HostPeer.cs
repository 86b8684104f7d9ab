using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using PenguinMails.Core;
using PenguinMails.Fleet.Servers.Hosts;
using PenguinMails.Modules.Tests.Fleet.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>A machine at a host of the tests.</summary>
sealed class Machine
{
    public required long Id { get; init; }
    public required string Mark { get; init; }
    public required string Name { get; set; }
    public required string Key { get; init; }
    /// <summary>How often it is still shown as being built.</summary>
    public int Builds { get; set; } = 1;
    public Dictionary<string, string> Ptr { get; } = [];
    public bool IsProtected { get; set; }
    public string Ip => $"127.0.0.{Id % 200 + 1}";
}

/// <summary>A listener on loopback that rents machines out as one of the hosts describes its API. Faults can be ordered for the next creations.</summary>
sealed partial class HostPeer : IAsyncDisposable
{
    public const string Token = "token-of-the-tests";

    readonly ApiPeer _peer;
    long _last = 1000;

    HostPeer(string kind)
    {
        Kind = kind;
        _peer = new ApiPeer((request, text) => Answer(kind, request, text));
    }

    public string Kind { get; }
    public List<Machine> Machines { get; } = [];
    public Dictionary<string, string> Keys { get; } = [];
    public HashSet<int> OpenPorts { get; } = [];
    public List<string> Snapshots { get; } = [];
    /// <summary>Each for one creation: before_500, after_500, after_silence, before_429, after_garbage.</summary>
    public ConcurrentQueue<string> Faults { get; } = [];
    /// <summary>Given to machines instead of an address of their own.</summary>
    public string? Ip { get; set; }
    public int BuildsEach { get; set; } = 1;
    public ConcurrentQueue<string> Asked => _peer.Asked;
    public Uri Root => new($"http://127.0.0.1:{_peer.Port}/");

    public static HostPeer Of(string kind) => new(kind);

    public ServerHostSettings Settings => new(new Dictionary<string, Uri> { [Kind] = Root }) { Timeout = TimeSpan.FromSeconds(2), Pause = TimeSpan.FromSeconds(10) };

    public IServerHost Open(string token = Token) => ServerHosts.Open(Kind, token, Settings, Outbound.From("127.0.0.0/8")).Value;

    (int, string) Answer(string kind, HttpListenerRequest request, string text)
    {
        if (kind == "hostwinds") return Hostwinds(text);
        if (request.Headers["Authorization"] != "Bearer " + Token) return (401, "{\"error\":{\"message\":\"unauthorized\"}}");
        var body = text.Length == 0 ? null : JsonNode.Parse(text);
        var path = Uri.UnescapeDataString(request.Url!.AbsolutePath).Trim('/');
        return kind switch { "hetzner" => Hetzner(request, path, body), "digitalocean" => DigitalOcean(request, path, body), _ => Vultr(request, path, body) };
    }

    (int, string) Create(string mark, string name, string key, Func<Machine, (int, string)> made)
    {
        var fault = Faults.TryDequeue(out var next) ? next : "";
        if (fault == "before_500") return (500, "<html>");
        if (fault == "before_429") return (429, "{}");
        var machine = new Machine { Id = ++_last, Mark = mark, Name = name, Key = Keys[key], Builds = BuildsEach };
        Machines.Add(machine);
        return fault switch { "after_500" => (500, "<html>"), "after_silence" => (0, ""), "after_garbage" => (200, "<html>"), _ => made(machine) };
    }

    Machine? At(string id) => Machines.Find(one => one.Id.ToString(CultureInfo.InvariantCulture) == id);

    string AddressOf(Machine machine) => Ip ?? machine.Ip;

    static bool Seen(Machine machine) => machine.Builds-- <= 0;

    static (int, string) Json(int status, JsonNode node) => (status, node.ToJsonString());

    public ValueTask DisposeAsync() => _peer.DisposeAsync();
}
