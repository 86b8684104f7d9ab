using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Tests.Dns;

/// <summary>A listener on loopback that speaks DNS: the script turns a question into raw answers.</summary>
sealed class DnsPeer : IAsyncDisposable
{
    readonly Socket udp;
    readonly Socket tcp;
    readonly CancellationTokenSource stop = new();
    readonly Task serving;

    public DnsPeer(Func<byte[], bool, IEnumerable<byte[]>> script)
    {
        (udp, tcp) = Pair();
        EndPoint = (IPEndPoint)udp.LocalEndPoint!;
        serving = Task.WhenAll(Datagrams(script), Streams(script));
    }

    /// <summary>Both on one port; another port when somebody else has the second half of the first one.</summary>
    static (Socket Udp, Socket Tcp) Pair()
    {
        for (var attempt = 0; ; attempt++)
        {
            var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                tcp.Listen();
                udp.Bind(tcp.LocalEndPoint!);
                return (udp, tcp);
            }
            catch (SocketException) when (attempt < 50)
            {
                udp.Dispose();
                tcp.Dispose();
            }
        }
    }

    public IPEndPoint EndPoint { get; }

    public int Asked { get; private set; }

    async Task Datagrams(Func<byte[], bool, IEnumerable<byte[]>> script)
    {
        var room = new byte[2000];
        try
        {
            while (true)
            {
                var got = await udp.ReceiveFromAsync(room, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stop.Token);
                Asked++;
                foreach (var answer in script(room[..got.ReceivedBytes], false)) await udp.SendToAsync(answer, SocketFlags.None, got.RemoteEndPoint, stop.Token);
            }
        }
        catch (OperationCanceledException) { }
    }

    async Task Streams(Func<byte[], bool, IEnumerable<byte[]>> script)
    {
        try
        {
            while (true)
            {
                using var socket = await tcp.AcceptAsync(stop.Token);
                await using var stream = new NetworkStream(socket);
                var prefix = new byte[2];
                await stream.ReadExactlyAsync(prefix, stop.Token);
                var question = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(question, stop.Token);
                foreach (var answer in script(question, true)) await stream.WriteAsync((byte[])[(byte)(answer.Length >> 8), (byte)answer.Length, .. answer], stop.Token);
            }
        }
        catch (OperationCanceledException) { }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await serving;
        udp.Dispose();
        tcp.Dispose();
        stop.Dispose();
    }

    /// <summary>The header and question echoed, then the records given (owner compressed to the question).</summary>
    public static byte[] Answer(byte[] question, int code, bool isTruncated, params (string? Owner, DnsType Type, byte[] Content)[] records)
    {
        var end = 12;
        while (question[end] != 0) end += question[end] + 1;
        var output = new List<byte>(question[..(end + 5)]);
        (output[2], output[3]) = ((byte)(0x81 | (isTruncated ? 2 : 0)), (byte)(0x80 | code));
        (output[6], output[7], output[11]) = ((byte)(records.Length >> 8), (byte)records.Length, 0);
        foreach (var (owner, type, content) in records)
            output.AddRange([.. owner is null ? [0xc0, 12] : Name(owner), 0, (byte)type, 0, 1, 0, 0, 0, 60, (byte)(content.Length >> 8), (byte)content.Length, .. content]);
        return [.. output];
    }

    public static byte[] Name(string name) => [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];
}
