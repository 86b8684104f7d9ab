using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Imap;

/// <summary>The client's end of a connection: timed writes, responses read within limits. Never throws but for the caller's cancellation, which closes it.</summary>
sealed class ImapWire : IAsyncDisposable
{
    const int WriteOctetsMax = 64 * 1024;

    readonly ImapOptions options;
    readonly TimeProvider clock;
    readonly SmtpDialogue? dialogue;
    readonly ImapFrames frames;
    Stream stream;
    Task<int>? pending;
    Memory<byte> pendingRoom;
    long began;

    ImapWire(Socket socket, ImapOptions options, TimeProvider clock, SmtpDialogue? dialogue)
    {
        socket.NoDelay = true;
        stream = new NetworkStream(socket, ownsSocket: true);
        (this.options, this.clock, this.dialogue) = (options, clock, dialogue);
        frames = new ImapFrames(Receive);
        Begin();
    }

    public TimeProvider Clock => clock;

    public bool IsOpen { get; private set; } = true;

    /// <summary>Why it is not open.</summary>
    public string Trouble { get; private set; } = "The connection is closed.";

    public static async ValueTask<(ImapWire? Wire, string Trouble)> Open(
        ImapOptions options, SmtpConnector connector, TimeProvider clock, SmtpDialogue? dialogue, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(options.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            var socket = await connector(options.Server, either.Token).ConfigureAwait(false);
            return (new ImapWire(socket, options, clock, dialogue), "");
        }
        catch (Exception e) when (SmtpWire.IsLoss(e))
        {
            ct.ThrowIfCancellationRequested();
            return (null, e is OperationCanceledException ? "No connection in time." : e.Message);
        }
    }

    /// <summary>Starts the clock of <see cref="ImapOptions.CommandTimeMax"/>.</summary>
    public void Begin() => began = clock.GetTimestamp();

    public void Close(string trouble)
    {
        if (IsOpen) Trouble = trouble;
        IsOpen = false;
    }

    /// <param name="shown">What the dialogue gets; null for nothing.</param>
    public async ValueTask Say(ReadOnlyMemory<byte> octets, string? shown, CancellationToken ct)
    {
        if (shown is not null) dialogue?.Client(shown);
        try
        {
            while (IsOpen && octets.Length > 0)
            {
                var take = Math.Min(octets.Length, WriteOctetsMax);
                await stream.WriteAsync(octets[..take], ct).AsTask().WaitAsync(options.Timeout, clock, ct).ConfigureAwait(false);
                octets = octets[take..];
            }
        }
        catch (Exception e) when (SmtpWire.IsLoss(e) || e is TimeoutException)
        {
            if (ct.IsCancellationRequested || e is TimeoutException) Close("The server took nothing in time.");
            ct.ThrowIfCancellationRequested();
            // A lost write is found by the read that follows, which may still find the server's reason.
        }
    }

    /// <summary>The next response; null when lost, late or beyond a limit: <see cref="Trouble"/> says which.</summary>
    public async ValueTask<ImapResponse?> Hear(int literalOctetsMax, bool drains, CancellationToken ct)
    {
        if (!IsOpen) return null;
        try
        {
            var frame = await frames.Next(literalOctetsMax, drains, ct).ConfigureAwait(false);
            if (frame.Fault == ImapFrameFault.None)
            {
                dialogue?.Server(Encoding.UTF8.GetString(frame.Pieces[0].Line.Span[..Math.Min(frame.Pieces[0].Line.Length, SmtpDialogue.LineLengthMax)]));
                return ImapResponse.Read(frame.Pieces);
            }
            Close(frame.Fault == ImapFrameFault.Closed ? "The server closed the connection." : "The server's answer is longer than allowed.");
        }
        catch (Exception e) when (SmtpWire.IsLoss(e) || e is TimeoutException)
        {
            Close(e is TimeoutException ? "The server did not answer in time." : "The connection was lost.");
            ct.ThrowIfCancellationRequested();
        }
        return null;
    }

    /// <summary>True when something to hear has come within the time; false leaves the connection as it is.</summary>
    public async ValueTask<bool> Comes(TimeSpan within, CancellationToken ct)
    {
        if (frames.HasMore || !IsOpen) return true;
        try
        {
            if (pending is null)
            {
                pendingRoom = new byte[4096];
                pending = stream.ReadAsync(pendingRoom, CancellationToken.None).AsTask();
            }
            await pending.WaitAsync(within, clock, ct).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (Exception e) when (SmtpWire.IsLoss(e))
        {
            if (ct.IsCancellationRequested) Close("Cancelled.");
            ct.ThrowIfCancellationRequested();
            return true; // The read that follows says what was lost.
        }
    }

    /// <summary>Forgets what came before TLS (RFC 9051 6.2.1), then encrypts with a verified certificate. Null when that went well.</summary>
    public async ValueTask<string?> Secure(CancellationToken ct)
    {
        frames.Clear();
        var secure = new SslStream(stream, leaveInnerStreamOpen: false);
        stream = secure;
        var tls = new SslClientAuthenticationOptions { TargetHost = options.TlsName ?? options.Server.Host };
        if (options.CertificateCheck is { } check)
        {
            tls.RemoteCertificateValidationCallback = (_, own, chain, _) => own is not null && check(SmtpHandshake.Chain(own, chain));
        }
        else if (options.Roots is { } roots)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }
        try
        {
            await secure.AuthenticateAsClientAsync(tls, ct).WaitAsync(options.Timeout, clock, ct).ConfigureAwait(false);
            dialogue?.Client($"[{secure.SslProtocol}, {secure.NegotiatedCipherSuite}]");
            return null;
        }
        catch (Exception e) when (SmtpWire.IsLoss(e) || e is AuthenticationException or TimeoutException)
        {
            Close("The TLS handshake failed.");
            ct.ThrowIfCancellationRequested();
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
        catch (Exception e) when (SmtpWire.IsLoss(e) || e is NotSupportedException)
        {
            // The farewell of TLS found nobody, or a write that timed out still holds the stream.
        }
    }

    async ValueTask<int> Receive(Memory<byte> room, CancellationToken ct)
    {
        var left = options.CommandTimeMax - clock.GetElapsedTime(began);
        if (left <= TimeSpan.Zero) throw new TimeoutException();
        if (left > options.Timeout) left = options.Timeout;
        if (pending is null) return await stream.ReadAsync(room, ct).AsTask().WaitAsync(left, clock, ct).ConfigureAwait(false);
        var octets = await pending.WaitAsync(left, clock, ct).ConfigureAwait(false);
        pending = null;
        pendingRoom[..octets].CopyTo(room);
        return octets;
    }
}
