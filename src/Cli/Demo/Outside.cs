using System.Diagnostics;

namespace PenguinMails.Cli.Demo;

/// <summary>The people outside of the small internet: owners of domains, providers of addresses, holders of machines, recipients. Each acts through a script.</summary>
/// <param name="testbed">Folder of <c>person.sh</c>.</param>
public sealed class Outside(string testbed)
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <returns>What the script printed.</returns>
    /// <exception cref="DemoFailed">It failed, or took longer than 90 s.</exception>
    public async Task<string> Act(CancellationToken ct, params string[] words)
    {
        var start = new ProcessStartInfo(Path.Combine(testbed, "person.sh"), words) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new DemoFailed("person.sh did not start.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Limit);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new DemoFailed($"person.sh {words[0]} took longer than {Limit.TotalSeconds:0} s.");
        }

        return process.ExitCode == 0 ? await output : throw new DemoFailed($"person.sh {words[0]} ended with {process.ExitCode}: {await output}{await error}");
    }
}
