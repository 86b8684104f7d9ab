using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Imap;

/// <summary>Lines of IMAP within limits; literals come in as quoted strings. Null stands for a lost connection.</summary>
sealed class ImapWire : IAsyncDisposable
{
    const int LineOctetsMax = 64 * 1024;
    const int LiteralOctetsMax = 16 * 1024;

    readonly ImapOptions options;
    readonly CancellationTokenSource deadline;
    readonly SmtpDialogue dialogue;
    readonly byte[] room = new byte[8192];
    Stream stream;
    int start;
    int end;

    ImapWire(Socket socket, ImapOptions options, TimeProvider clock, SmtpDialogue dialogue)
    {
        stream = new NetworkStream(socket, ownsSocket: true);
        deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        this.options = options;
        this.dialogue = dialogue;
    }

    public static async ValueTask<(ImapWire? Wire, string Trouble)> Open(
        ImapOptions options, SmtpConnector connector, TimeProvider clock, SmtpDialogue dialogue, CancellationToken ct)
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

    /// <param name="shown">What the dialogue gets instead of a line with a secret.</param>
    public async ValueTask Say(string line, string? shown, CancellationToken ct)
    {
        dialogue.Client(shown ?? line);
        using var watch = Watch(ct);
        try
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(line + CrLf.Text), deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (SmtpWire.IsLoss(e))
        {
            // The read that follows finds the connection lost, or the server's reason.
            ct.ThrowIfCancellationRequested();
        }
    }

    /// <summary>One response line; null when lost, late or too long.</summary>
    public async ValueTask<string?> Hear(CancellationToken ct)
    {
        using var watch = Watch(ct);
        try
        {
            var line = new StringBuilder();
            while (true)
            {
                if (await Line(LineOctetsMax - line.Length).ConfigureAwait(false) is not { } part) return null;
                line.Append(part);
                if (Literal(part) is not { } size) break;
                if (size > LiteralOctetsMax) return null;
                line.Length = line.ToString().LastIndexOf('{');
                line.Append('"').Append((await Octets(size).ConfigureAwait(false)).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
            }
            dialogue.Server(line.ToString());
            return line.ToString();
        }
        catch (Exception e) when (SmtpWire.IsLoss(e))
        {
            ct.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>Forgets what came before TLS (RFC 3501 6.2.1, RFC 3207 4.2), then encrypts with a verified certificate.</summary>
    public async ValueTask<string?> Secure(CancellationToken ct)
    {
        start = end = 0;
        var secure = new SslStream(stream, leaveInnerStreamOpen: false);
        stream = secure;
        var tls = new SslClientAuthenticationOptions { TargetHost = options.TlsName ?? options.Server.Host };
        if (options.Roots is { } roots)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }
        using var watch = Watch(ct);
        try
        {
            await secure.AuthenticateAsClientAsync(tls, deadline.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (SmtpWire.IsLoss(e) || e is AuthenticationException)
        {
            ct.ThrowIfCancellationRequested();
            return e is AuthenticationException ? "The server's certificate was not accepted or the handshake failed: " + e.Message : "The TLS handshake was cut off.";
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
        deadline.Dispose();
    }

    SmtpWire.Watched Watch(CancellationToken ct)
    {
        deadline.CancelAfter(options.Timeout);
        return new SmtpWire.Watched(ct.UnsafeRegister(static source => ((CancellationTokenSource?)source)?.Cancel(), deadline), deadline);
    }

    async ValueTask<string?> Line(int octetsMax)
    {
        var line = new StringBuilder();
        while (true)
        {
            var feed = room.AsSpan(start, end - start).IndexOf((byte)'\n');
            var take = feed < 0 ? end - start : feed + 1;
            line.Append(Encoding.UTF8.GetString(room, start, take));
            start += take;
            if (feed >= 0) return line.ToString().TrimEnd('\r', '\n');
            if (line.Length > octetsMax || !await Fill().ConfigureAwait(false)) return null;
        }
    }

    async ValueTask<string> Octets(int size)
    {
        var octets = new List<byte>(size);
        while (octets.Count < size)
        {
            if (start == end && !await Fill().ConfigureAwait(false)) throw new IOException("The connection ended inside a literal.");
            var take = Math.Min(size - octets.Count, end - start);
            octets.AddRange(room.AsSpan(start, take));
            start += take;
        }
        return Encoding.UTF8.GetString([.. octets]);
    }

    async ValueTask<bool> Fill()
    {
        (start, end) = (0, 0);
        end = await stream.ReadAsync(room, deadline.Token).ConfigureAwait(false);
        return end > 0;
    }

    static int? Literal(string line)
    {
        var open = line.LastIndexOf('{');
        return open >= 0 && line.EndsWith('}') && int.TryParse(line.AsSpan(open + 1, line.Length - open - 2).TrimEnd('+'), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : null;
    }
}
