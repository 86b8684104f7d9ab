using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>A cable that can be cut: hands each connection on to another port of loopback.</summary>
sealed class Relay : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _end = new();
    readonly List<TcpClient> _open = [];
    readonly Task _accepting;
    volatile bool _frozen;

    public Relay(int port)
    {
        _listener.Start();
        _accepting = Accept(port);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Bytes go nowhere from now on, and nobody is told.</summary>
    public void Freeze() => _frozen = true;

    public void Cut()
    {
        lock (_open) _open.ForEach(client => client.Close());
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _end.Dispose();
    }

    async Task Accept(int port)
    {
        var copies = new List<Task>();
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync(_end.Token);
                var far = new TcpClient();
                await far.ConnectAsync(IPAddress.Loopback, port, _end.Token);
                lock (_open) _open.AddRange([near, far]);
                copies.AddRange([Copy(near, far), Copy(far, near)]);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(copies);
        }
    }

    async Task Copy(TcpClient from, TcpClient to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _end.Token) is var count and > 0)
            {
                if (!_frozen) await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _end.Token);
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // One end is gone; so is the other.
        }

        to.Close();
    }
}
