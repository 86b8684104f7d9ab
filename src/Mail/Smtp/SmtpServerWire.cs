using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace PenguinMails.Mail.Smtp;

enum LineFault
{
    None,
    Closed,
    TimedOut,
    TooLong,
    BareLineEnd,
}

/// <summary>The server's end of a connection: lines and messages read within limits, replies gathered until the client waits for them.</summary>
sealed partial class SmtpServerWire : IAsyncDisposable
{
    const int RoomMin = 16 * 1024;
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    readonly SmtpServerOptions options;
    readonly TimeProvider clock;
    readonly long began;
    readonly CancellationTokenSource deadline;
    readonly CancellationTokenRegistration abort;
    readonly ArrayBufferWriter<byte> replies = new(512);
    Stream stream;
    byte[] room = ArrayPool<byte>.Shared.Rent(RoomMin);
    volatile bool isHurried;
    int start;
    int end;

    public SmtpServerWire(Socket socket, SmtpServerOptions options, TimeProvider clock, CancellationToken aborting)
    {
        this.options = options;
        this.clock = clock;
        began = clock.GetTimestamp();
        stream = new NetworkStream(socket, ownsSocket: true);
        deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        abort = aborting.UnsafeRegister(static source => ((CancellationTokenSource?)source)?.Cancel(), deadline);
    }

    /// <summary>The server is stopping: a client that is silent now gets one more second.</summary>
    public void Hurry()
    {
        isHurried = true;
        deadline.CancelAfter(Farewell);
    }

    /// <summary>True when the client has said more than was read.</summary>
    public bool HasMore => end > start;

    public void Reply(int code, string enhanced, string text)
    {
        var line = enhanced.Length == 0 ? $"{code} {Clean(text)}\r\n" : $"{code} {enhanced} {Clean(text)}\r\n";
        Raw(line);
    }

    public void Raw(string text) => replies.Advance(Encoding.ASCII.GetBytes(text, replies.GetSpan(text.Length)));

    /// <summary>The next command line without its end; the memory is valid until the next read.</summary>
    public async ValueTask<(LineFault Fault, ReadOnlyMemory<byte> Line)> Line()
    {
        var since = clock.GetTimestamp();
        var scanned = 0;
        var isTooLong = false;
        while (true)
        {
            var feed = room.AsSpan(start + scanned, end - start - scanned).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                var line = room.AsMemory(start, scanned + feed);
                start += scanned + feed + 1;
                if (isTooLong || line.Length > options.CommandOctetsMax) return (LineFault.TooLong, default);
                // RFC 5321 2.3.8: only CRLF ends a line; anything laxer lets two servers disagree about where a command ends.
                if (!line.Span.EndsWith("\r"u8) || line.Span[..^1].Contains((byte)'\r')) return (LineFault.BareLineEnd, default);
                return (LineFault.None, line[..^1]);
            }
            scanned = end - start;
            if (scanned > options.CommandOctetsMax)
            {
                // The rest of an overlong line is thrown away until its end, however long the session limit lets it run.
                isTooLong = true;
                start = end;
                scanned = 0;
            }
            var left = options.Command - clock.GetElapsedTime(since);
            var fault = await Fill(left).ConfigureAwait(false);
            if (fault != LineFault.None) return (fault, default);
        }
    }

    /// <summary>Sends the replies gathered; false when the client is gone.</summary>
    public async ValueTask<bool> Flush()
    {
        if (replies.WrittenCount == 0) return true;
        try
        {
            // After a timeout the deadline is spent; the farewell gets a short one of its own.
            using var farewell = deadline.IsCancellationRequested ? new CancellationTokenSource(Farewell, clock) : null;
            if (farewell is null) deadline.CancelAfter(options.Idle);
            await stream.WriteAsync(replies.WrittenMemory, (farewell ?? deadline).Token).ConfigureAwait(false);
            replies.ResetWrittenCount();
            return true;
        }
        catch (Exception e) when (SmtpWire.IsLoss(e))
        {
            return false;
        }
    }

    /// <summary>TLS 1.2 or newer (RFC 8996).</summary>
    public async ValueTask<bool> Secure(SslStreamCertificateContext certificate)
    {
        var secure = new SslStream(stream, leaveInnerStreamOpen: false);
        stream = secure;
        try
        {
            deadline.CancelAfter(options.Command);
            var tls = new SslServerAuthenticationOptions { ServerCertificateContext = certificate, EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 };
            await secure.AuthenticateAsServerAsync(tls, deadline.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (SmtpWire.IsLoss(e) || e is AuthenticationException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (SmtpWire.IsLoss(e))
        {
            // The farewell of TLS found nobody.
        }
        await abort.DisposeAsync().ConfigureAwait(false);
        deadline.Dispose();
        ArrayPool<byte>.Shared.Return(room);
    }

    /// <summary>Sends what is owed, then waits for more from the client.</summary>
    async ValueTask<LineFault> Fill(TimeSpan within)
    {
        if (!await Flush().ConfigureAwait(false)) return LineFault.Closed;
        MakeRoom();
        var session = options.Session - clock.GetElapsedTime(began);
        var limit = within < options.Idle ? within : options.Idle;
        if (session < limit) limit = session;
        if (isHurried && Farewell < limit) limit = Farewell;
        if (limit <= TimeSpan.Zero) return LineFault.TimedOut;
        try
        {
            deadline.CancelAfter(limit);
            var read = await stream.ReadAsync(room.AsMemory(end), deadline.Token).ConfigureAwait(false);
            end += read;
            return read == 0 ? LineFault.Closed : LineFault.None;
        }
        catch (OperationCanceledException)
        {
            return LineFault.TimedOut;
        }
        catch (Exception e) when (SmtpWire.IsLoss(e))
        {
            return LineFault.Closed;
        }
    }

    void MakeRoom()
    {
        var held = end - start;
        var isLarge = room.Length > RoomMin && held < RoomMin / 2;
        if (held == room.Length || isLarge)
        {
            var other = ArrayPool<byte>.Shared.Rent(isLarge ? RoomMin : room.Length * 2);
            room.AsSpan(start, held).CopyTo(other);
            ArrayPool<byte>.Shared.Return(room);
            room = other;
        }
        else if (start > 0)
        {
            room.AsSpan(start, held).CopyTo(room);
        }
        (start, end) = (0, held);
    }

    static string Clean(string text) =>
        text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? string.Concat(text.Select(c => c is >= ' ' and <= '~' ? c : '?')) : text;
}
