using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace PenguinMails.Fleet.Servers.Ssh;

/// <summary>How a program on this machine ended.</summary>
/// <param name="ExitCode">Null when the time ran out, or the caller gave up, and it was ended.</param>
sealed record LocalEnd(int? ExitCode, byte[] Output, string Error, bool IsCut);

/// <summary>Runs one of the programs of OpenSSH by an argument vector, with bounded output and time.</summary>
static class LocalProgram
{
    // An agent or a question of this machine's user must never decide how the product logs in.
    static readonly string[] Unwanted = ["SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY"];

    /// <returns>Null when the program is not installed.</returns>
    public static async Task<LocalEnd?> Run(string name, IReadOnlyList<string> words, ReadOnlyMemory<byte> input, TimeSpan limit, TimeProvider clock, CancellationToken ct)
    {
        using var process = Start(name, words);
        if (process is null) return null;
        using var timer = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct);
        var output = Read(process.StandardOutput.BaseStream, SshSession.OutputBytesMax);
        var error = Read(process.StandardError.BaseStream, SshSession.ErrorBytesMax);
        var written = Write(process, input, either.Token);
        try
        {
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            // The master holds the other ends of the pipes until the remote command ends: nobody waits for that.
            return new(null, [], "", false);
        }

        await written;
        var (said, isCut) = await output;
        var (complained, _) = await error;
        return new(process.ExitCode, said, Encoding.UTF8.GetString(complained), isCut);
    }

    static Process? Start(string name, IReadOnlyList<string> words)
    {
        var info = new ProcessStartInfo(name, words) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var variable in Unwanted) info.Environment.Remove(variable);
        info.Environment["LC_ALL"] = "C";
        try
        {
            return Process.Start(info);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    static async Task Write(Process process, ReadOnlyMemory<byte> input, CancellationToken ct)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, ct);
        }
        catch (Exception refused) when (refused is IOException or OperationCanceledException)
        {
            // The command did not want all of it, or was ended: its exit code says what that means.
        }

        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The same, found while closing.
        }
    }

    // Reads to the end also when no more is kept, so that the writer is not held up.
    static async Task<(byte[] Kept, bool IsCut)> Read(Stream stream, int bytesMax)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[32 * 1024];
        var isCut = false;
        try
        {
            while (await stream.ReadAsync(buffer) is var count and > 0)
            {
                var room = Math.Min(count, bytesMax - (int)kept.Length);
                kept.Write(buffer, 0, room);
                isCut |= room < count;
            }
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The program was ended and nobody listens any more.
        }

        return (kept.ToArray(), isCut);
    }
}
