using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PenguinMails.Mail.Tests.Transcripts;

/// <summary>Stands between a client and a server and writes down what they say: one connection.</summary>
sealed class Tap : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly List<(bool IsClient, string Line)> _lines = [];
    readonly Task _passing;

    public Tap(int serverPort)
    {
        _listener.Start();
        _passing = Pass(serverPort);
    }

    public DnsEndPoint EndPoint => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    public Transcript Heard { get { lock (_lines) return new Transcript([.. _lines]); } }

    public async ValueTask DisposeAsync()
    {
        _stop.CancelAfter(TimeSpan.FromSeconds(2));
        await _passing;
        _listener.Dispose();
        _stop.Dispose();
    }

    async Task Pass(int serverPort)
    {
        try
        {
            using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            using var server = new TcpClient { NoDelay = true };
            await server.ConnectAsync(IPAddress.Loopback, serverPort, _stop.Token);
            await Task.WhenAll(Pump(client, server, true), Pump(server, client, false));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or InvalidOperationException)
        {
            // One of the two left: the dialogue is over.
        }
    }

    async Task Pump(TcpClient from, TcpClient to, bool isClient)
    {
        var room = new byte[16 * 1024];
        var line = new List<byte>();
        var (source, target) = (from.GetStream(), to.GetStream());
        while (await source.ReadAsync(room, _stop.Token) is > 0 and var count)
        {
            foreach (var octet in room.AsSpan(0, count))
            {
                if (octet != '\n') { line.Add(octet); continue; }
                lock (_lines) _lines.Add((isClient, Encoding.UTF8.GetString([.. line]).TrimEnd('\r')));
                line.Clear();
            }

            await target.WriteAsync(room.AsMemory(0, count), _stop.Token);
        }

        to.Client.Shutdown(SocketShutdown.Send);
    }
}
