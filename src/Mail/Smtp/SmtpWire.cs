using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace PenguinMails.Mail.Smtp;

/// <summary>The client's end of a connection: timed writes, and replies read within limits. Never throws but for the caller's cancellation.</summary>
sealed class SmtpWire : IAsyncDisposable
{
    /// <summary>Octets of one reply line; RFC 5321 4.5.3.1.5 asks for 512, real servers go beyond.</summary>
    public const int LineOctetsMax = 4096;

    /// <summary>Lines of one reply.</summary>
    public const int LinesMax = 100;

    readonly CancellationTokenSource deadline;
    readonly byte[] buffer = new byte[LineOctetsMax + 2];
    readonly Socket socket;
    Stream stream;
    int start, end;

    // Writing failed, but what the server said before may still be read.
    bool isBroken;

    public SmtpWire(Socket socket, TimeProvider clock, SmtpDialogue? dialogue)
    {
        this.socket = socket;
        stream = new NetworkStream(socket, ownsSocket: true);
        deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        Dialogue = dialogue;
    }

    public SmtpDialogue? Dialogue { get; set; }

    /// <summary>False once anything was lost, timed out or cancelled: the conversation cannot go on.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>True inside TLS whose certificate was verified.</summary>
    public bool IsVerified { get; private set; }

    /// <summary>True while nothing unasked has come in: a hang-up or a 421 would be readable now.</summary>
    public bool IsQuiet
    {
        get
        {
            try { return IsOpen && start == end && !socket.Poll(0, SelectMode.SelectRead); }
            catch (Exception e) when (IsLoss(e)) { return false; }
        }
    }

    /// <summary>Ties the caller's cancellation to the running operation until disposed.</summary>
    public Watched Watch(CancellationToken ct) =>
        new(ct.UnsafeRegister(static source => ((CancellationTokenSource?)source)?.Cancel(), deadline), deadline);

    /// <summary>At its end the clock of the last operation stops too, so that an idle connection does not time out.</summary>
    public readonly record struct Watched(CancellationTokenRegistration Registration, CancellationTokenSource Deadline) : IDisposable
    {
        public void Dispose()
        {
            Registration.Dispose();
            Deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The conversation cannot go on, for a reason that the wire did not see itself.</summary>
    public void Abandon() => IsOpen = false;

    public async ValueTask<ReplyFault> Write(ReadOnlyMemory<byte> octets, TimeSpan limit, CancellationToken ct)
    {
        if (!IsOpen) return ReplyFault.Closed;
        try
        {
            deadline.CancelAfter(limit);
            await stream.WriteAsync(octets, deadline.Token).ConfigureAwait(false);
            return ReplyFault.None;
        }
        catch (Exception e) when (IsLoss(e))
        {
            isBroken = e is not OperationCanceledException;
            return Lose(e, ct);
        }
    }

    /// <param name="withText">False leaves the text of a positive reply out: it costs a string.</param>
    public async ValueTask<SmtpReply> Read(TimeSpan limit, bool withText, List<string>? lines, CancellationToken ct)
    {
        deadline.CancelAfter(limit);
        var code = 0;
        string? enhanced = null;
        var text = "";
        for (var count = 1; count <= LinesMax; count++)
        {
            var length = await Line(ct).ConfigureAwait(false);
            if (length.Fault != ReplyFault.None) return Fail(length.Fault);
            var line = buffer.AsMemory(start, length.Octets);
            start += length.Octets + 1;
            var (lineCode, isLast) = Code(line.Span);
            if (lineCode == 0 || (code != 0 && lineCode != code)) return Fail(ReplyFault.Malformed);
            code = lineCode;
            if (withText || code >= 300 || Dialogue is not null || lines is not null)
            {
                var trimmed = line.Span.TrimEnd((byte)'\r');
                Dialogue?.Server(SmtpReply.Decode(trimmed));
                var (lineEnhanced, said) = SmtpReply.Split(trimmed.Length > 4 ? SmtpReply.Decode(trimmed[4..]) : "");
                enhanced ??= lineEnhanced;
                lines?.Add(said);
                if (text.Length < SmtpReply.TextLengthMax) text = text.Length == 0 ? said : text + " " + said;
            }
            if (!isLast) continue;
            if (code == 421) IsOpen = false; // RFC 5321 3.8: the server is closing.
            return new SmtpReply(code, enhanced, text.Length > SmtpReply.TextLengthMax ? text[..SmtpReply.TextLengthMax] : text, ReplyFault.None);
        }
        return Fail(ReplyFault.TooLong);
    }

    /// <summary>Forgets what the server said ahead of time, so that nothing from before TLS counts after it (RFC 3207 4.2).</summary>
    public async ValueTask<string?> SecureWith(SslClientAuthenticationOptions options, bool verifies, TimeSpan limit, CancellationToken ct)
    {
        start = end = 0;
        var secure = new SslStream(stream, leaveInnerStreamOpen: false);
        stream = secure;
        try
        {
            deadline.CancelAfter(limit);
            await secure.AuthenticateAsClientAsync(options, deadline.Token).ConfigureAwait(false);
            IsVerified = verifies;
            Dialogue?.Client($"[{secure.SslProtocol}, {secure.NegotiatedCipherSuite}]");
            return null;
        }
        catch (Exception e) when (IsLoss(e) || e is AuthenticationException)
        {
            Lose(e, ct);
            return e is AuthenticationException ? "The server's certificate was not accepted or the handshake failed: " + e.Message : "The TLS handshake was cut off.";
        }
    }

    public async ValueTask DisposeAsync()
    {
        IsOpen = false;
        try
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (IsLoss(e))
        {
            // Closing a TLS stream writes a farewell that a dead peer cannot take.
        }
        deadline.Dispose();
    }

    static (int Code, bool IsLast) Code(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd((byte)'\r');
        if (line.Length < 3 || line[0] is < (byte)'2' or > (byte)'5' || line[1] is < (byte)'0' or > (byte)'9' || line[2] is < (byte)'0' or > (byte)'9')
            return (0, false);
        if (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-')) return (0, false);
        return (((line[0] - '0') * 100) + ((line[1] - '0') * 10) + line[2] - '0', line.Length == 3 || line[3] == ' ');
    }

    /// <summary>Length up to the line feed, which is in the buffer when there is no fault.</summary>
    async ValueTask<(int Octets, ReplyFault Fault)> Line(CancellationToken ct)
    {
        var scanned = 0;
        while (true)
        {
            var feed = buffer.AsSpan(start + scanned, end - start - scanned).IndexOf((byte)'\n');
            if (feed >= 0) return (scanned + feed, ReplyFault.None);
            scanned = end - start;
            if (scanned >= LineOctetsMax) return (0, ReplyFault.TooLong);
            buffer.AsSpan(start, scanned).CopyTo(buffer);
            (start, end) = (0, scanned);
            if (!IsOpen && !isBroken) return (0, ReplyFault.Closed);
            try
            {
                var read = await stream.ReadAsync(buffer.AsMemory(end), deadline.Token).ConfigureAwait(false);
                if (read == 0) return (0, ReplyFault.Closed);
                end += read;
            }
            catch (Exception e) when (IsLoss(e))
            {
                return (0, Lose(e, ct));
            }
        }
    }

    SmtpReply Fail(ReplyFault fault)
    {
        IsOpen = false;
        return SmtpReply.Failed(fault);
    }

    ReplyFault Lose(Exception e, CancellationToken ct)
    {
        IsOpen = false;
        ct.ThrowIfCancellationRequested();
        return e is OperationCanceledException ? ReplyFault.TimedOut : ReplyFault.Closed;
    }

    internal static bool IsLoss(Exception e) => e is IOException or SocketException or ObjectDisposedException or OperationCanceledException;
}
