using System.Buffers.Binary;

namespace PenguinMails.Mail.Dns;

/// <summary>How an update ended. Only <see cref="Done"/> changed the zone; after the last three it may have been changed all the same.</summary>
public enum DnsUpdateOutcome
{
    Done,

    /// <summary>FORMERR: the server does not understand the message.</summary>
    FormatError,

    /// <summary>SERVFAIL: the server could not, perhaps later.</summary>
    ServerFailed,

    /// <summary>NOTIMP: the server takes no updates.</summary>
    NotImplemented,

    /// <summary>REFUSED: this key, or a message without one, may not change the zone.</summary>
    Refused,

    /// <summary>NXDOMAIN, YXDOMAIN, YXRRSET, NXRRSET: what stood before stands no more (RFC 2136 3.2).</summary>
    Changed,

    /// <summary>NOTAUTH without a fault of the key: the server does not serve this zone (RFC 2136 3.1.1).</summary>
    NotAuthoritative,

    /// <summary>NOTZONE: a name lies outside the zone (RFC 2136 3.1.2).</summary>
    OutsideZone,

    /// <summary>BADKEY: the server knows no key of that name and algorithm (RFC 8945 5.2.1).</summary>
    UnknownKey,

    /// <summary>BADSIG: the secrets differ (RFC 8945 5.2.2).</summary>
    WrongSecret,

    /// <summary>BADTIME: the clocks differ by more than 5 minutes (RFC 8945 5.2.3).</summary>
    WrongTime,

    /// <summary>The answer is not signed by the key, or no answer to this update.</summary>
    Unproved,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>The connection broke.</summary>
    ConnectionLost,
}

/// <summary>The answer to an update.</summary>
/// <param name="ClockDifference">The server's time less ours; with <see cref="DnsUpdateOutcome.WrongTime"/> only, when the server told.</param>
public sealed record DnsUpdateReply(DnsUpdateOutcome Outcome, TimeSpan? ClockDifference = null);

/// <summary>Sends updates (RFC 2136) by TCP, signed (RFC 8945). For many threads at once.</summary>
public sealed class DnsUpdateClient(TimeProvider clock, RandomFill random)
{
    /// <summary>Wait for the answer. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <param name="stream">A connection to the server, nothing sent on it yet; stays open.</param>
    /// <param name="key">Null sends unsigned.</param>
    /// <returns>Never throws for what the server does; only for the caller's cancellation.</returns>
    public async ValueTask<DnsUpdateReply> Send(Stream stream, DnsUpdate update, TsigKey? key, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return await Exchange(stream, update, key, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return new DnsUpdateReply(DnsUpdateOutcome.TimedOut);
        }
        catch (IOException)
        {
            return new DnsUpdateReply(DnsUpdateOutcome.ConnectionLost);
        }
    }

    async ValueTask<DnsUpdateReply> Exchange(Stream stream, DnsUpdate update, TsigKey? key, CancellationToken ct)
    {
        var id = new byte[2];
        random(id);
        var message = update.Message(BinaryPrimitives.ReadUInt16BigEndian(id));
        byte[] mac = [];
        if (key is not null) message = TsigSeal.Sign(message, key, clock.GetUtcNow(), out mac);
        byte[] framed = [(byte)(message.Length >> 8), (byte)message.Length, .. message]; // RFC 1035 4.2.2.
        await stream.WriteAsync(framed, ct).ConfigureAwait(false);
        await stream.FlushAsync(ct).ConfigureAwait(false);
        var prefix = new byte[2];
        await stream.ReadExactlyAsync(prefix, ct).ConfigureAwait(false);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(answer, ct).ConfigureAwait(false);
        return Judge(answer, id, key, mac, clock.GetUtcNow());
    }

    internal static DnsUpdateReply Judge(byte[] answer, ReadOnlySpan<byte> id, TsigKey? key, ReadOnlySpan<byte> mac, DateTimeOffset now)
    {
        // An answer to an update: the same id, QR set, the same opcode (RFC 2136 3.8).
        if (answer.Length < 12 || !answer.AsSpan(0, 2).SequenceEqual(id) || (answer[2] & 0xf8) != 0xa8) return new DnsUpdateReply(DnsUpdateOutcome.Unproved);
        var code = answer[3] & 15;
        if (key is null) return new DnsUpdateReply(Named(code));
        var seal = TsigSeal.Read(answer, key, mac, now);
        // RFC 8945 5.2: these errors come unsigned, so they prove nothing but that the update was not taken by an honest server.
        if (seal is { Error: TsigSeal.BadKey }) return new DnsUpdateReply(DnsUpdateOutcome.UnknownKey);
        if (seal is { Error: TsigSeal.BadSignature }) return new DnsUpdateReply(DnsUpdateOutcome.WrongSecret);
        if (seal is { Error: TsigSeal.BadTime })
            return new DnsUpdateReply(DnsUpdateOutcome.WrongTime, seal is { IsProved: true, ServerTime: { } theirs } ? TimeSpan.FromSeconds(theirs - now.ToUnixTimeSeconds()) : null);
        if (seal is { IsProved: true }) return new DnsUpdateReply(Named(code));
        return new DnsUpdateReply(code == 0 ? DnsUpdateOutcome.Unproved : Named(code));
    }

    static DnsUpdateOutcome Named(int code) => code switch
    {
        0 => DnsUpdateOutcome.Done,
        1 => DnsUpdateOutcome.FormatError,
        3 or 6 or 7 or 8 => DnsUpdateOutcome.Changed,
        4 => DnsUpdateOutcome.NotImplemented,
        5 => DnsUpdateOutcome.Refused,
        9 => DnsUpdateOutcome.NotAuthoritative,
        10 => DnsUpdateOutcome.OutsideZone,
        _ => DnsUpdateOutcome.ServerFailed,
    };
}
