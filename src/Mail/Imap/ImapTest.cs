using System.Net;
using System.Security.Cryptography.X509Certificates;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Imap;

/// <summary>The step at which a connection test, or a connection, ended.</summary>
public enum ImapStage
{
    Connect,
    Tls,
    Greeting,
    Capability,
    Auth,
    List,

    /// <summary>Any command behind the log-in but the connection test's own.</summary>
    Command,
    Done,
}

/// <summary>How a connection test or a command ended, by whose word.</summary>
public enum ImapKind
{
    /// <summary>It went well.</summary>
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

    /// <summary>Judges the certificate instead of the system's roots and names, for pinning: the chain as sent, the server's own first.</summary>
    public Func<IReadOnlyList<X509Certificate2>, bool>? CertificateCheck { get; init; }

    /// <summary>Longest wait for the connection, the TLS handshake, and for each stretch of octets of an answer. Default 15 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest time for one command with its whole answer, the waiting of IDLE left out: bounds a server that drips. Default 30 min.</summary>
    public TimeSpan CommandTimeMax { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Octets of one fetched section that are kept in memory; a longer one is read over and marked as cut. Default 64 MB, at least 64 KB.</summary>
    public int SectionOctetsMax { get; init; } = 64 << 20;

    /// <summary>How long one IDLE runs before it is issued again. Default 28 min; RFC 2177 3 asks for less than 29 min.</summary>
    public TimeSpan IdleTimeMax { get; init; } = TimeSpan.FromMinutes(28);

    /// <summary>How often a server without IDLE is asked by NOOP instead. Default 1 min.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Record the conversation, without secrets.</summary>
    public bool KeepDialogue { get; init; }
}

/// <summary>What a connection test found.</summary>
/// <param name="Capabilities">In capitals, as after login where the server says them again.</param>
/// <param name="Folders">At most 1000.</param>
public sealed record ImapTest(ImapOutcome Outcome, IReadOnlyList<string> Capabilities, IReadOnlyList<ImapFolder> Folders, SmtpDialogue Dialogue)
{
    const int FoldersMax = 1000;

    /// <summary>Connects, encrypts, logs in, lists the folders and logs out (RFC 3501, RFC 9051).</summary>
    /// <exception cref="ArgumentException">CR, LF or NUL in the credentials: a caller's bug.</exception>
    public static async ValueTask<ImapTest> Run(ImapOptions options, SmtpConnector connector, TimeProvider clock, CancellationToken ct)
    {
        var opening = await ImapConnection.Open(options with { KeepDialogue = true }, connector, clock, ct).ConfigureAwait(false);
        var dialogue = opening.Dialogue ?? new SmtpDialogue(clock);
        if (opening.Connection is not { } connection) return new ImapTest(opening.Outcome, opening.Capabilities, [], dialogue);
        await using var _ = connection.ConfigureAwait(false);
        var listed = await connection.List(ct).ConfigureAwait(false);
        if (listed.Value is not { } found) return new ImapTest(listed.Outcome with { Stage = ImapStage.List }, connection.Capabilities, [], dialogue);
        await connection.LogOut(ct).ConfigureAwait(false);
        ImapFolder[] folders = [.. found.Take(FoldersMax).Select(folder => new ImapFolder(folder.Name, folder.Use))];
        return new ImapTest(new ImapOutcome(ImapStage.Done, ImapKind.Works, null, $"{folders.Length} folders"), connection.Capabilities, folders, dialogue);
    }
}
