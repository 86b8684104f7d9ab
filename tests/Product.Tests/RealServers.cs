using System.Diagnostics;
using PenguinMails.Mail.Tests.Peers;

namespace PenguinMails.Product.Tests;

/// <summary>Postfix as a submission server and Dovecot for IMAP and for Postfix's log-in, with folders of their own, on loopback. Postfix keeps nothing: whatever it accepts it discards and logs as sent.</summary>
public sealed class RealServers : IAsyncDisposable
{
    public const string User = "olivia";
    public const string Secret = "sesame-47-harbour";

    readonly string _folder;
    readonly List<Process> _running = [];

    RealServers(string folder) => _folder = folder;

    public int SmtpPort { get; private set; }
    public int ImapPort { get; private set; }
    string PostfixFolder => Path.Combine(_folder, "postfix");
    string DovecotFolder => Path.Combine(_folder, "dovecot");

    /// <summary>Both daemons start as root only and give its rights away themselves.</summary>
    /// <param name="more">Further users, with the same password.</param>
    public static async Task<RealServers> Start(CancellationToken ct, params string[] more)
    {
        var servers = new RealServers(Directory.CreateTempSubdirectory("penguin-real-").FullName);
        File.SetUnixFileMode(servers._folder, (UnixFileMode)0b111_101_101);
        var ports = FreePorts.Take(3);
        (servers.SmtpPort, servers.ImapPort) = (ports[0], ports[1]);
        await servers.StartDovecot(ports[2], more, ct);
        await servers.StartPostfix(ports[2], ct);
        foreach (var port in ports) await servers.UntilListening(port, ct);
        return servers;
    }

    /// <summary>Recipients that Postfix has finished with, as its log names them.</summary>
    public IEnumerable<string> Sent() => from line in Lines(Path.Combine(PostfixFolder, "mail.log"))
                                         where line.Contains("status=sent", StringComparison.Ordinal)
                                         let start = line.IndexOf("to=<", StringComparison.Ordinal) + "to=<".Length
                                         select line[start..line.IndexOf('>', start)];

    public string Logs() => string.Join('\n', Directory.GetFiles(_folder, "*.log", SearchOption.AllDirectories).SelectMany(Lines).TakeLast(60));

    public async ValueTask DisposeAsync()
    {
        await Run("postfix", "-c", PostfixFolder, "stop");
        foreach (var process in _running)
        {
            if (!process.HasExited) await Run("kill", "-TERM", $"{process.Id}");
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    async Task StartDovecot(int authPort, string[] more, CancellationToken ct)
    {
        foreach (var name in new[] { "run", "home" }) Directory.CreateDirectory(Path.Combine(DovecotFolder, name));
        await File.WriteAllTextAsync(Path.Combine(DovecotFolder, "users"), string.Concat(more.Prepend(User).Select(user => $"{user}:{{PLAIN}}{Secret}\n")), ct);
        await Run("chown", "dovecot:", Path.Combine(DovecotFolder, "home"));
        await File.WriteAllTextAsync(Path.Combine(DovecotFolder, "dovecot.conf"), $$"""
            base_dir = {{DovecotFolder}}/run
            state_dir = {{DovecotFolder}}/run
            instance_name = penguin-{{authPort}}
            log_path = {{DovecotFolder}}/dovecot.log
            protocols = imap
            listen = 127.0.0.1
            ssl = no
            disable_plaintext_auth = no
            auth_mechanisms = plain login
            mail_location = maildir:{{DovecotFolder}}/home/%n
            first_valid_uid = 1
            passdb {
              driver = passwd-file
              args = {{DovecotFolder}}/users
            }
            userdb {
              driver = static
              args = uid=dovecot gid=dovecot home={{DovecotFolder}}/home/%n
            }
            service imap-login {
              chroot =
              inet_listener imap {
                port = {{ImapPort}}
              }
              inet_listener imaps {
                port = 0
              }
            }
            service auth {
              inet_listener {
                port = {{authPort}}
              }
            }

            """, ct);
        Launch("dovecot", "-F", "-c", Path.Combine(DovecotFolder, "dovecot.conf"));
    }

    async Task StartPostfix(int authPort, CancellationToken ct)
    {
        foreach (var name in new[] { "queue", "lib" }) Directory.CreateDirectory(Path.Combine(PostfixFolder, name));
        await Run("chown", "postfix:", Path.Combine(PostfixFolder, "lib"));
        await File.WriteAllTextAsync(Path.Combine(PostfixFolder, "main.cf"), $"""
            compatibility_level = 3.6
            queue_directory = {PostfixFolder}/queue
            data_directory = {PostfixFolder}/lib
            maillog_file = {PostfixFolder}/mail.log
            maillog_file_prefixes = {PostfixFolder}
            myhostname = mail.real.example
            mydestination =
            mynetworks =
            alias_maps =
            alias_database =
            local_recipient_maps =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            default_transport = discard
            relay_transport = discard
            local_transport = discard
            smtpd_sasl_auth_enable = yes
            smtpd_sasl_type = dovecot
            smtpd_sasl_path = inet:127.0.0.1:{authPort}
            smtpd_relay_restrictions = permit_sasl_authenticated, reject

            """, ct);
        await File.WriteAllTextAsync(Path.Combine(PostfixFolder, "master.cf"), $"""
            127.0.0.1:{SmtpPort} inet n - n - - smtpd
            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            anvil unix - - n - 1 anvil
            discard unix - - n - - discard
            error unix - - n - - error
            retry unix - - n - - error
            proxymap unix - - n - - proxymap
            tlsmgr unix - - n 1000? 1 tlsmgr
            postlog unix-dgram n - n - 1 postlogd

            """, ct);
        Launch("postfix", "-c", PostfixFolder, "start-fg");
    }

    Task UntilListening(int port, CancellationToken ct) => Listening.Until(port, () => _running.Find(p => p.HasExited) is { } ended ? $"{ended.StartInfo.FileName} ended with {ended.ExitCode}:\n{Logs()}" : null, ct);

    void Launch(string program, params string[] words)
    {
        var process = Process.Start(new ProcessStartInfo(program, words) { WorkingDirectory = "/" }) ?? throw new InvalidOperationException(program + " did not start.");
        _running.Add(process);
    }

    static async Task Run(string program, params string[] words)
    {
        using var process = Process.Start(program, words);
        await process.WaitForExitAsync();
    }

    static IEnumerable<string> Lines(string file) => File.Exists(file) ? File.ReadLines(file) : [];
}
