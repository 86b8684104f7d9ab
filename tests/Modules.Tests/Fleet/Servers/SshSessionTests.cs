using System.Security.Cryptography;
using PenguinMails.Core;
using PenguinMails.Fleet.Servers.Ssh;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>The way to a machine, against a real sshd.</summary>
public sealed class SshSessionTests : IAsyncLifetime
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    SshServerProcess _server = null!;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await SshServerProcess.Start(Ct);

    public ValueTask DisposeAsync() => _server is null ? default : _server.DisposeAsync();

    static Task<Result<SshSession>> Open(SshTarget target) => SshSession.Open(target, SshServerProcess.Loopback, TimeProvider.System, Ct);

    static async Task<RemoteAnswer> Run(SshSession session, params string[] words) => (await session.Run(words, default, Limit, Ct)).Value;

    [Fact]
    public async Task First_contact_shows_the_host_key_and_the_fingerprint_that_ssh_keygen_shows()
    {
        await using var session = (await Open(_server.Target())).Value;
        Assert.StartsWith("ssh-ed25519 AAAA", session.HostKey);
        Assert.Contains($" {session.Fingerprint} ", await _server.Keygen(Ct, "-l", "-f", _server.PathOf("host.pub")));
    }

    [Fact]
    public async Task Pinned_key_lets_in_and_the_session_takes_commands_side_by_side()
    {
        string pin;
        await using (var first = (await Open(_server.Target())).Value) pin = first.HostKey;
        await using var session = (await Open(_server.Target(pin))).Value;
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Run(session, "printf", "%s", $"it's {number}")));
        Assert.Equal(Enumerable.Range(0, 8).Select(number => $"it's {number}"), answers.Select(answer => answer.Text));
    }

    [Fact]
    public async Task Changed_host_key_stops_everything_and_shows_both_fingerprints()
    {
        string pin, before;
        await using (var first = (await Open(_server.Target())).Value) (pin, before) = (first.HostKey, first.Fingerprint);
        await _server.Reinstall(Ct);
        var problem = (await Open(_server.Target(pin))).Problem!;
        Assert.Equal("ssh.host_key_changed", problem.Code);
        Assert.Contains($"Known: {before}.", problem.Detail);
        await using var second = (await Open(_server.Target())).Value;
        Assert.Contains($"Shown now: {second.Fingerprint}.", problem.Detail);
        Assert.NotEqual(before, second.Fingerprint);
    }

    [Fact]
    public async Task Refused_key_says_which_line_to_add_and_nothing_of_the_private_half()
    {
        _server.Authorise(SshKeyPair.New("somebody else").PublicLine);
        var problem = (await Open(_server.Target())).Problem!;
        Assert.Equal("ssh.key_refused", problem.Code);
        Assert.Contains(string.Join(' ', _server.Key.PublicLine.Split(' ').Take(2)), problem.Detail);
        Assert.DoesNotContain(_server.Key.PrivateKeyPem.Split('\n')[1], problem.Detail + _server.Target());
    }

    [Fact]
    public async Task Key_that_is_none_is_named_as_such()
    {
        var problem = (await Open(_server.Target() with { PrivateKeyPem = "-----BEGIN PRIVATE KEY-----\nbm9uZQ==\n-----END PRIVATE KEY-----\n" })).Problem!;
        Assert.Equal("ssh.key_refused", problem.Code);
        Assert.Contains("not in a form OpenSSH reads", problem.Detail);
    }

    [Fact]
    public async Task Closed_port_and_forbidden_address_are_unreachable()
    {
        Assert.Equal("ssh.unreachable", (await Open(_server.Target() with { Port = 1 })).Problem!.Code);
        var guarded = await SshSession.Open(_server.Target(), Outbound.From(null), TimeProvider.System, Ct);
        Assert.Equal("ssh.unreachable", guarded.Problem!.Code);
        Assert.Contains("PENGUIN__NETWORK__ALLOWED", guarded.Problem.Detail);
    }

    [Theory]
    [InlineData("-oProxyCommand=id", 22, null)]
    [InlineData("", 22, null)]
    [InlineData("root", 0, null)]
    [InlineData("root", 22, "ssh-dss AAAA")]
    [InlineData("root", 22, "ssh-ed25519 not base64\n* ssh-rsa AAAA")]
    public async Task Target_that_is_none_is_refused_before_anything_is_started(string user, int port, string? hostKey) =>
        Assert.Equal("ssh.target_invalid", (await Open(_server.Target() with { User = user, Port = port, HostKey = hostKey })).Problem!.Code);

    [Fact]
    public async Task Exit_codes_come_back_also_the_one_that_ssh_uses_itself()
    {
        await using var session = (await Open(_server.Target())).Value;
        foreach (var code in new[] { 0, 1, 127, 255 })
        {
            var answer = await Run(session, "sh", "-c", $"echo out; echo err >&2; exit {code}");
            Assert.Equal((code, "out\n", "err\n", false), (answer.ExitCode, answer.Text, answer.Error, answer.IsCut));
        }
    }

    [Fact]
    public async Task Input_arrives_byte_by_byte()
    {
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        await using var session = (await Open(_server.Target())).Value;
        var answer = (await session.Run(["cat"], bytes, Limit, Ct)).Value;
        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(answer.Output));
        Assert.Equal(0, (await session.Run(["true"], bytes, Limit, Ct)).Value.ExitCode);
    }

    [Fact]
    public async Task Output_beyond_the_limit_is_cut_and_says_so()
    {
        await using var session = (await Open(_server.Target())).Value;
        var fits = await Run(session, "head", "-c", $"{SshSession.OutputBytesMax}", "/dev/zero");
        Assert.Equal((SshSession.OutputBytesMax, false), (fits.Output.Length, fits.IsCut));
        var cut = await Run(session, "head", "-c", $"{SshSession.OutputBytesMax + 1}", "/dev/zero");
        Assert.Equal((SshSession.OutputBytesMax, true), (cut.Output.Length, cut.IsCut));
    }

    [Fact]
    public async Task Time_limit_and_cancelling_end_the_command_and_leave_the_session()
    {
        await using var session = (await Open(_server.Target())).Value;
        var slow = await session.Run(["sleep", "30"], default, TimeSpan.FromMilliseconds(300), Ct);
        Assert.Equal("ssh.too_slow", slow.Problem!.Code);
        using var given = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var up = await session.Run(["sleep", "30"], default, Limit, given.Token);
        Assert.Equal("ssh.too_slow", up.Problem!.Code);
        Assert.Contains("given up", up.Problem.Detail);
        Assert.Equal("still here", (await Run(session, "printf", "still here")).Text);
    }

    [Fact]
    public async Task Connection_that_breaks_in_the_middle_is_lost()
    {
        await using var relay = new Relay(_server.Port);
        await using var session = (await Open(_server.Target() with { Port = relay.Port })).Value;
        var running = session.Run(["sh", "-c", "echo begun; sleep 30"], default, Limit, Ct);
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Ct);
        relay.Cut();
        Assert.Equal("ssh.lost", (await running).Problem!.Code);
        Assert.Equal("ssh.lost", (await session.Run(["true"], default, Limit, Ct)).Problem!.Code);
    }

    [Fact]
    public async Task Peer_that_falls_silent_is_noticed_within_thirty_seconds()
    {
        await using var relay = new Relay(_server.Port);
        await using var session = (await Open(_server.Target() with { Port = relay.Port })).Value;
        var started = TimeProvider.System.GetTimestamp();
        relay.Freeze();
        var answer = await session.Run(["sleep", "60"], default, TimeSpan.FromSeconds(50), Ct);
        Assert.Equal("ssh.lost", answer.Problem!.Code);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 5, 30);
    }

    [Fact]
    public async Task Private_key_is_gone_from_the_disk_once_logged_in_and_the_folder_with_the_session()
    {
        var before = Folders();
        await using (var session = (await Open(_server.Target())).Value)
        {
            var made = Folders().Except(before).Where(folder => File.Exists(folder + "/c")).ToList();
            Assert.All(made, folder => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder)));
            Assert.All(made, folder => Assert.False(File.Exists(folder + "/k")));
            Assert.Contains(made, folder => File.ReadAllText(folder + "/h") == $"* {session.HostKey}\n");
            before = [.. Folders().Except(made)];
            _made = made;
        }

        Assert.Contains(_made, folder => !Directory.Exists(folder));
    }

    List<string> _made = [];

    static List<string> Folders() => [.. Directory.GetDirectories(Path.GetTempPath(), "pssh-*")];
}
