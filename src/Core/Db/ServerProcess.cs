using System.Diagnostics;

namespace PenguinMails.Core.Db;

/// <summary>A PostgreSQL that runs as long as this program does, with what it says kept in a file.</summary>
static class ServerProcess
{
    /// <remarks>The parent-death signal follows the thread that forks: a pool thread may end early and take the server with it.</remarks>
    /// <param name="log">Path of the file its lines are appended to.</param>
    public static async Task<Process> Start(ProcessStartInfo command, string log)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var parent = new Thread(() =>
        {
            try
            {
                var process = Process.Start(command) ?? throw new InvalidOperationException("postgres did not start.");
                process.ErrorDataReceived += (_, line) => { if (line.Data is not null) Keep(log, line.Data); };
                process.BeginErrorReadLine();
                started.SetResult(process);
                process.WaitForExit();
            }
            catch (System.ComponentModel.Win32Exception refused)
            {
                started.TrySetException(refused);
            }
        })
        { IsBackground = true, Name = "postgres-parent" };
        parent.Start();
        return await started.Task.ConfigureAwait(false);
    }

    public static ProcessStartInfo Plain(IReadOnlyList<string> words)
    {
        var info = new ProcessStartInfo(words[0]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
        foreach (var word in words.Skip(1)) info.ArgumentList.Add(word);
        return info;
    }

    /// <exception cref="InvalidOperationException">It ended with another code than 0; the message has what it wrote.</exception>
    public static async Task RunToEnd(ProcessStartInfo command, string name, CancellationToken ct)
    {
        using var process = Process.Start(command) ?? throw new InvalidOperationException($"{name} did not start.");
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct).ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{name} failed: {await error.ConfigureAwait(false)}{await output.ConfigureAwait(false)}");
    }

    // Lines come one after the other, and few.
    static void Keep(string log, string line)
    {
        try
        {
            File.AppendAllText(log, line + "\n");
        }
        catch (IOException)
        {
            // The disk is full, which is what the line says. The program must outlive it, to go on when there is room.
        }
    }
}
