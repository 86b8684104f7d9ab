using PenguinMails.Core;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Servers.Hosts;
using PenguinMails.Web.Parts;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>How pages speak of servers and of those who rent them out.</summary>
static class ServerWords
{
    public static string Word(Server server) => server.State switch
    {
        ServerState.Ordered => "being ordered",
        ServerState.Booting when server.HostKind == "own" => "waiting for the key",
        ServerState.Booting => "being built",
        ServerState.Changed => "host key changed",
        ServerState.Destroying => "being destroyed",
        _ => Words.Lower(server.State),
    };

    public static Tone ToneOf(ServerState state) => state switch
    {
        ServerState.Ready => Tone.Good,
        ServerState.Ordered or ServerState.Destroying => Tone.Running,
        ServerState.Booting or ServerState.Unreachable => Tone.Warn,
        ServerState.Changed or ServerState.Failed => Tone.Bad,
        ServerState.Destroyed => Tone.Held,
    };

    public static bool IsMoving(Server server) => server.State is ServerState.Ordered or ServerState.Destroying || (server.State == ServerState.Booting && server.HostKind != "own");

    public static string Host(string kind) => kind switch
    {
        "hetzner" => "Hetzner Cloud",
        "digitalocean" => "DigitalOcean",
        "vultr" => "Vultr",
        "hostwinds" => "Hostwinds",
        "api" => "connected mail server",
        _ => "own machine",
    };

    /// <summary>What the machine found out counts more than what its host says.</summary>
    public static (string Word, Tone Tone) Port25(Server server) => server.Facts?.CanPort25Out switch
    {
        true => ("open", Tone.Good),
        false => ("closed", Tone.Bad),
        null => Policy(Port25Policy.Of(server.HostKind).Outbound),
    };

    public static (string Word, Tone Tone) Policy(string outbound) => outbound switch
    {
        "open" => ("open by its host", Tone.Good),
        "request" => ("on request", Tone.Warn),
        "never" => ("closed by its host", Tone.Bad),
        _ => ("not tried", Tone.Quiet),
    };

    public static string Title(ServerState state) => state switch
    {
        ServerState.Booting => "Not logged in yet",
        ServerState.Unreachable => "The server does not answer",
        ServerState.Changed => "The machine shows another host key, so nothing is done there",
        ServerState.Failed => "The server cannot be used as it is",
        _ => "What is going on",
    };

    public static string Size(ServerSize size) => $"{Words.Count(size.Cores, "core")}, {Memory(size.MemoryMb)}, {size.DiskGb} GB disk, {size.Monthly} a month ({size.Id})";

    public static string Memory(int megabytes) => megabytes % 1024 == 0 ? $"{megabytes / 1024} GB" : $"{Words.Count(megabytes)} MB";

    /// <summary>"12.04 EUR", or "nothing" where only own machines stand.</summary>
    public static string Sum(IReadOnlyList<Money> spent) => spent.Count == 0 ? "nothing" : string.Join(" and ", spent);
}
