using System.Diagnostics;
using PenguinMails.Core;
using PenguinMails.Fleet.Servers.Ssh;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

[CollectionDefinition("testbed", DisableParallelization = true)]
public sealed class TestbedCollection : ICollectionFixture<TestbedWorld>;

/// <summary>The small internet of <c>tests/testbed</c>: started part by part as tests ask, always taken down at the end.</summary>
public sealed class TestbedWorld : IAsyncDisposable
{
    public const string Vps1 = "198.18.1.101", Vps1Second = "198.18.1.102", Isp1 = "198.18.2.10";

    static readonly string Root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));

    readonly HashSet<string> _up = [];
    bool _isUp;

    public static readonly Outbound Network = Outbound.From("198.18.0.0/16");

    static string Folder => Path.Combine(Root, "tests/testbed");

    /// <summary>Where the machines keep what they write.</summary>
    public string State { get; private set; } = "";

    /// <param name="parts">isp1 to isp3, acme, vps1, vps2.</param>
    public async Task Need(CancellationToken ct, params string[] parts)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "The testbed makes network namespaces, which needs root.");
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-nspawn") && File.Exists("/usr/sbin/pdns_server"), "The testbed's packages are missing: run tests/testbed/install.sh.");
        string[] missing = [.. parts.Where(part => !_up.Contains(part))];
        if (missing.Length == 0 && State.Length > 0) return;
        State = (await Run("bash", ct, "-c", ". \"$0\"/lib.sh; printf %s \"$TB\"", Folder)).Said;
        var (code, said) = await Run(Path.Combine(Folder, "tb"), ct, ["up", .. missing]);
        _isUp |= code == 0 || !said.Contains("another testbed is up");
        Assert.True(code == 0, said);
        _up.UnionWith(missing);
    }

    /// <summary>A machine as its provider hands it over, whatever was done to it before.</summary>
    public async Task Virgin(string vps, CancellationToken ct)
    {
        await Need(ct);
        await Script("vps.sh", ct, "reset", vps);
        _up.Remove(vps);
        await Need(ct, vps);
    }

    public SshTarget Target(string address) => new(address, 22, "root", File.ReadAllText(Path.Combine(State, "vps/id_ed25519")), null);

    public async Task<SshSession> Open(string address, CancellationToken ct)
    {
        var opened = await SshSession.Open(Target(address), Network, TimeProvider.System, ct);
        return opened.Problem is { } problem ? throw new InvalidOperationException(problem.Detail) : opened.Value;
    }

    /// <summary>One of the scripts beside <c>tb</c>; its standard output.</summary>
    public async Task<string> Script(string name, CancellationToken ct, params string[] words)
    {
        var (code, said) = await Run(Path.Combine(Folder, name), ct, words);
        Assert.True(code == 0, $"{name} {string.Join(' ', words)} ended with {code}: {said}");
        return said.Trim();
    }

    /// <summary>The message with a token in a mailbox of a recipient provider, as it was laid down; waits up to half a minute.</summary>
    public async Task<string?> Arrived(string provider, string mailbox, string token, CancellationToken ct)
    {
        var folder = Path.Combine(State, provider, "mail", mailbox, "Maildir");
        for (var attempt = 0; attempt < 60; attempt++)
        {
            var found = Directory.Exists(folder)
                ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(path => path.Contains("/new/") || path.Contains("/cur/")).Select(File.ReadAllText).FirstOrDefault(text => text.Contains(token))
                : null;
            if (found is not null) return found;
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, ct);
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isUp) await Run(Path.Combine(Folder, "tb"), CancellationToken.None, "down");
    }

    static async Task<(int Code, string Said)> Run(string program, CancellationToken ct, params string[] words)
    {
        // Daemons that stay must not hold our pipes open, so what is said goes through a file.
        var file = Path.GetTempFileName();
        try
        {
            using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "exec \"$@\" >\"$0\" 2>&1", file, program, .. words]))!;
            await process.WaitForExitAsync(ct);
            return (process.ExitCode, await File.ReadAllTextAsync(file, ct));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
