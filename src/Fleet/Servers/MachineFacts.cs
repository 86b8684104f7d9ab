using System.Globalization;
using System.Net;
using PenguinMails.Core;
using PenguinMails.Fleet.Servers.Ssh;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Fleet.Servers;

/// <summary>Asks a machine what it is. Changes nothing there.</summary>
static class MachineFacts
{
    const int DebianMin = 12;
    const int MemoryMbMin = 900;
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // bash opens the connection itself, so nothing needs to be installed; host and port are words of their own, never part of the script.
    const string Probe = "exec 3<>\"/dev/tcp/$1/$2\"";

    public static async Task<Result<ServerFacts>> Read(SshSession session, string? probe, CancellationToken ct)
    {
        var release = await Said(session, ["cat", "/etc/os-release"], ct);
        if (release.Problem is { } lost) return lost;
        var cores = await Said(session, ["nproc"], ct);
        var memory = await Said(session, ["cat", "/proc/meminfo"], ct);
        var disk = await Said(session, ["df", "-Pm", "/"], ct);
        var virtue = await Said(session, ["systemd-detect-virt"], ct);
        if ((cores.Problem ?? memory.Problem ?? disk.Problem ?? virtue.Problem) is { } broken) return broken;
        var port = await Port25(session, probe, ct);
        if (port.Problem is { } cut) return cut;
        return new ServerFacts(Field(release.Value, "ID"), Field(release.Value, "VERSION_ID"), Number(cores.Value), Number(Field(memory.Value, "MemTotal", ':').Split(' ')[0]) / 1024,
            Number(disk.Value.Split('\n').Skip(1).FirstOrDefault("").Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(3)),
            virtue.Value.Trim() switch { "" => null, "none" => false, _ => true }, port.Value.CanReach);
    }

    /// <summary>Why a mail stack cannot be installed there; empty when it can.</summary>
    public static string Fault(ServerFacts facts)
    {
        if (facts.Os != "debian" || !int.TryParse(facts.Version.Split('.')[0], CultureInfo.InvariantCulture, out var version) || version < DebianMin)
            return $"The machine runs {(facts.Os.Length == 0 ? "an unknown system" : $"{facts.Os} {facts.Version}")}; Debian {DebianMin} or newer is needed. Install it there, then check again.";
        return facts.MemoryMb < MemoryMbMin ? $"The machine has {facts.MemoryMb} MB of memory; a mail server needs 1 GB. Give it more, then check again." : "";
    }

    /// <summary>Host and port of a mail server somewhere else; null for anything that is none.</summary>
    public static (string Host, string Port)? Target(string? probe)
    {
        if (probe is null) return null;
        var colon = probe.LastIndexOf(':');
        var (host, port) = colon < 0 ? (probe, "25") : (probe[..colon], probe[(colon + 1)..]);
        var isHost = IPAddress.TryParse(host, out _) || DomainName.TryParse(host, out _, out _);
        return isHost && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65535 ? (host, port) : null;
    }

    sealed record Sight(bool? CanReach);

    static async Task<Result<Sight>> Port25(SshSession session, string? probe, CancellationToken ct)
    {
        if (Target(probe) is not var (host, port)) return new Sight(null);
        var tried = await session.Run(["timeout", "10", "bash", "-c", Probe, "probe", host, port], default, Limit, ct);
        if (tried.Problem is { Code: "ssh.too_slow" }) return new Sight(false);
        if (tried.Problem is { } lost) return lost;
        // 126 and 127: there is no bash or no timeout, so nothing was tried.
        return new Sight(tried.Value.ExitCode switch { 0 => true, 126 or 127 => null, _ => false });
    }

    // A command that is missing or fails has nothing to say; only a broken connection is a problem.
    static async Task<Result<string>> Said(SshSession session, string[] words, CancellationToken ct)
    {
        var answer = await session.Run(words, default, Limit, ct);
        return answer.Problem is { } problem ? problem : answer.Value.Text;
    }

    static string Field(string text, string name, char separator = '=') => text.Split('\n')
        .FirstOrDefault(line => line.StartsWith(name + separator, StringComparison.Ordinal), "")
        .Split(separator, 2).ElementAtOrDefault(1)?.Trim().Trim('"') is { } value ? Tidy(value) : "";

    static int Number(string? text) => int.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    static string Tidy(string text) => string.Concat(text.Where(letter => !char.IsControl(letter)).Take(40));
}
