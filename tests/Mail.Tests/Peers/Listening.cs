using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Mail.Tests.Peers;

/// <summary>Waits for a server that was started.</summary>
static class Listening
{
    static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <param name="ended">What the server said when it has ended; null while it runs.</param>
    /// <exception cref="InvalidOperationException">The server ended.</exception>
    public static async Task Until(int port, Func<string?> ended, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(StartPatience);
        while (true)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                if (ended() is { } said) throw new InvalidOperationException(said);
                await Task.Delay(Pause, TimeProvider.System, limit.Token);
            }
        }
    }
}
