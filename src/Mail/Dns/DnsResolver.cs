using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Mail.Dns;

/// <summary>Whom to ask and how patiently.</summary>
public sealed record DnsResolverOptions
{
    /// <summary>A recursive resolver, by UDP and TCP.</summary>
    public required IPEndPoint Server { get; init; }

    /// <summary>Wait for one attempt. Default 2 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Attempts per question. Default 3.</summary>
    public int AttemptsMax { get; init; } = 3;
}

/// <summary>A stub resolver (RFC 1034 5.3.1): asks one recursive server, keeps nothing. For many threads at once.</summary>
/// <param name="random">Fills the octets it is given; unguessable in production (RFC 5452 9.2).</param>
public sealed class DnsResolver(DnsResolverOptions options, TimeProvider clock, RandomFill random)
{
    const int AliasesMax = 8;
    const int NameError = 3;
    const int FormatError = 1;

    /// <param name="name">ASCII, with or without a final dot; underscores allowed.</param>
    /// <returns>Never throws for what a server does; only for the caller's cancellation.</returns>
    /// <exception cref="ArgumentException">No name that could be asked for.</exception>
    public async ValueTask<DnsAnswer> Ask(string name, DnsType type, CancellationToken ct)
    {
        if (DnsMessage.Question(0, name, type, true) is null) throw new ArgumentException("Not a name that can be asked for.", nameof(name));
        var at = name.TrimEnd('.').ToLowerInvariant();
        for (var hops = 0; hops <= AliasesMax; hops++)
        {
            var (status, reply) = await Exchange(at, type, ct).ConfigureAwait(false);
            if (reply is null) return new DnsAnswer(status, [], at);
            var end = Follow(reply.Answers, at, type);
            if (end is null) break;
            var found = reply.Answers.Where(record => record.Type == type && record.Name == end).ToList();
            if (found.Count > 0) return new DnsAnswer(DnsStatus.Found, found, end);
            if (reply.Code == NameError) return new DnsAnswer(DnsStatus.NoName, [], end);
            if (end == at) return new DnsAnswer(DnsStatus.NoRecords, [], end);
            at = end;
        }
        return new DnsAnswer(DnsStatus.ServerFailed, [], at);
    }

    /// <summary>The end of the aliases inside one answer; null for a loop.</summary>
    static string? Follow(List<DnsRecord> answers, string name, DnsType type)
    {
        if (type == DnsType.Cname) return name;
        for (var hops = 0; hops <= AliasesMax; hops++)
        {
            var alias = answers.Find(record => record.Type == DnsType.Cname && record.Name == name);
            if (alias is null) return name;
            name = alias.Value;
        }
        return null;
    }

    async ValueTask<(DnsStatus Status, DnsMessage.Reply? Reply)> Exchange(string name, DnsType type, CancellationToken ct)
    {
        var failed = DnsStatus.TimedOut;
        var extended = true;
        for (var attempt = 0; attempt < options.AttemptsMax; attempt++)
        {
            var octets = new byte[2];
            random(octets);
            var id = BinaryPrimitives.ReadUInt16BigEndian(octets);
            if (DnsMessage.Question(id, name, type, extended) is not { } question) return (DnsStatus.ServerFailed, null);
            var reply = await Attempt(question, id, name, type, ct).ConfigureAwait(false);
            if (reply is { Code: 0 or NameError }) return (DnsStatus.Found, reply);
            // RFC 6891 6.2.2: an old server answers FORMERR to what it does not know.
            if (reply?.Code == FormatError) extended = false;
            if (reply is not null) failed = DnsStatus.ServerFailed;
        }
        return (failed, null);
    }

    async ValueTask<DnsMessage.Reply?> Attempt(byte[] question, ushort id, string name, DnsType type, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(options.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            var reply = await Udp(question, id, name, type, either.Token).ConfigureAwait(false);
            return reply is { IsTruncated: true } ? await Tcp(question, id, name, type, either.Token).ConfigureAwait(false) : reply;
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return null;
        }
    }

    async ValueTask<DnsMessage.Reply?> Udp(byte[] question, ushort id, string name, DnsType type, CancellationToken ct)
    {
        // A fresh socket each time: the system picks a new source port (RFC 5452 9.2), and connecting drops datagrams of others.
        using var socket = new Socket(options.Server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(options.Server, ct).ConfigureAwait(false);
        await socket.SendAsync(question, ct).ConfigureAwait(false);
        var room = new byte[4096];
        while (true)
        {
            var length = await socket.ReceiveAsync(room, ct).ConfigureAwait(false);
            // What does not answer this question may be forged: keep waiting for what does.
            if (DnsMessage.Read(room.AsSpan(0, length), id, name, type) is { } reply) return reply;
        }
    }

    async ValueTask<DnsMessage.Reply?> Tcp(byte[] question, ushort id, string name, DnsType type, CancellationToken ct)
    {
        using var socket = new Socket(options.Server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(options.Server, ct).ConfigureAwait(false);
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
        return reply is { IsTruncated: false } ? reply : new DnsMessage.Reply(2, false, []);
    }
}
