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
        try
        {
            var file = new FileStream(Path.Combine(Path.GetTempPath(), $"penguin-test-port-{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            lock (Gate) Kept.Add(file);
            return true;
        }
        catch (Exception taken) when (taken is IOException or UnauthorizedAccessException)
        {
            return false; // Another test's, or another user's.
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
