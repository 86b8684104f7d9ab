using System.Diagnostics;

namespace PenguinMails.Bench.Sending;

/// <summary>A Postfix of its own on loopback that relays everything to the sink, from a folder that is removed afterwards.</summary>
sealed class PostfixRelay : IAsyncDisposable
{
    const int Port = 2594;

    static readonly string[] Queues = ["maildrop", "incoming", "active", "deferred"];

    readonly string _folder;
    readonly Process _master;

    PostfixRelay(string folder, Process master) => (_folder, _master) = (folder, master);

    /// <exception cref="InvalidOperationException">It is not the user root, whom Postfix needs.</exception>
    public static async Task<PostfixRelay> Start(int sink, CancellationToken ct)
    {
        if (!Environment.IsPrivilegedProcess) throw new InvalidOperationException("Postfix is started as root only. Run the measure as root.");
        var folder = Directory.CreateTempSubdirectory("penguin-bench-postfix-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        foreach (var name in new[] { "queue", "lib" }) Directory.CreateDirectory(Path.Combine(folder, name));
        await Run("chown", ["postfix:", Path.Combine(folder, "lib")], ct);
        foreach (var name in new[] { "main.cf", "master.cf" })
        {
            var text = await File.ReadAllTextAsync(Path.Combine(Peers.Folder("postfix"), name), ct);
            await File.WriteAllTextAsync(Path.Combine(folder, name), text.Replace("@FOLDER@", folder, StringComparison.Ordinal).Replace("@SINK@", $"{sink}", StringComparison.Ordinal).Replace("@PORT@", $"{Port}", StringComparison.Ordinal), ct);
        }

        var master = Peers.Start("/usr/sbin/postfix", ["-c", folder, "start-fg"]);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, ct);
        return new(folder, master);
    }

    /// <summary>From the first message that smtp-source hands over until the last has left the queue.</summary>
    /// <returns>Messages a second.</returns>
    public async Task<double> Relay(int messages, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        await Peers.Source(Port, messages, ct);
        while (Queues.Any(queue => Directory.Exists(Path.Combine(_folder, "queue", queue)) && Directory.EnumerateFiles(Path.Combine(_folder, "queue", queue), "*", SearchOption.AllDirectories).Any()))
        {
            if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromMinutes(5)) throw new InvalidOperationException("Postfix did not empty its queue within five minutes.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ct);
        }

        return messages / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await Run("/usr/sbin/postfix", ["-c", _folder, "stop"], CancellationToken.None);
        await _master.WaitForExitAsync();
        _master.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    static async Task Run(string program, string[] words, CancellationToken ct)
    {
        using var process = Peers.Start(program, words);
        await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
    }
}
