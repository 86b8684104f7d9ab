using System.CommandLine;
using System.Text.Json;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>One input: a file, or standard input as <c>-</c>.</summary>
sealed record MailInput(string Path, byte[] Octets);

/// <summary>Files, folders (with everything below them, by name) and <c>-</c>, one after the other, each giving one JSON object or one block of text.</summary>
static class MailInputs
{
    /// <summary>Octets of one input; a larger one is refused by name.</summary>
    public const long OctetsMax = 256 * 1024 * 1024;

    public static Argument<string[]> Paths() => new("path") { Description = "Files, folders, or - for standard input.", Arity = ArgumentArity.OneOrMore };

    public static Option<bool> Json() => new("--json") { Description = "One JSON object for each input, on its own line." };

    /// <param name="read">Gives the object that is printed as JSON.</param>
    /// <param name="text">The same for people.</param>
    /// <returns>0 when every input was processed, 1 when one could not be read.</returns>
    public static async Task<int> Each<T>(string[] paths, bool json, Func<MailInput, CancellationToken, ValueTask<T>> read, Func<T, string> text, CancellationToken ct)
    {
        var failed = 0;
        await using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 64 * 1024);
        foreach (var path in paths.SelectMany(Expand))
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                var made = await read(new MailInput(path, await Load(path, ct)), ct);
                await output.WriteLineAsync((json ? Core.Json.Write(made) : text(made)).AsMemory(), ct);
            }
            catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
            {
                failed++;
                await Console.Error.WriteLineAsync($"penguin mail: {path}: {unread.Message}");
                if (json) await output.WriteLineAsync(JsonSerializer.Serialize(new { path, error = unread.Message }, Core.Json.Web).AsMemory(), ct);
            }
        }

        return failed == 0 ? 0 : 1;
    }

    static IEnumerable<string> Expand(string path) =>
        path != "-" && Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : [path];

    static async Task<byte[]> Load(string path, CancellationToken ct)
    {
        await using var stream = GivenFile.Open(path);
        using var octets = new MemoryStream();
        var block = new byte[64 * 1024];
        while (await stream.ReadAsync(block, ct) is > 0 and var count)
        {
            if (octets.Length + count > OctetsMax) throw new IOException($"More than {OctetsMax / 1024 / 1024} MB; split it first.");
            octets.Write(block, 0, count);
        }

        return octets.ToArray();
    }
}
