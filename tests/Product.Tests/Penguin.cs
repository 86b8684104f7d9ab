using System.Diagnostics;
using System.Text.Json;

namespace PenguinMails.Product.Tests;

/// <summary>The program as people run it: a process of its own, with a folder of its own, on free ports.</summary>
public sealed class Penguin : IAsyncDisposable
{
    static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    readonly Dictionary<string, string> _environment = [];
    readonly List<string> _lines = [];
    Process? _process;

    readonly string[] _words;
    readonly bool _ownsFolder;

    Penguin(string folder, string[] words, bool ownsFolder) => (Folder, _words, _ownsFolder) = (folder, words, ownsFolder);

    public string Folder { get; }
    public Uri Web { get; private set; } = new("http://localhost/");
    public int SandboxSmtpPort { get; private set; }
    public string? Claim { get; private set; }
    /// <summary>What it wrote after it was ready, and all of its errors; whole once it has stopped.</summary>
    public string Output
    {
        get
        {
            lock (_lines) return string.Join('\n', _lines);
        }
    }

    /// <summary>Its environment, for verbs on the same folder.</summary>
    public Dictionary<string, string> Settings => _environment;
    public string Journal => Path.Combine(Folder, "sandbox", "journal.jsonl");

    public static string Root { get; } = FindRoot();
    public static string Samples => Path.Combine(Root, "samples");
    static string Program => Path.Combine(AppContext.BaseDirectory, "penguin");

    /// <param name="settings">PENGUIN__ keys without the prefix.</param>
    public static async Task<Penguin> Start(CancellationToken ct, params (string Key, string Value)[] settings)
    {
        var penguin = Prepare(settings);
        await penguin.Launch(ct);
        return penguin;
    }

    /// <summary>A folder and ports, and nothing that runs yet.</summary>
    public static Penguin Prepare(params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("penguin-product-").FullName;
        if (Environment.IsPrivilegedProcess) File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var penguin = new Penguin(folder, ["up"], ownsFolder: true);
        var ports = FreePorts.Take(4);
        var defaults = new (string Key, string Value)[]
        {
            ("DATA__FOLDER", folder), ("WEB__LISTEN", $"127.0.0.1:{ports[0]}"), ("EDGE__LISTEN", $"127.0.0.1:{ports[1]}"), ("SANDBOX__SMTP", $"127.0.0.1:{ports[2]}"),
            ("SANDBOX__DNS", $"127.0.0.1:{ports[3]}"), ("DELIVERY__RETRYSECONDS", "1"), ("DELIVERY__VISITSOONSECONDS", "0"), ("DELIVERY__VISITSETTLESECONDS", "2"), ("DELIVERY__LEASESECONDS", "5"), ("ACCOUNTS__PASSWORDITERATIONS", "10000"),
        };
        foreach (var (key, value) in defaults.Concat(settings)) penguin._environment["PENGUIN__" + key] = value;
        return penguin;
    }

    /// <summary>Another process on the same folder and database, with some of the roles and a sandbox on ports of its own.</summary>
    public Penguin Beside(string roles)
    {
        var ports = FreePorts.Take(2);
        var other = new Penguin(Folder, ["run", "--roles", roles], ownsFolder: false);
        foreach (var (key, value) in _environment) other._environment[key] = value;
        (other._environment["PENGUIN__SANDBOX__SMTP"], other._environment["PENGUIN__SANDBOX__DNS"]) = ($"127.0.0.1:{ports[0]}", $"127.0.0.1:{ports[1]}");
        return other;
    }

    /// <summary>Starts the program again on the same folder and ports.</summary>
    public async Task Launch(CancellationToken ct)
    {
        var info = new ProcessStartInfo(Program, [.. _words, "--json"]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };
        foreach (var (key, value) in _environment) info.Environment[key] = value;
        info.Environment["DOTNET_EnableDiagnostics"] = "0"; // Whose sockets a killed process leaves in the folder for temporary files.
        _process = Process.Start(info) ?? throw new InvalidOperationException("penguin did not start.");
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginErrorReadLine();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(StartPatience);
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (!line.StartsWith('{')) continue;
            var ready = JsonDocument.Parse(line).RootElement;
            Web = new Uri(ready.GetProperty("web").GetString()!);
            SandboxSmtpPort = ready.GetProperty("sandbox_smtp").GetString() is { } sandbox ? int.Parse(sandbox.Split(':')[^1]) : 0;
            Claim = ready.GetProperty("claim").GetString();
            _ = Listen(_process.StandardOutput);
            return;
        }

        throw new InvalidOperationException("penguin ended: " + Output);
    }

    async Task Listen(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line) Note(line);
    }

    void Note(string? line)
    {
        if (line is null) return;
        lock (_lines) _lines.Add(line);
    }

    /// <summary>As the kernel does when memory runs out: no chance to say goodbye.</summary>
    public async Task Kill()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Kills the private PostgreSQL with all its sessions.</summary>
    /// <param name="andProgram">As if the power had gone. In this order, because a server whose program is gone ends by itself, in good order.</param>
    public async Task KillDatabase(bool andProgram = false)
    {
        var pid = int.Parse(File.ReadLines(Path.Combine(Folder, "db", "data", "postmaster.pid")).First(), System.Globalization.CultureInfo.InvariantCulture);
        using var server = Process.GetProcessById(pid);
        server.Kill(entireProcessTree: true);
        if (andProgram) await Kill();
        await server.WaitForExitAsync();
    }

    public bool HasEnded => _process is null or { HasExited: true };

    /// <summary>SIGTERM, as systemd does. The exit code.</summary>
    public async Task<int> Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString()]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false }) await Stop();
        _process?.Dispose();
        if (_ownsFolder) Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Runs a verb to its end.</summary>
    public static Task<(int Code, string Output, string Error)> Verb(CancellationToken ct, params string[] words) => Verb([], ct, words);

    public static Task<(int Code, string Output, string Error)> Verb(Dictionary<string, string> environment, CancellationToken ct, params string[] words) => Answer("", environment, ct, words);

    /// <param name="input">What a person types.</param>
    public static async Task<(int Code, string Output, string Error)> Answer(string input, Dictionary<string, string> environment, CancellationToken ct, params string[] words)
    {
        var info = new ProcessStartInfo(Program, words) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };
        foreach (var (name, value) in environment) info.Environment[name] = value;
        using var process = Process.Start(info) ?? throw new InvalidOperationException("penguin did not start.");
        await process.StandardInput.WriteAsync(input.AsMemory(), ct);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, await output, await error);
    }

    static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "PenguinMails.slnx"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Not inside the repository.");
        return folder;
    }
}
