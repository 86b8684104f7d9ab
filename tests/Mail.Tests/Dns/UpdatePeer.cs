using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Tests.Dns;

/// <summary>A server that takes one update and answers as the test says; signs by the text of RFC 8945, with a key of its own.</summary>
static class UpdatePeer
{
    static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public static readonly TsigKey Key = TsigKey.Parse("Penguin-Key.", "HMAC-SHA256", Convert.ToBase64String(Secret), out _)!;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <param name="answer">Null closes the connection; empty says nothing.</param>
    public static async Task<DnsUpdateReply> Send(DnsUpdate update, TsigKey? key, Func<byte[], byte[]?> answer, TimeSpan? timeout = null)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Ct);
        using var peer = await listener.AcceptTcpClientAsync(Ct);
        var serving = Serve(peer, answer);
        var reply = await new DnsUpdateClient(new Still(), RandomNumberGenerator.Fill) { Timeout = timeout ?? TimeSpan.FromSeconds(10) }.Send(client.GetStream(), update, key, Ct);
        await serving;
        return reply;
    }

    static async Task Serve(TcpClient peer, Func<byte[], byte[]?> answer)
    {
        var stream = peer.GetStream();
        var prefix = new byte[2];
        await stream.ReadExactlyAsync(prefix, Ct);
        var request = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(request, Ct);
        if (answer(request) is not { } octets) peer.Close();
        else if (octets.Length > 0) await stream.WriteAsync((byte[])[(byte)(octets.Length >> 8), (byte)octets.Length, .. octets], Ct);
        else if (Number(request, 10) == 0) peer.Close();
    }

    public static byte[] Bare(byte[] request, int code) => [request[0], request[1], 0xa8, (byte)code, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>The server's side of RFC 8945 5.3.</summary>
    public static byte[] Signed(byte[] request, int code, int error)
    {
        var (bare, mac) = (Bare(request, code), request[^(32 + 6)..^6]);
        var seconds = Now.ToUnixTimeSeconds();
        byte[] name = DnsPeer.Name("penguin-key"), algorithm = DnsPeer.Name("hmac-sha256");
        byte[] time = [0, 0, (byte)(seconds >> 24), (byte)(seconds >> 16), (byte)(seconds >> 8), (byte)seconds, 1, 0x2c];
        byte[] hashed = [0, 32, .. mac, .. bare, .. name, 0, 255, 0, 0, 0, 0, .. algorithm, .. time, 0, (byte)error, 0, 0];
        var made = HMACSHA256.HashData(Secret, hashed);
        byte[] content = [.. algorithm, .. time, 0, 32, .. made, request[0], request[1], 0, (byte)error, 0, 0];
        bare[11] = 1;
        return [.. bare, .. name, 0, 250, 0, 255, 0, 0, 0, 0, 0, (byte)content.Length, .. content];
    }

    public static byte[] Changed(byte[] octets, int at)
    {
        octets[at] ^= 0x01;
        return octets;
    }

    public static int Number(byte[] octets, int at) => BinaryPrimitives.ReadUInt16BigEndian(octets.AsSpan(at));

    static string Name(byte[] octets, ref int at)
    {
        var labels = new List<string>();
        while (octets[at] != 0)
        {
            labels.Add(System.Text.Encoding.ASCII.GetString(octets, at + 1, octets[at]));
            at += octets[at] + 1;
        }

        at++;
        return string.Join('.', labels);
    }

    public static (string, int, int) Question(byte[] octets, ref int at)
    {
        var name = Name(octets, ref at);
        at += 4;
        return (name, Number(octets, at - 4), Number(octets, at - 2));
    }

    public static (string, int, int, int, string) Record(byte[] octets, ref int at)
    {
        var name = Name(octets, ref at);
        var length = Number(octets, at + 8);
        at += 10 + length;
        return (name, Number(octets, at - length - 10), Number(octets, at - length - 8), BinaryPrimitives.ReadInt32BigEndian(octets.AsSpan(at - length - 6)), Convert.ToHexStringLower(octets.AsSpan(at - length, length)));
    }

    /// <summary>Signatures are made at one moment; waiting still takes time.</summary>
    sealed class Still : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
