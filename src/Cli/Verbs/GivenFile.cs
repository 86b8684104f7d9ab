using PenguinMails.Core;

namespace PenguinMails.Cli.Verbs;

/// <summary>What people name to a verb as a file, <c>-</c> for standard input: the one way in, so that no verb waits for a pipe that nobody writes to.</summary>
static class GivenFile
{
    /// <exception cref="IOException">It cannot be read, or is a pipe or a device.</exception>
    public static Stream Open(string path) => path == "-" ? Console.OpenStandardInput() : File.OpenRead(Checked(path));

    /// <inheritdoc cref="Open"/>
    public static async Task<string> Text(string path, CancellationToken ct) => path == "-" ? await Console.In.ReadToEndAsync(ct) : await File.ReadAllTextAsync(Checked(path), ct);

    /// <inheritdoc cref="Open"/>
    public static async Task<byte[]> Octets(string path, CancellationToken ct) => await File.ReadAllBytesAsync(Checked(path), ct);

    /// <returns>The same path.</returns>
    /// <exception cref="IOException">It is a pipe or a device that the shell did not open.</exception>
    public static string Checked(string path) => Refusal(path) is { } why ? throw new IOException(why) : path;

    /// <summary>Why it is not read, as a sentence; null when it may be.</summary>
    public static string? Refusal(string path) =>
        path != "-" && RegularFile.IsPipeOrDevice(path) ? $"{path} is a pipe or a device, and this is read from a file. Write what comes out of it to a file first, or let the shell hand it over as /dev/stdin." : null;
}
