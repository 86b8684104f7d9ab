using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Modules.Tests.Fleet.SpamChecks;

/// <summary>A real Rspamd whose controller listens on a free port of loopback, with the actions of a node, without look-ups in the network.</summary>
public sealed class RspamdProcess : IAsyncLifetime
{
    const string Program = "/usr/bin/rspamd";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    readonly string _folder = Directory.CreateTempSubdirectory("penguin-rspamd-").FullName;
    Process? _process;

    public static bool IsHere => File.Exists(Program);

    public string Endpoint { get; } = $"127.0.0.1:{FreePort()}";

    public async ValueTask InitializeAsync()
    {
        if (!IsHere) return;
        foreach (var name in new[] { "local/local.d", "db", "run", "log" }) Directory.CreateDirectory(Path.Combine(_folder, name));
        foreach (var module in new[] { "worker-normal.inc", "worker-proxy.inc", "worker-fuzzy.inc", "fuzzy_check.conf", "rbl.conf", "surbl.conf", "redis.conf", "neural.conf", "asn.conf" }) Write(module, "enabled = false;\n");
        Write("worker-controller.inc", $"bind_socket = \"{Endpoint}\";\n");
        Write("options.inc", "dns { nameserver = [\"127.0.0.1:9\"]; timeout = 0.1s; retransmits = 1; }\nlocal_addrs = [\"127.0.0.0/8\"];\n");
        Write("actions.conf", "reject = 15;\nadd_header = 6;\ngreylist = null;\nrewrite_subject = null;\n");
        Write("logging.inc", $"type = \"file\";\nfilename = \"{_folder}/log/rspamd.log\";\nlevel = \"warning\";\n");
        var info = new ProcessStartInfo(Program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in new[] { "-f", "-c", "/etc/rspamd/rspamd.conf", $"--var=LOCAL_CONFDIR={_folder}/local", $"--var=DBDIR={_folder}/db", $"--var=RUNDIR={_folder}/run", $"--var=LOGDIR={_folder}/log" }) info.ArgumentList.Add(word);
        if (Environment.IsPrivilegedProcess) info.ArgumentList.Add("--insecure"); // It wants to be told that it may stay root.
        _process = Process.Start(info) ?? throw new InvalidOperationException("rspamd did not start.");
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(Patience);
        while (!await Listens(limit.Token)) await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, limit.Token);
    }

    async Task<bool> Listens(CancellationToken ct)
    {
        if (_process is { HasExited: true }) throw new InvalidOperationException("rspamd ended at its start.");
        try
        {
            using var wire = new TcpClient();
            await wire.ConnectAsync(IPEndPoint.Parse(Endpoint), ct);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, "local/local.d", name), text);

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            // Told politely, its workers go with it.
            if (!_process.HasExited) Process.Start("kill", [$"{_process.Id}"])?.WaitForExit();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }

            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
