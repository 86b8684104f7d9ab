using System.Net;
using System.Net.Security;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Smtp;

/// <summary>Where a server listens and what it puts up with.</summary>
public sealed record SmtpServerOptions
{
    /// <summary>Port 0 takes a free one.</summary>
    public required IPEndPoint Endpoint { get; init; }

    /// <summary>The name in the greeting, and the domain of a bare <c>postmaster</c> (RFC 5321 4.5.1).</summary>
    public required DomainName Name { get; init; }

    /// <summary>Asked in each session, so that a certificate may be renewed while the server runs; with a private key. Null leaves STARTTLS out.</summary>
    public Func<SslStreamCertificateContext?> Certificate { get; init; } = () => null;

    /// <summary>AUTH is offered in clear as well: for a sandbox on loopback only. Default false.</summary>
    public bool AllowsClearAuth { get; init; }

    /// <summary>MAIL needs AUTH first (530 5.7.0). Default false.</summary>
    public bool RequiresAuth { get; init; }

    /// <summary>Proxies that begin each connection with the PROXY protocol (version 1 or 2); the address they name counts from then on.
    /// From these addresses a connection without it is cut; from all others the protocol is not understood. Default none.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>Open connections; the next gets 421 4.3.2. Default 1000.</summary>
    public int ConnectionsMax { get; init; } = 1000;

    /// <summary>Open connections of one address; the next gets 421 4.7.0. Default 50.</summary>
    public int ConnectionsPerAddressMax { get; init; } = 50;

    /// <summary>Recipients of one message; the next gets 452 4.5.3. Default 100, the least RFC 5321 4.5.3.1.8 allows.</summary>
    public int RecipientsMax { get; init; } = 100;

    /// <summary>Octets of a message as received; more gets 552 5.3.4. Default 25 MiB.</summary>
    public int MessageOctetsMax { get; init; } = 25 * 1024 * 1024;

    /// <summary>Octets of a line of a message, line end included; more gets 550 5.6.0. Default 8192: real mail passes the 1000 of RFC 5321 4.5.3.1.6.</summary>
    public int MessageLineOctetsMax { get; init; } = 8192;

    /// <summary>Octets of a command line; more gets 500 5.5.2. Default 2048 (RFC 5321 4.5.3.1.4 asks for 512 and room for extensions).</summary>
    public int CommandOctetsMax { get; init; } = 2048;

    /// <summary>Commands refused for syntax or order, and failed logins, before 421 4.7.0. Default 10.</summary>
    public int BadCommandsMax { get; init; } = 10;

    /// <summary>Wait for the next octets (RFC 5321 4.5.3.2.7). Default 5 min, then 421 4.4.2.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whole command lines that take longer than this are a trickle. Default 5 min, then 421 4.4.2.</summary>
    public TimeSpan Command { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The whole session. Default 1 h, then 421 4.4.2.</summary>
    public TimeSpan Session { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>What the owner answers.</summary>
/// <param name="Code">2xx accepts, 4xx and 5xx refuse; 421 also closes the connection.</param>
/// <param name="Enhanced">As in RFC 3463, its first digit that of <paramref name="Code"/>.</param>
/// <param name="Text">Printable ASCII in one line; anything else is replaced by a question mark.</param>
public sealed record SmtpAnswer(int Code, string Enhanced, string Text)
{
    public static SmtpAnswer Ok { get; } = new(250, "2.0.0", "Ok");

    /// <summary>Hang up without a word: for a sandbox that plays a broken server.</summary>
    public bool HangsUp { get; init; }
}

/// <summary>Who is on the line, as known when the owner is asked.</summary>
/// <param name="Hello">As the client gave it: unverified.</param>
/// <param name="User">Null before AUTH.</param>
public sealed record SmtpVisitor(IPAddress Address, string Hello, bool IsTls, string? User);

/// <summary>A message received.</summary>
/// <param name="Sender">Null for the null sender.</param>
/// <param name="Message">Dots removed, every line ended by CRLF, no bare CR or LF; the owner's to keep.</param>
public sealed record SmtpDelivery(EmailAddress? Sender, IReadOnlyList<EmailAddress> Recipients, ReadOnlyMemory<byte> Message);

/// <summary>The owner's decisions. An exception from one is answered 451 4.3.0 and told to <see cref="Faulted"/>.</summary>
public sealed record SmtpHandler
{
    /// <summary>User and password from PLAIN or LOGIN; null leaves AUTH out. 235 accepts.</summary>
    public Func<SmtpVisitor, string, string, CancellationToken, ValueTask<SmtpAnswer>>? Auth { get; init; }

    /// <summary>Null for the sender is the null sender.</summary>
    public Func<SmtpVisitor, EmailAddress?, CancellationToken, ValueTask<SmtpAnswer>> Mail { get; init; } = (_, _, _) => ValueTask.FromResult(SmtpAnswer.Ok);

    public Func<SmtpVisitor, EmailAddress, CancellationToken, ValueTask<SmtpAnswer>> Rcpt { get; init; } = (_, _, _) => ValueTask.FromResult(SmtpAnswer.Ok);

    /// <summary>A 2xx answer takes responsibility for the message (RFC 5321 4.2.5): store it first.</summary>
    public required Func<SmtpVisitor, SmtpDelivery, CancellationToken, ValueTask<SmtpAnswer>> Data { get; init; }

    public Action<Exception> Faulted { get; init; } = _ => { };
}
