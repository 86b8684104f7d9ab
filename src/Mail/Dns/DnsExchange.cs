using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Mail.Dns;

/// <summary>One question to one server and back, by UDP and, when the answer was cut, by TCP (RFC 1035 4.2, RFC 7766 5).</summary>
sealed class DnsExchange(RandomFill random)
{
    const int PortsTried = 8;
    const int PortMin = 1024;

    /// <summary>Default true; false asks a server for its own word only (RFC 1035 4.1.1, RD).</summary>
    public bool IsRecursive { get; init; } = true;

    /// <summary>Null when nothing usable came: refused, unreachable or nonsense. Throws when <paramref name="ct"/> ends.</summary>
    public async ValueTask<DnsMessage.Reply?> Ask(IPEndPoint server, string name, DnsType type, bool extended, CancellationToken ct)
    {
        var id = Number();
        if (DnsMessage.Question(id, name, type, extended) is not { } question) return null;
        if (!IsRecursive) question[2] = 0;
        var reply = await Udp(server, question, id, name, type, ct).ConfigureAwait(false);
        return reply is { IsTruncated: true } ? await Tcp(server, question, id, name, type, ct).ConfigureAwait(false) : reply;
    }

    ushort Number()
    {
        Span<byte> octets = stackalloc byte[2];
        random(octets);
        return BinaryPrimitives.ReadUInt16BigEndian(octets);
    }

    async ValueTask<DnsMessage.Reply?> Udp(IPEndPoint server, byte[] question, ushort id, string name, DnsType type, CancellationToken ct)
    {
        // A fresh socket on an unguessable port each time (RFC 5452 9.2); connecting drops datagrams of others.
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        Bind(socket);
        await socket.ConnectAsync(server, ct).ConfigureAwait(false);
        await socket.SendAsync(question, ct).ConfigureAwait(false);
        var room = new byte[4096];
        while (true)
        {
            var length = await socket.ReceiveAsync(room, ct).ConfigureAwait(false);
            // What does not answer this question may be forged: keep waiting for what does.
            if (DnsMessage.Read(room.AsSpan(0, length), id, name, type) is { } reply) return reply;
        }
    }

    /// <summary>A port drawn at random; when all that were drawn are taken, the system's choice on connecting.</summary>
    void Bind(Socket socket)
    {
        var any = socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        for (var tried = 0; tried < PortsTried; tried++)
        {
            var port = Number();
            if (port < PortMin) continue;
            try
            {
                socket.Bind(new IPEndPoint(any, port));
                return;
            }
            catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
            }
        }
    }

    static async ValueTask<DnsMessage.Reply?> Tcp(IPEndPoint server, byte[] question, ushort id, string name, DnsType type, CancellationToken ct)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, ct).ConfigureAwait(false);
        var stream = new NetworkStream(socket);
        await using var _ = stream.ConfigureAwait(false);
        byte[] framed = [(byte)(question.Length >> 8), (byte)question.Length, .. question];
        await stream.WriteAsync(framed, ct).ConfigureAwait(false);
        var prefix = new byte[2];
        await stream.ReadExactlyAsync(prefix, ct).ConfigureAwait(false);
        var octets = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(octets, ct).ConfigureAwait(false);
        var reply = DnsMessage.Read(octets, id, name, type);
        // A truncated answer over TCP is nonsense, as is one to another question.
        return reply is { IsTruncated: false } ? reply : new DnsMessage.Reply(2, false, [], 0, false);
    }
}
