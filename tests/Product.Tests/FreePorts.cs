using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace PenguinMails.Product.Tests;

/// <summary>Ports that nobody listens on and no other test is given, also not while the program that was given one is being started again.</summary>
/// <remarks>Below those that outgoing connections take (32768 and up). A file that is locked while this process lives keeps a port from tests of other processes.</remarks>
static class FreePorts
{
    const int From = 20_000, To = 32_000;
    static readonly Lock Gate = new();
    static readonly List<FileStream> Kept = [];
    static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    static FreePorts()
    {
        // What a killed run left. Not younger: a file may be gone under a process that is just locking it.
        foreach (var path in Directory.EnumerateFiles(Path.GetTempPath(), FileName("*")).Where(path => TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(path) > Forgotten)) Open(path)?.Dispose();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kept.ForEach(file => file.Dispose());
    }

    public static int[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(From, To);
            if (Keep(port) && IsFree(port)) return port;
        }
    }

    static bool Keep(int port)
    {
        if (Open(Path.Combine(Path.GetTempPath(), FileName(port.ToString(CultureInfo.InvariantCulture)))) is not { } file) return false;
        lock (Gate) Kept.Add(file);
        return true;
    }

    static string FileName(string port) => "penguin-test-port-" + port;

    /// <returns>Null: another test's, or another user's.</returns>
    static FileStream? Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception taken) when (taken is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
