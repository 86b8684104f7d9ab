using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using PenguinMails.Mail.Tests.Peers;

namespace PenguinMails.Modules.Tests.Fleet.Dns;

/// <summary>BIND or PowerDNS as unpacked by <c>tests/dns-servers</c>, in a folder of its own, on free ports of loopback.</summary>
sealed class DnsServerProcess : IAsyncDisposable
{
    public const string KeyName = "penguin-key";
    public const string Secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    public const string ApiKey = "api-key-for-tests";


    readonly string _folder = Directory.CreateTempSubdirectory("penguin-dns-").FullName;
    readonly List<string> _said = [];
    Process? _process;

    public int Port { get; } = FreePort();

    public int ApiPort { get; } = FreePort();

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Port);

    static string Root()
    {
        var folder = Environment.GetEnvironmentVariable("PENGUIN_DNS_SERVERS") ?? Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../dns-servers"));
        Assert.SkipUnless(File.Exists(Path.Combine(folder, "unpacked")), "PowerDNS and BIND are not unpacked: run tests/dns-servers.");
        return Path.Combine(folder, "root");
    }

    static string Libraries(string root) => string.Join(':', Directory.GetDirectories(Path.Combine(root, "usr/lib"), "*-linux-gnu*").Concat(Directory.Exists(Path.Combine(root, "lib")) ? Directory.GetDirectories(Path.Combine(root, "lib"), "*-linux-gnu*") : []));

    // A port that is free for UDP and TCP a moment ago.
    static int FreePort()
    {
        using var tcp = new TcpListener(IPAddress.Loopback, 0);
        tcp.Start();
        var port = ((IPEndPoint)tcp.LocalEndpoint).Port;
        try
        {
            using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
            return port;
        }
        catch (SocketException)
        {
            return FreePort();
        }
    }

    /// <summary>BIND with one zone that takes updates, and <c>test</c> above it that does not. Lines are those of a zone file.</summary>
    /// <param name="granted">What the key may do, as in <c>allow-update</c>.</param>
    public static async Task<DnsServerProcess> Bind(string zone, string[] lines, string[]? above = null, string algorithm = "hmac-sha256", string granted = "key penguin-key;", CancellationToken ct = default)
    {
        var root = Root();
        var server = new DnsServerProcess();
        server.Write("zone", $"$TTL 60\n@ SOA ns1 hostmaster 1 600 60 86400 1\n@ NS ns1\nns1 A 127.0.0.1\n{string.Join('\n', lines)}\n");
        server.Write("above", $"$TTL 60\n@ SOA ns1 hostmaster 1 600 60 86400 1\n@ NS ns1\nns1 A 127.0.0.1\n{string.Join('\n', above ?? [])}\n");
        server.Write("named.conf", $$"""
            key "{{KeyName}}" { algorithm {{algorithm}}; secret "{{Secret}}"; };
            key "other-key" { algorithm hmac-sha256; secret "{{Secret}}"; };
            options { directory "{{server._folder}}"; listen-on port {{server.Port}} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file none; session-keyfile none; lock-file none; dnssec-validation no; notify no; };
            controls { };
            zone "{{zone}}" { type primary; file "zone"; allow-update { {{granted}} }; };
            {{(zone == "test" ? "" : "zone \"test\" { type primary; file \"above\"; };")}}
            """);
        server.Start(root, "usr/sbin/named", "-g", "-n", "1", "-c", Path.Combine(server._folder, "named.conf"));
        await server.UntilListening(server.Port, ct);
        return server;
    }

    /// <summary>PowerDNS with its API and no zone yet.</summary>
    public static async Task<DnsServerProcess> PowerDns(CancellationToken ct)
    {
        var root = Root();
        var server = new DnsServerProcess();
        var schema = Path.Combine(root, "usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql");
        using (var made = server.Run(root, "usr/bin/sqlite3", server.At("zones.db"), $".read {schema}")) await made.WaitForExitAsync(ct);
        var modules = Directory.GetDirectories(Path.Combine(root, "usr/lib"), "pdns", SearchOption.AllDirectories)[0];
        server.Write("pdns.conf", $"""
            module-dir={modules}
            launch=gsqlite3
            gsqlite3-database={server.At("zones.db")}
            gsqlite3-pragma-synchronous=0
            local-address=127.0.0.1
            local-port={server.Port}
            socket-dir={server._folder}
            api=yes
            api-key={ApiKey}
            webserver=yes
            webserver-address=127.0.0.1
            webserver-port={server.ApiPort}
            cache-ttl=0
            query-cache-ttl=0
            negquery-cache-ttl=0
            zone-cache-refresh-interval=0
            guardian=no
            daemon=no
            loglevel=4
            """);
        server.Start(root, "usr/sbin/pdns_server", $"--config-dir={server._folder}");
        await server.UntilListening(server.ApiPort, ct);
        await server.UntilListening(server.Port, ct);
        return server;
    }

    /// <summary>Makes a zone in PowerDNS as its owner would.</summary>
    public async Task MakeZone(string zone, CancellationToken ct, params (string Name, string Type, string[] Contents)[] sets)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("X-API-Key", ApiKey);
        var body = new
        {
            name = zone + ".", kind = "Native", nameservers = new[] { $"ns1.{zone}." },
            rrsets = sets.Append(("ns1." + zone, "A", ["127.0.0.1"])).Select(set => new { name = set.Item1 + ".", type = set.Item2, ttl = 60, records = set.Item3.Select(content => new { content, disabled = false }) }),
        };
        using var answer = await client.PostAsJsonAsync($"http://127.0.0.1:{ApiPort}/api/v1/servers/localhost/zones", body, ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(ct));
    }

    string At(string name) => Path.Combine(_folder, name);

    void Write(string name, string text) => File.WriteAllText(At(name), text.ReplaceLineEndings("\n"));

    Process Run(string root, string program, params string[] words)
    {
        var info = new ProcessStartInfo(Path.Combine(root, program), words) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        info.Environment["LD_LIBRARY_PATH"] = Libraries(root);
        return Process.Start(info)!;
    }

    void Start(string root, string program, params string[] words)
    {
        _process = Run(root, program, words);
        void Keep(string? line)
        {
            if (line is not null) lock (_said) _said.Add(line);
        }

        _process.OutputDataReceived += (_, said) => Keep(said.Data);
        _process.ErrorDataReceived += (_, said) => Keep(said.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    Task UntilListening(int port, CancellationToken ct) => Listening.Until(port, () => _process is { HasExited: true } ? $"The server ended with {_process.ExitCode}:\n{Log}" : null, ct);

    public string Log
    {
        get
        {
            lock (_said) return string.Join('\n', _said.TakeLast(60));
        }
    }

    /// <summary>A server that hangs: it takes connections and says nothing.</summary>
    public void Freeze() => _ = Kill(_process!.Id, 19);

    public void Thaw() => _ = Kill(_process!.Id, 18);

    [DllImport("libc", EntryPoint = "kill")]
    static extern int Kill(int process, int signal);

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            Thaw();
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
