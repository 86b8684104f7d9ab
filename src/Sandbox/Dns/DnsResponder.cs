using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Sandbox.Dns;

/// <summary>Answers questions about the sandbox's zone, by UDP and TCP on one port; every other name does not exist.</summary>
sealed class DnsResponder : IAsyncDisposable
{
    const int PortAttemptsMax = 50;
    const int AliasesMax = 8;
    const int StreamOctetsMax = 65_535;
    const int StreamsMax = 100;

    readonly Socket _udp;
    readonly Socket _tcp;
    readonly CancellationTokenSource _stopping = new();
    readonly SemaphoreSlim _streams = new(StreamsMax);
    readonly Task _serving;

    DnsResponder(Socket udp, Socket tcp, Zone zone)
    {
        (_udp, _tcp, Zone) = (udp, tcp, zone);
        Endpoint = udp.LocalEndPoint as IPEndPoint ?? throw new InvalidOperationException("The socket has no address.");
        _serving = Task.WhenAll(Task.Run(Datagrams), Task.Run(Streams));
    }

    public IPEndPoint Endpoint { get; }

    public Zone Zone { get; }

    public static DnsResponder Start(IPEndPoint endpoint, Zone zone)
    {
        for (var attempt = 1; ; attempt++)
        {
            var tcp = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            var udp = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                tcp.Bind(endpoint);
                tcp.Listen();
                udp.Bind(tcp.LocalEndPoint ?? endpoint); // The same port; with port 0 somebody may hold its UDP half.
                return new DnsResponder(udp, tcp, zone);
            }
            catch (SocketException) when (endpoint.Port == 0 && attempt < PortAttemptsMax)
            {
                tcp.Dispose();
                udp.Dispose();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving;
        for (var i = 0; i < StreamsMax; i++) await _streams.WaitAsync();
        _udp.Dispose();
        _tcp.Dispose();
        _stopping.Dispose();
        _streams.Dispose();
    }

    /// <summary>Null for what deserves no answer.</summary>
    internal byte[]? Answer(ReadOnlySpan<byte> octets, bool isStream)
    {
        if (DnsWire.Read(octets) is not { } question) return null;
        var octetsMax = isStream ? StreamOctetsMax : question.UdpOctetsMax;
        if (question.Operation != 0) return DnsWire.Answer(question, DnsWire.NotImplemented, [], [], octetsMax);
        if (question.Class != 1) return DnsWire.Answer(question, DnsWire.Refused, [], [], octetsMax);
        var (code, answers, last) = Look(question.Name, (DnsType)question.Type);
        var authority = answers.Exists(set => (int)set.Type == question.Type) || Zone.Authority(last) is not { } soa ? [] : new[] { soa };
        return DnsWire.Answer(question, code, [.. answers.SelectMany(Wire)], [.. authority.SelectMany(Wire)], octetsMax);
    }

    (int Code, List<RecordSet> Answers, string Last) Look(string name, DnsType type)
    {
        var answers = new List<RecordSet>();
        for (var hops = 0; hops <= AliasesMax; hops++)
        {
            if (Zone.Find(name, type) is { } found) return (DnsWire.Success, [.. answers, found], name);
            if (Zone.Find(name, DnsType.Cname) is not { } alias) return (Zone.Exists(name) ? DnsWire.Success : DnsWire.NameError, answers, name);
            answers.Add(alias);
            name = Zone.Normal(alias.Values[0]);
        }

        return (DnsWire.Success, answers, name);
    }

    static IEnumerable<byte[]> Wire(RecordSet set) => set.Values.Select(value => DnsWire.Record(set.Host, set.Type, value));

    async Task Datagrams()
    {
        var room = new byte[4096];
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var got = await _udp.ReceiveFromAsync(room, SocketFlags.None, new IPEndPoint(_udp.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0), _stopping.Token);
                if (Answer(room.AsSpan(0, got.ReceivedBytes), false) is { } answer) await _udp.SendToAsync(answer, SocketFlags.None, got.RemoteEndPoint, _stopping.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // A client that closed its port, or our own stop, which the loop's condition tells apart.
            }
        }
    }

    async Task Streams()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _streams.WaitAsync(_stopping.Token);
                var socket = await Accept();
                _ = Task.Run(() => Converse(socket), CancellationToken.None);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // As above.
            }
        }
    }

    async Task<Socket> Accept()
    {
        try
        {
            return await _tcp.AcceptAsync(_stopping.Token);
        }
        catch
        {
            _streams.Release();
            throw;
        }
    }

    async Task Converse(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var prefix = new byte[2];
            while (true)
            {
                await stream.ReadExactlyAsync(prefix, _stopping.Token);
                var octets = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(octets, _stopping.Token);
                if (Answer(octets, true) is not { } answer) return;
                await stream.WriteAsync((byte[])[(byte)(answer.Length >> 8), (byte)answer.Length, .. answer], _stopping.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The client is done, or we stop.
        }
        finally
        {
            _streams.Release();
        }
    }
}
