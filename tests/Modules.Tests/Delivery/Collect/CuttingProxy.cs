using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Modules.Tests.Delivery.Collect;

/// <summary>Stands between a client and a server on loopback and cuts each connection off after so many octets of the server's.</summary>
sealed class CuttingProxy : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly int _target;
    readonly Task _accepting;

    public CuttingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Octets that the next connection may bring; null for all.</summary>
    public int? Octets { get; set; }

    public int Cuts { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    async Task Accept()
    {
        while (!_stop.IsCancellationRequested)
        {
            using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            using var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            var up = Pump(client.GetStream(), server.GetStream(), int.MaxValue);
            var down = Pump(server.GetStream(), client.GetStream(), Octets ?? int.MaxValue);
            await Task.WhenAny(up, down);
            client.Client.Close(0); // A reset, as of a cable that is pulled.
            server.Close();
            await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task Pump(NetworkStream from, NetworkStream to, int octets)
    {
        var room = new byte[4096];
        while (octets > 0 && await from.ReadAsync(room, _stop.Token) is > 0 and var got)
        {
            var take = Math.Min(got, octets);
            await to.WriteAsync(room.AsMemory(0, take), _stop.Token);
            octets -= take;
        }

        if (octets == 0) Cuts++;
    }
}
