using System.Diagnostics;
using System.Globalization;
using PenguinMails.Bench.Sending;

namespace PenguinMails.Bench;

/// <summary>The programs that are measured beside ours.</summary>
static class Peers
{
    const int Connections = 10;

    /// <summary>Takes every message and throws it away.</summary>
    public static Process Sink(int port) => Start("/usr/sbin/smtp-sink", ["-u", "postfix", $"127.0.0.1:{port}", "200"]);

    /// <returns>Messages a second.</returns>
    public static async Task<double> Nodemailer(int port, int messages, CancellationToken ct) => await Rate("run.js", [$"{port}", $"{messages}", $"{Sendings.BodyBytes}"], ct);

    /// <summary>The same messages from the same rows as ours, which stay as they are.</summary>
    /// <returns>Messages a second.</returns>
    public static async Task<double> ReadingNodemailer(int port, Stage stage, Guid warmUp, Guid campaign, CancellationToken ct) =>
        await Rate("rows.js", [$"{port}", $"{Sendings.BodyBytes}", Path.Combine(stage.DataFolder, "db"), $"{stage.Tenant.Value}", $"{warmUp}", $"{campaign}"], ct);

    /// <summary>smtp-source over connections that stay open.</summary>
    /// <returns>Messages a second.</returns>
    public static async Task<double> Source(int port, int messages, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        using var source = Start("/usr/sbin/smtp-source",
            ["-d", "-s", $"{Connections}", "-m", $"{messages}", "-l", $"{Sendings.BodyBytes}", "-f", "sender@bench.example", "-t", "person@company.example", $"127.0.0.1:{port}"]);
        await source.WaitForExitAsync(ct);
        return source.ExitCode == 0 ? messages / Stopwatch.GetElapsedTime(started).TotalSeconds : throw new InvalidOperationException("smtp-source failed.");
    }

    /// <summary>Where a peer of bench/peers lies.</summary>
    public static string Folder(string name) => Path.Combine(AppContext.BaseDirectory[..AppContext.BaseDirectory.IndexOf("artifacts", StringComparison.Ordinal)], "bench", "peers", name);

    public static Process Start(string program, string[] words)
    {
        if (program.StartsWith('/') && !File.Exists(program)) throw new InvalidOperationException($"{program} of the package postfix is missing. Run: apt-get install -y --no-install-recommends postfix");
        return Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true }) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    static async Task<double> Rate(string script, string[] words, CancellationToken ct)
    {
        using var node = Start("node", [Path.Combine(Folder("nodemailer"), script), .. words]);
        var output = await node.StandardOutput.ReadToEndAsync(ct);
        await node.WaitForExitAsync(ct);
        return node.ExitCode == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : throw new InvalidOperationException($"{script} failed.");
    }
}
