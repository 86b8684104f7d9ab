using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace PenguinMails.Mail.Smtp;

/// <summary>How a connection is encrypted.</summary>
public enum TlsPolicy
{
    /// <summary>Never: for a sink on the same machine.</summary>
    None,

    /// <summary>STARTTLS when offered, any certificate, else in clear: what a mail exchanger gets (RFC 7435). Never carries a password in clear.</summary>
    Opportunistic,

    /// <summary>STARTTLS with a certificate that verifies, or nothing (RFC 3207).</summary>
    Required,

    /// <summary>TLS from the first octet, with a certificate that verifies (RFC 8314 3.3, port 465).</summary>
    Implicit,
}

/// <summary>Makes the TCP connection, so that the owner decides which addresses may be reached.</summary>
/// <remarks>Throws <see cref="SocketException"/> or <see cref="IOException"/> to refuse; the message is shown as the outcome's text.</remarks>
public delegate ValueTask<Socket> SmtpConnector(DnsEndPoint endpoint, CancellationToken ct);

/// <summary>Connectors of this module.</summary>
public static class SmtpConnectors
{
    /// <summary>Connects to whatever the name resolves to, private addresses included.</summary>
    public static async ValueTask<Socket> Direct(DnsEndPoint endpoint, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endpoint, ct).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>How to log in. Never shown: the dialogue has a placeholder instead.</summary>
/// <param name="User">No NUL (RFC 4616 2).</param>
/// <param name="Secret">The password, or the access token when <paramref name="IsToken"/>.</param>
/// <param name="IsToken">True for XOAUTH2, false for PLAIN or LOGIN.</param>
public sealed record SmtpCredentials(string User, string Secret, bool IsToken)
{
    /// <summary>Hides the secret from logs and debuggers.</summary>
    public override string ToString() => "SmtpCredentials";
}

/// <summary>Longest waits, per step; the defaults are the least that RFC 5321 4.5.3.2 asks for.</summary>
public sealed record SmtpTimeouts
{
    /// <summary>TCP connection; default 1 min (the RFC is silent).</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>4.5.3.2.1; default 5 min.</summary>
    public TimeSpan Greeting { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>EHLO, STARTTLS with its handshake, each step of AUTH, RSET, NOOP; default 5 min.</summary>
    public TimeSpan Command { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>4.5.3.2.2; default 5 min.</summary>
    public TimeSpan Mail { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>4.5.3.2.3; default 5 min.</summary>
    public TimeSpan Rcpt { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>4.5.3.2.4, the wait for 354; default 2 min.</summary>
    public TimeSpan DataStart { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>4.5.3.2.5, each write of the message; default 3 min.</summary>
    public TimeSpan DataBlock { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>4.5.3.2.6, the reply to the final dot; default 10 min. Shorter makes duplicates (RFC 1047).</summary>
    public TimeSpan EndOfData { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The reply to QUIT, whose content changes nothing; default 5 s.</summary>
    public TimeSpan Quit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>All waits cut to at most this long: for a person who watches a connection test.</summary>
    public static SmtpTimeouts AtMost(TimeSpan limit) => new()
    {
        Connect = limit, Greeting = limit, Command = limit, Mail = limit, Rcpt = limit, DataStart = limit, DataBlock = limit, EndOfData = limit,
        Quit = limit < TimeSpan.FromSeconds(5) ? limit : TimeSpan.FromSeconds(5),
    };
}

/// <summary>Where to connect and how to behave there.</summary>
public sealed record SmtpClientOptions
{
    /// <summary>Name or address of the server, and the port.</summary>
    public required DnsEndPoint Server { get; init; }

    /// <summary>The name given in EHLO: the host's own, as its PTR record says (RFC 5321 4.1.4). Printable ASCII, at most 255.</summary>
    public required string EhloName { get; init; }

    public TlsPolicy Tls { get; init; } = TlsPolicy.Required;

    /// <summary>The name the certificate must carry; default the server's.</summary>
    public string? TlsName { get; init; }

    /// <summary>Roots to trust instead of the system's; null for the system's.</summary>
    public X509Certificate2Collection? Roots { get; init; }

    public SmtpCredentials? Credentials { get; init; }

    /// <summary>Judges the certificate instead of the system's roots and names, for DANE (RFC 7672) and pinning: the chain as sent, the server's own first.
    /// True counts as verified. Not asked with <see cref="TlsPolicy.None"/>.</summary>
    public Func<IReadOnlyList<X509Certificate2>, bool>? CertificateCheck { get; init; }

    /// <summary>Hand messages over with BDAT where the server offers CHUNKING (RFC 3030). Default false: DATA is as fast and better trodden.</summary>
    public bool UsesChunking { get; init; }

    public SmtpTimeouts Timeouts { get; init; } = new();

    /// <summary>Record the conversation; costs strings per line, so off by default.</summary>
    public bool KeepDialogue { get; init; }
}
