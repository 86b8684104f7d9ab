using System.Net;
using System.Security.Cryptography.X509Certificates;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Imap;

/// <summary>The step at which a connection test ended.</summary>
public enum ImapStage
{
    Connect,
    Tls,
    Greeting,
    Capability,
    Auth,
    List,
    Done,
}

/// <summary>How a connection test ended, by whose word.</summary>
public enum ImapKind
{
    /// <summary>Every step went well.</summary>
    Works,

    /// <summary>The server answered NO or BYE: wrong password, mailbox locked.</summary>
    Refused,

    /// <summary>Hang-up, silence, garbage or a failed handshake.</summary>
    ConnectionLost,

    /// <summary>The server does not offer what the policy or the credentials need; no secret was sent.</summary>
    Unsupported,
}

/// <param name="Code">The response code (RFC 5530), such as AUTHENTICATIONFAILED; null without one.</param>
/// <param name="Text">The server's words, or ours when it said none; at most 500 characters.</param>
public sealed record ImapOutcome(ImapStage Stage, ImapKind Kind, string? Code, string Text);

/// <param name="Name">Decoded from modified UTF-7 (RFC 3501 5.1.3).</param>
/// <param name="Use">Special use without backslash (RFC 6154): Sent, Junk, Trash, Drafts, Archive, All, Flagged; null for none.</param>
public sealed record ImapFolder(string Name, string? Use);

/// <summary>Where to connect and how to log in.</summary>
public sealed record ImapOptions
{
    public required DnsEndPoint Server { get; init; }

    /// <summary>Opportunistic counts as required: a password is at stake (RFC 8314 3).</summary>
    public TlsPolicy Tls { get; init; } = TlsPolicy.Implicit;

    /// <summary>The name the certificate must carry; default the server's.</summary>
    public string? TlsName { get; init; }

    /// <summary>Roots to trust instead of the system's.</summary>
    public X509Certificate2Collection? Roots { get; init; }

    /// <summary>No CR, LF or NUL.</summary>
    public required SmtpCredentials Credentials { get; init; }

    /// <summary>Longest wait for each answer. Default 15 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>What a connection test found.</summary>
/// <param name="Capabilities">In capitals, as after login where the server says them again.</param>
/// <param name="Folders">At most 1000.</param>
public sealed record ImapTest(ImapOutcome Outcome, IReadOnlyList<string> Capabilities, IReadOnlyList<ImapFolder> Folders, SmtpDialogue Dialogue)
{
    /// <summary>Connects, encrypts, logs in, lists the folders and logs out (RFC 3501, RFC 9051).</summary>
    /// <exception cref="ArgumentException">CR, LF or NUL in the credentials: a caller's bug.</exception>
    public static async ValueTask<ImapTest> Run(ImapOptions options, SmtpConnector connector, TimeProvider clock, CancellationToken ct)
    {
        if ((options.Credentials.User + options.Credentials.Secret).AsSpan().IndexOfAny('\r', '\n', '\0') >= 0)
            throw new ArgumentException("A line end or NUL in the credentials.", nameof(options));
        var dialogue = new SmtpDialogue(clock);
        var (wire, trouble) = await ImapWire.Open(options, connector, clock, dialogue, ct).ConfigureAwait(false);
        if (wire is null) return new ImapTest(new ImapOutcome(ImapStage.Connect, ImapKind.ConnectionLost, null, trouble), [], [], dialogue);
        await using var _ = wire.ConfigureAwait(false);
        var session = new ImapSession(wire, options);
        var outcome = await session.Run(ct).ConfigureAwait(false);
        return new ImapTest(outcome, session.Capabilities, session.Folders, dialogue);
    }
}
