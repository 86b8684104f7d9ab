using System.Diagnostics;
using System.Globalization;

namespace PenguinMails.Bench;

/// <summary>Memory of the idle program, and how long a second start takes, measured on the program itself.</summary>
static class IdleBench
{
    public static async Task Run(CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("penguin-idle-").FullName;
        if (Environment.IsPrivilegedProcess) File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        try
        {
            await Measure(folder, ct);
            var (seconds, megabytes) = await Measure(folder, ct);
            Stage.Row("Second start of ./penguin up, until ready", $"{seconds:F1} s", "", "", "under 5 s");
            Stage.Row("Program idle for 15 s, resident (its PostgreSQL not counted)", $"{megabytes} MB", "", "", "under 250 MB");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<(double Seconds, long Megabytes)> Measure(string folder, CancellationToken ct)
    {
        var info = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "penguin"), ["up", "--json"]) { RedirectStandardOutput = true };
        foreach (var (key, value) in new[] { ("DATA__FOLDER", folder), ("WEB__LISTEN", "127.0.0.1:0"), ("EDGE__LISTEN", "127.0.0.1:0"), ("SANDBOX__SMTP", "127.0.0.1:0"), ("SANDBOX__DNS", "127.0.0.1:0") })
            info.Environment["PENGUIN__" + key] = value;
        var started = Stopwatch.GetTimestamp();
        using var penguin = Process.Start(info) ?? throw new InvalidOperationException("penguin did not start.");
        while (await penguin.StandardOutput.ReadLineAsync(ct) is { } line && !line.StartsWith('{'))
        {
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Task.Delay(TimeSpan.FromSeconds(15), TimeProvider.System, ct);
        var kilobytes = File.ReadLines($"/proc/{penguin.Id}/status").First(l => l.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        using var stop = Process.Start("kill", ["-TERM", penguin.Id.ToString(CultureInfo.InvariantCulture)]);
        await penguin.WaitForExitAsync(ct);
        return (seconds, long.Parse(kilobytes, CultureInfo.InvariantCulture) / 1024);
    }
}
