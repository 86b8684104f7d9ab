using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Mail.Tests.Peers;

/// <summary>One server that others wrote, in a folder of its own, on loopback.</summary>
sealed class PeerProcess : IAsyncDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    readonly List<Process> _running = [];
    readonly List<Func<Task>> _farewells = [];

    public PeerProcess()
    {
        Folder = Directory.CreateTempSubdirectory("penguin-peer-").FullName;
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
    }

    public string Folder { get; }

    public string Path(string name) => System.IO.Path.Combine(Folder, name);

    /// <summary>The whole repository's folder of unpacked servers, or the reason to skip.</summary>
    public static string Unpacked()
    {
        Root();
        var folder = Environment.GetEnvironmentVariable("PENGUIN_PEERS") ?? System.IO.Path.GetFullPath(System.IO.Path.Combine(AppContext.BaseDirectory, "../../../peers"));
        Assert.SkipUnless(File.Exists(System.IO.Path.Combine(folder, "unpacked")), "Exim and OpenSMTPD are not unpacked: run tests/peers.");
        return System.IO.Path.Combine(folder, "root");
    }

    /// <summary>Mail servers start as root and give its rights away themselves.</summary>
    public static void Root() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "Mail servers start as root only.");

    public static void Needs(string program, string package) =>
        Assert.SkipUnless((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Any(folder => File.Exists(System.IO.Path.Combine(folder, program))), $"{program} is missing: sudo apt-get install {package}");

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(name))!);
        File.WriteAllText(Path(name), text.ReplaceLineEndings("\n"));
        return Path(name);
    }

    /// <summary>Writes one of the configurations beside this file, its <c>@NAMES@</c> filled in.</summary>
    public string Fill(string template, string name, params (string Name, object Value)[] values)
    {
        (string Name, object Value)[] always = [("FOLDER", Folder), ("HOST", MailServerPeer.Host), ("USER", MailServerPeer.User), ("SECRET", MailServerPeer.Secret), ("SIZE", MailServerPeer.MessageOctetsMax)];
        var text = File.ReadAllText(System.IO.Path.Combine(AppContext.BaseDirectory, "Peers", template));
        return Write(name, always.Concat(values).Aggregate(text, (filled, one) => filled.Replace($"@{one.Name}@", $"{one.Value}", StringComparison.Ordinal)));
    }

    public void Launch(string program, params string[] words)
    {
        var process = Process.Start(new ProcessStartInfo(program, words) { WorkingDirectory = "/", RedirectStandardOutput = true, RedirectStandardError = true })!;
        _running.Add(process);
        void Keep(string? line)
        {
            if (line is not null) lock (_running) File.AppendAllText(Path("said.log"), line + "\n");
        }

        process.OutputDataReceived += (_, said) => Keep(said.Data);
        process.ErrorDataReceived += (_, said) => Keep(said.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Called before the processes are ended.</summary>
    public void AtEnd(Func<Task> farewell) => _farewells.Add(farewell);

    public Task UntilListening(int port, CancellationToken ct) => Listening.Until(port, () => _running.Find(p => p.HasExited) is { } ended ? $"{ended.StartInfo.FileName} ended with {ended.ExitCode}:\n{Logs()}" : null, ct);

    public string Logs()
    {
        lock (_running) return string.Join('\n', Directory.GetFiles(Folder, "*log", SearchOption.AllDirectories).Where(file => file.EndsWith(".log", StringComparison.Ordinal) || file.EndsWith("mainlog", StringComparison.Ordinal)).SelectMany(File.ReadLines).TakeLast(80));
    }

    public static async Task<(int Code, string Said)> Run(string program, IEnumerable<string> words, string? input, CancellationToken ct, IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) info.Environment[name] = value;
        using var process = Process.Start(info)!;
        if (input is not null) await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, said[0] + said[1]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var farewell in _farewells) await farewell();
        foreach (var process in _running)
        {
            if (!process.HasExited) await Run("kill", ["-TERM", $"{process.Id}"], null, CancellationToken.None);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        for (var attempt = 0; ; attempt++)
        {
            // Children of a daemon may write their last line after it has gone.
            try { Directory.Delete(Folder, recursive: true); return; }
            catch (IOException) when (attempt < 20) { await Task.Delay(Pause, TimeProvider.System); }
        }
    }
}
