using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PenguinMails.Core;
using PenguinMails.Fleet.Servers.Ssh;
using PenguinMails.Mail.Tests.Peers;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>The sshd of OpenSSH on a free port of loopback, for the user who runs the tests, with keys in a folder of its own.</summary>
sealed class SshServerProcess : IAsyncDisposable
{
    const string Program = "/usr/sbin/sshd";

    readonly string _folder = Directory.CreateTempSubdirectory("penguin-sshd-").FullName;
    readonly List<string> _said = [];
    readonly string _authorised;
    Process? _process;

    SshServerProcess(string authorised) => _authorised = authorised;

    public static readonly Outbound Loopback = Outbound.From("127.0.0.0/8");

    public int Port { get; private set; } = FreePort();

    public SshKeyPair Key { get; } = SshKeyPair.New("penguin tests");

    public SshTarget Target(string? hostKey = null) => new("127.0.0.1", Port, Environment.UserName, Key.PrivateKeyPem, hostKey);

    /// <param name="hasHome">Commands start in the folder of this server and its keys lie in <c>.ssh/authorized_keys</c> there, as on a machine of its own.</param>
    public static async Task<SshServerProcess> Start(CancellationToken ct, bool hasHome = false)
    {
        Assert.SkipUnless(File.Exists(Program), "sshd is missing: sudo apt-get install openssh-server");
        // sshd wants its privilege separation folder when it is root.
        if (Environment.IsPrivilegedProcess) Directory.CreateDirectory("/run/sshd", (UnixFileMode)0b111_101_101);
        var server = new SshServerProcess(hasHome ? ".ssh/authorized_keys" : "authorized");
        Directory.CreateDirectory(server.PathOf(".ssh"));
        server.Authorise(server.Key.PublicLine);
        server.Write("sshd_config", $"""
            ListenAddress 127.0.0.1
            HostKey {server._folder}/host
            AuthorizedKeysFile {server._folder}/{server._authorised}
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            {(hasHome ? $"ForceCommand cd {server._folder} && eval \"$SSH_ORIGINAL_COMMAND\"" : "")}
            """);
        await server.NewHostKey(ct);
        await server.Launch(ct);
        return server;
    }

    /// <summary>As after a reinstallation: another host key, the same address.</summary>
    public async Task Reinstall(CancellationToken ct)
    {
        await End();
        File.Delete(_folder + "/host");
        await NewHostKey(ct);
        await Launch(ct);
    }

    public void Authorise(params string[] lines) => Write(_authorised, string.Join('\n', lines) + "\n");

    public string[] Authorised => File.ReadAllLines(PathOf(_authorised));

    /// <summary>Switched off; the same machine when it is on again.</summary>
    public Task Stop() => End();

    public Task Resume(CancellationToken ct) => Launch(ct);

    /// <summary>What <c>ssh-keygen</c> says about a key file of this server.</summary>
    public Task<string> Keygen(CancellationToken ct, params string[] words) => Run("ssh-keygen", words, ct);

    public string PathOf(string name) => Path.Combine(_folder, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text.ReplaceLineEndings("\n"));
        File.SetUnixFileMode(PathOf(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return PathOf(name);
    }

    public async ValueTask DisposeAsync()
    {
        await End();
        Directory.Delete(_folder, recursive: true);
    }

    async Task NewHostKey(CancellationToken ct) => await Run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", _folder + "/host"], ct);

    async Task Launch(CancellationToken ct)
    {
        var info = new ProcessStartInfo(Program, ["-D", "-e", "-f", _folder + "/sshd_config", "-p", $"{Port}"]) { RedirectStandardError = true, WorkingDirectory = "/" };
        _process = Process.Start(info)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_said) _said.Add(line.Data ?? "");
        };
        _process.BeginErrorReadLine();
        await Listening.Until(Port, () => _process.HasExited ? $"sshd ended with {_process.ExitCode}: {string.Join('\n', _said)}" : null, ct);
    }

    async Task End()
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    static async Task<string> Run(string program, string[] words, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {said[1]}");
        return said[0];
    }

    /// <summary>A port that was free a moment ago, below those that outgoing connections take.</summary>
    static int FreePort()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20000, 32000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken: try another.
            }
        }

        throw new InvalidOperationException("No free port found.");
    }
}
