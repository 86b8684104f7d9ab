using System.Net;
using PenguinMails.Core;

namespace PenguinMails.Fleet.Servers.Ssh;

/// <summary>One connection to a machine, over the <c>ssh</c> program of OpenSSH; commands share it (ControlMaster), and may run side by side.</summary>
/// <remarks>No setting of this machine's user or administrator is read. The host key is always checked: pinned, or fetched at first contact and pinned from then on.
/// The private key is on disk only while logging in, in a folder of mode 0700. A dead peer is noticed within 30 seconds.</remarks>
public sealed class SshSession : IAsyncDisposable
{
    /// <summary>Standard output kept of one command, in bytes.</summary>
    public const int OutputBytesMax = 4 * 1024 * 1024;

    /// <summary>Standard error kept of one command, in bytes.</summary>
    public const int ErrorBytesMax = 64 * 1024;

    // An abandoned master (this program was killed) ends by itself after so long without a command.
    const int IdleSecondsMax = 600;
    const int OwnFailure = 255; // ssh(1): exits with the status of the remote command, or with 255 if an error occurred.
    static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(15), OpenLimit = TimeSpan.FromSeconds(40), CheckLimit = TimeSpan.FromSeconds(5);

    // sshd's MaxSessions is 10 unless somebody lowered it.
    readonly SemaphoreSlim _sessions = new(8);
    readonly SshTarget _target;
    readonly SshFolder _folder;
    readonly SshHostKey _hostKey;
    readonly TimeProvider _clock;
    readonly string[] _options;

    SshSession(SshTarget target, IPAddress address, SshFolder folder, SshHostKey hostKey, TimeProvider clock)
    {
        (_target, _folder, _hostKey, _clock) = (target, folder, hostKey, clock);
        _options = [.. Options(hostKey), "-S", folder.Socket, "-o", $"UserKnownHostsFile={folder.KnownHosts}", "-p", $"{target.Port}", "-l", target.User, "--", $"{address}"];
    }

    /// <summary>The key the machine proved itself with: the line to pin.</summary>
    public string HostKey => _hostKey.Line;

    /// <summary>"SHA256:…", as OpenSSH shows it; a person compares it at first contact.</summary>
    public string Fingerprint => _hostKey.Fingerprint;

    /// <summary>Connects and logs in.</summary>
    /// <remarks>Refuses with <c>ssh.target_invalid</c>, <c>ssh.unreachable</c>, <c>ssh.key_refused</c>, <c>ssh.host_key_changed</c>, <c>ssh.too_slow</c> or <c>ssh.program_missing</c>.</remarks>
    public static async Task<Result<SshSession>> Open(SshTarget target, Outbound outbound, TimeProvider clock, CancellationToken ct)
    {
        if (Fault(target) is { } fault) return SshProblems.TargetInvalid(fault);
        IPAddress address;
        try
        {
            address = await outbound.Find(target.Address, ct);
        }
        catch (OutboundRefused refused)
        {
            return SshProblems.Unreachable(target, refused.Message);
        }

        var pinned = target.HostKey is { } line ? SshHostKey.Parse(line) : null;
        if (pinned is null)
        {
            var first = await Scan(target, address, null, clock, ct);
            if (first.Problem is { } problem) return problem;
            pinned = first.Value;
        }

        var session = new SshSession(target, address, SshFolder.Make(), pinned, clock);
        if (await session.LogIn(address, ct) is not { } refusal) return session;
        await session.DisposeAsync();
        return refusal;
    }

    /// <summary>Runs one command and waits for its end. A command that ends with another code than 0 is an answer, not a problem.</summary>
    /// <param name="words">The command and its arguments; no shell of ours sees them, and the remote one sees each as one word.</param>
    /// <param name="input">Its standard input, any bytes.</param>
    /// <param name="limit">Then our end is closed. The remote command notices when it next reads or writes, not before.</param>
    /// <remarks>Refuses with <c>ssh.words_invalid</c>, <c>ssh.lost</c>, <c>ssh.program_missing</c>, or <c>ssh.too_slow</c> (also when <paramref name="ct"/> is cancelled).</remarks>
    public async Task<Result<RemoteAnswer>> Run(IReadOnlyList<string> words, ReadOnlyMemory<byte> input, TimeSpan limit, CancellationToken ct)
    {
        var line = RemoteWords.Quote(words);
        if (line.Problem is { } invalid) return invalid;
        var end = await RunOne(line.Value, input, limit, ct);
        if (end is null) return SshProblems.ProgramMissing;
        if (end.ExitCode is not { } code) return SshProblems.TooSlow(_target, limit, ct.IsCancellationRequested);
        // 255 is also an exit code of remote commands: the connection itself tells the two apart.
        if (code == OwnFailure && !await IsAlive(ct)) return SshProblems.Lost(_target, end.Error);
        return new RemoteAnswer(code, end.Output, end.Error, end.IsCut);
    }

    public async ValueTask DisposeAsync()
    {
        _sessions.Dispose();
        if (File.Exists(_folder.Socket)) await LocalProgram.Run("ssh", ["-O", "exit", .. _options], default, CheckLimit, _clock, CancellationToken.None);
        _folder.Dispose();
    }

    // Without the shared connection ssh would try one of its own, and wait for it: the proxy that fails prevents that.
    async Task<LocalEnd?> RunOne(string line, ReadOnlyMemory<byte> input, TimeSpan limit, CancellationToken ct)
    {
        await _sessions.WaitAsync(CancellationToken.None);
        try
        {
            return await LocalProgram.Run("ssh", ["-o", "ProxyCommand=false", .. _options, line], input, limit, _clock, ct);
        }
        finally
        {
            _sessions.Release();
        }
    }

    async Task<Problem?> LogIn(IPAddress address, CancellationToken ct)
    {
        _folder.Pin(_hostKey);
        _folder.WriteKey(_target.PrivateKeyPem);
        // -f leaves the master in the background once it has logged in, so its exit code is the answer.
        var end = await LocalProgram.Run("ssh", ["-M", "-f", "-N", "-i", _folder.KeyFile, "-o", $"ControlPersist={IdleSecondsMax}", .. _options], default, OpenLimit, _clock, ct);
        _folder.ForgetKey();
        if (end is null) return SshProblems.ProgramMissing;
        if (end.ExitCode == 0) return null;
        if (end.ExitCode is null) return ct.IsCancellationRequested ? SshProblems.TooSlow(_target, OpenLimit, cancelled: true) : SshProblems.Unreachable(_target, $"no log-in within {OpenLimit.TotalSeconds:0} seconds");
        if (Says("Host key verification failed") || Says("no matching host key type"))
        {
            var shown = await Scan(_target, address, _hostKey.Type, _clock, ct);
            return SshProblems.HostKeyChanged(_target, _hostKey.Fingerprint, shown.IsOk ? shown.Value.Fingerprint : null);
        }

        if (Says("invalid format") || Says("error in libcrypto")) return SshProblems.KeyUnreadable(_target);
        return Says("Permission denied") || Says("Too many authentication failures") ? SshProblems.KeyRefused(_target, SshKeyPair.PublicLineOf(_target.PrivateKeyPem)) : SshProblems.Unreachable(_target, end.Error);

        bool Says(string words) => end.Error.Contains(words, StringComparison.Ordinal);
    }

    async Task<bool> IsAlive(CancellationToken ct) => await LocalProgram.Run("ssh", ["-O", "check", .. _options], default, CheckLimit, _clock, ct) is { ExitCode: 0 };

    static async Task<Result<SshHostKey>> Scan(SshTarget target, IPAddress address, string? preferred, TimeProvider clock, CancellationToken ct)
    {
        string[] words = ["-T", $"{ConnectLimit.TotalSeconds:0}", "-t", "ed25519,ecdsa,rsa", "-p", $"{target.Port}", "--", $"{address}"];
        var end = await LocalProgram.Run("ssh-keyscan", words, default, OpenLimit, clock, ct);
        if (end is null) return SshProblems.ProgramMissing;
        return SshHostKey.Best(System.Text.Encoding.ASCII.GetString(end.Output), preferred) is { } key ? key : SshProblems.Unreachable(target, end.Error.Length > 0 ? end.Error : "nothing there speaks SSH");
    }

    static string? Fault(SshTarget target)
    {
        if (target.Port is < 1 or > 65535) return $"the port {target.Port} is outside 1 to 65535";
        if (target.User.Length is 0 or > 32 || target.User[0] == '-' || !target.User.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_'))
            return "the user is no log-in name of 1 to 32 letters, digits, dots, dashes and underscores";
        return target.HostKey is { } line && SshHostKey.Parse(line) is null ? "the pinned host key is not a line such as \"ssh-ed25519 AAAA…\"" : null;
    }

    static string[] Options(SshHostKey key) =>
    [
        "-F", "/dev/null", "-T", "-x", "-a",
        .. new[]
        {
            "BatchMode=yes", "StrictHostKeyChecking=yes", "GlobalKnownHostsFile=/dev/null", "UpdateHostKeys=no", $"HostKeyAlgorithms={key.Algorithms}",
            "IdentitiesOnly=yes", "IdentityAgent=none", "PreferredAuthentications=publickey", "PermitLocalCommand=no", "ClearAllForwardings=yes", "EscapeChar=none",
            $"ConnectTimeout={ConnectLimit.TotalSeconds:0}", "ConnectionAttempts=1", "ServerAliveInterval=8", "ServerAliveCountMax=2", "TCPKeepAlive=yes", "LogLevel=ERROR",
        }.SelectMany(option => new[] { "-o", option }),
    ];
}
