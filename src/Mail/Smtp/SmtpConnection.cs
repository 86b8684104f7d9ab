using System.Net.Sockets;

namespace PenguinMails.Mail.Smtp;

/// <summary>An attempt to open a connection: the connection, or the outcome that says why there is none.</summary>
/// <param name="Refusal">Null when the connection is open.</param>
/// <param name="Dialogue">Null unless the options asked for it.</param>
public sealed record SmtpOpening(SmtpConnection? Connection, SmtpOutcome? Refusal, SmtpDialogue? Dialogue);

/// <summary>A client's session with one server (RFC 5321), used for one message after another; not for two threads at once.</summary>
/// <remarks>Whatever the peer does is an outcome. Only the caller's cancellation throws.</remarks>
public sealed class SmtpConnection : IAsyncDisposable
{
    readonly SmtpWire wire;
    readonly SmtpClientOptions options;
    readonly SmtpTransaction transaction;

    SmtpConnection(SmtpWire wire, SmtpClientOptions options, SmtpCapabilities capabilities)
    {
        this.wire = wire;
        this.options = options;
        Capabilities = capabilities;
        transaction = new SmtpTransaction(wire, options, capabilities);
    }

    /// <summary>From the last EHLO, the one inside TLS when there is TLS.</summary>
    public SmtpCapabilities Capabilities { get; }

    /// <summary>True inside TLS whose certificate was verified, by the system's roots or by <see cref="SmtpClientOptions.CertificateCheck"/>.</summary>
    public bool IsVerified => wire.IsVerified;

    /// <summary>False when the next message needs a new connection.</summary>
    public bool IsOpen => wire.IsOpen;

    /// <summary>False also when the server hung up or said 421 while nobody asked: look before giving an idle connection the next message.</summary>
    public bool IsReusable => transaction.Begun is null ? wire.IsQuiet : wire.IsOpen;

    /// <summary>Connects, greets, encrypts by policy and logs in.</summary>
    /// <exception cref="ArgumentException">The EHLO name or the user name cannot stand in a command: a caller's bug.</exception>
    public static async ValueTask<SmtpOpening> Open(SmtpClientOptions options, SmtpConnector connector, TimeProvider clock, CancellationToken ct)
    {
        if (options.EhloName.Length is 0 or > 255 || options.EhloName.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new ArgumentException("The EHLO name is not 1 to 255 printable ASCII characters.", nameof(options));
        if (options.Credentials is { } login && (login.User + login.Secret).Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("A NUL in the credentials.", nameof(options));
        var dialogue = options.KeepDialogue ? new SmtpDialogue(clock) : null;
        var (socket, trouble) = await Connect(options, connector, clock, ct).ConfigureAwait(false);
        if (socket is null) return new SmtpOpening(null, SmtpOutcome.Lost(SmtpStage.Connect, trouble), dialogue);
        var wire = new SmtpWire(socket, clock, dialogue);
        var isOpen = false;
        try
        {
            using var watch = wire.Watch(ct);
            var handshake = new SmtpHandshake(wire, options);
            var refusal = await handshake.Run(ct).ConfigureAwait(false);
            if (refusal is not null) return new SmtpOpening(null, refusal, dialogue);
            isOpen = true;
            return new SmtpOpening(new SmtpConnection(wire, options, handshake.Capabilities), null, dialogue);
        }
        finally
        {
            if (!isOpen) await wire.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc cref="Send(SmtpEnvelope, ReadOnlyMemory{byte}, SmtpNext?, Func{CancellationToken, ValueTask{bool}}?, CancellationToken)"/>
    public ValueTask<SmtpOutcome> Send(
        SmtpEnvelope envelope, ReadOnlyMemory<byte> message, Func<CancellationToken, ValueTask<bool>>? beforeData, CancellationToken ct) => Send(envelope, message, null, beforeData, ct);

    /// <summary>Sends one message to one recipient.</summary>
    /// <param name="message">As <see cref="Mime.MessageWriter"/> writes it: CRLF lines, not yet dot-stuffed.</param>
    /// <param name="next">What the next call will send: its MAIL, RCPT and DATA go out behind this message (RFC 2920 3.1) where the server pipelines,
    /// which saves a way there and back. None of its content goes out before that call. Null: each message waits for its turn.</param>
    /// <param name="beforeData">Awaited right before the first octet of the transaction is written, or of the content when its commands went out with the message before;
    /// false withholds the message, and closes the connection if its commands are out.</param>
    /// <exception cref="OperationCanceledException">Cancelled before the final write began, so nothing was delivered.
    /// Cancelled after that, the outcome is <see cref="SmtpKind.InDoubt"/> instead: throwing would lose that fact.</exception>
    /// <exception cref="ArgumentException">The message has a bare LF before a dot, which would let a peer end it early, or it is not the one that was named as the next: a caller's bug.</exception>
    public async ValueTask<SmtpOutcome> Send(
        SmtpEnvelope envelope, ReadOnlyMemory<byte> message, SmtpNext? next, Func<CancellationToken, ValueTask<bool>>? beforeData, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!wire.IsOpen) return SmtpOutcome.Lost(SmtpStage.Mail, "The connection is closed.");
        var begun = transaction.Begun;
        if (begun is null && Unfit(envelope, message) is { } unfit) return unfit;
        if (begun is not null && !(ReferenceEquals(begun.Envelope, envelope) && begun.Message.Equals(message)))
        {
            wire.Abandon();
            throw new ArgumentException("Another message was named as the next.", nameof(message));
        }
        if (beforeData is not null && !await beforeData(ct).ConfigureAwait(false))
        {
            if (begun is not null) wire.Abandon(); // Its DATA may have been let in: only the end of the connection takes it back.
            return new SmtpOutcome(SmtpStage.Mail, SmtpKind.Withheld, 0, null, "Withheld by the sender.");
        }
        using var watch = wire.Watch(ct);
        return await transaction.Run(envelope, message, next is not null && Unfit(next.Envelope, next.Message) is null ? next : null, ct).ConfigureAwait(false);
    }

    SmtpOutcome? Unfit(SmtpEnvelope envelope, ReadOnlyMemory<byte> message)
    {
        if (envelope.NeedsSmtpUtf8 && !Capabilities.SmtpUtf8)
            return SmtpOutcome.Unsupported(SmtpStage.Mail, "The address needs SMTPUTF8, which the server does not offer.");
        if (envelope.RequiresTls && !(wire.IsVerified && Capabilities.RequireTls)) // RFC 8689 4.2.1: status 5.7.30.
            return SmtpOutcome.Unsupported(SmtpStage.Mail, "The message asks for REQUIRETLS, which this connection does not give.");
        return Capabilities.MessageOctetsMax > 0 && message.Length > Capabilities.MessageOctetsMax
            ? SmtpOutcome.Unsupported(SmtpStage.Mail, $"The message has {message.Length} octets; the server takes {Capabilities.MessageOctetsMax}.")
            : null;
    }

    /// <summary>Asks whether the server is still there (RFC 5321 4.1.1.9); not while a message is begun, whose answers come first.</summary>
    public async ValueTask<bool> Noop(CancellationToken ct)
    {
        if (transaction.Begun is not null) return wire.IsOpen;
        using var watch = wire.Watch(ct);
        wire.Dialogue?.Client("NOOP");
        await wire.Write("NOOP\r\n"u8.ToArray(), options.Timeouts.Command, ct).ConfigureAwait(false);
        var reply = await wire.Read(options.Timeouts.Command, false, null, ct).ConfigureAwait(false);
        return reply.IsPositive;
    }

    /// <summary>Takes leave with QUIT when the connection still stands and no message is begun, then closes it.</summary>
    public async ValueTask Quit(CancellationToken ct)
    {
        if (wire.IsOpen && transaction.Begun is null)
        {
            using var watch = wire.Watch(ct);
            wire.Dialogue?.Client("QUIT");
            await wire.Write("QUIT\r\n"u8.ToArray(), options.Timeouts.Quit, ct).ConfigureAwait(false);
            await wire.Read(options.Timeouts.Quit, false, null, ct).ConfigureAwait(false);
        }
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Closes at once, without QUIT.</summary>
    public ValueTask DisposeAsync() => wire.DisposeAsync();

    static async ValueTask<(Socket? Socket, string Trouble)> Connect(
        SmtpClientOptions options, SmtpConnector connector, TimeProvider clock, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(options.Timeouts.Connect, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            var socket = await connector(options.Server, either.Token).ConfigureAwait(false);
            socket.NoDelay = true;
            return (socket, "");
        }
        catch (Exception e) when (SmtpWire.IsLoss(e))
        {
            ct.ThrowIfCancellationRequested();
            return (null, e is OperationCanceledException ? "No connection in time." : e.Message);
        }
    }
}
