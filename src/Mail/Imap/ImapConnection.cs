using System.Globalization;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Imap;

/// <summary>An attempt to open a connection.</summary>
/// <param name="Connection">Null when it failed.</param>
/// <param name="Capabilities">In capitals, as far as they were heard.</param>
/// <param name="Dialogue">Null unless the options asked for it.</param>
public sealed record ImapOpening(ImapConnection? Connection, ImapOutcome Outcome, IReadOnlyList<string> Capabilities, SmtpDialogue? Dialogue);

/// <summary>What a command brought.</summary>
/// <param name="Value">Null unless the outcome is <see cref="ImapKind.Works"/>.</param>
public sealed record ImapAnswer<T>(ImapOutcome Outcome, T? Value)
    where T : class;

/// <summary>A client's session with one server (RFC 3501, RFC 9051), logged in; one command at a time, not for two threads at once.</summary>
/// <remarks>Whatever the server does is an outcome. Only the caller's cancellation throws, and it closes the connection.</remarks>
public sealed partial class ImapConnection : IAsyncDisposable
{
    const int FoldersMax = 10_000;
    const int WordsMax = 100;

    readonly ImapSession session;

    ImapConnection(ImapSession session) => this.session = session;

    /// <summary>In capitals, as after the log-in.</summary>
    public IReadOnlyList<string> Capabilities => session.Capabilities;

    /// <summary>False once anything was lost: a new connection is needed.</summary>
    public bool IsOpen => session.Wire.IsOpen;

    /// <summary>Messages in the selected folder, as last heard.</summary>
    public uint Exists => session.Exists;

    /// <summary>Null while none is selected.</summary>
    public string? Selected { get; private set; }

    /// <summary>Connects, encrypts, logs in and turns on what the server has of UTF-8, CONDSTORE and QRESYNC.</summary>
    /// <exception cref="ArgumentException">CR, LF or NUL in the credentials: a caller's bug.</exception>
    public static async ValueTask<ImapOpening> Open(ImapOptions options, SmtpConnector connector, TimeProvider clock, CancellationToken ct)
    {
        if ((options.Credentials.User + options.Credentials.Secret).AsSpan().IndexOfAny('\r', '\n', '\0') >= 0)
            throw new ArgumentException("A line end or NUL in the credentials.", nameof(options));
        var dialogue = options.KeepDialogue ? new SmtpDialogue(clock) : null;
        var (wire, trouble) = await ImapWire.Open(options, connector, clock, dialogue, ct).ConfigureAwait(false);
        if (wire is null) return new ImapOpening(null, new ImapOutcome(ImapStage.Connect, ImapKind.ConnectionLost, null, trouble), [], dialogue);
        var isOpen = false;
        try
        {
            var session = new ImapSession(wire, options);
            var outcome = await new ImapHandshake(session).Run(ct).ConfigureAwait(false);
            isOpen = outcome is null;
            return new ImapOpening(isOpen ? new ImapConnection(session) : null, outcome ?? Works, session.Capabilities, dialogue);
        }
        finally
        {
            if (!isOpen) await wire.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>All folders, with their special uses where the server knows them (RFC 6154); at most 10,000.</summary>
    public async ValueTask<ImapAnswer<IReadOnlyList<ImapListed>>> List(CancellationToken ct)
    {
        var folders = new List<ImapListed>();
        // RFC 6154 3: some servers tell special uses only when asked; RFC 5258 makes the asking possible.
        var command = new ImapCommand("LIST \"\" \"*\"" + (session.Offers("SPECIAL-USE") && session.Offers("LIST-EXTENDED") ? " RETURN (SPECIAL-USE)" : ""));
        var outcome = await session.Run(ImapStage.Command, command, (response, _) =>
        {
            if (response.Word is "LIST" && folders.Count < FoldersMax && Listed(response.Tokens, session.IsUtf8) is { } folder) folders.Add(folder);
            return ValueTask.CompletedTask;
        }, false, ct).ConfigureAwait(false);
        return new ImapAnswer<IReadOnlyList<ImapListed>>(outcome ?? Works, outcome is null ? folders : null);
    }

    /// <summary>Makes a folder, those above it included (RFC 9051 6.3.4). One that is there already is fine.</summary>
    public async ValueTask<ImapOutcome> Create(string folder, CancellationToken ct)
    {
        var outcome = await session.Run(ImapStage.Command, new ImapCommand("CREATE ", session.IsUtf8).Folder(folder), null, false, ct).ConfigureAwait(false);
        return outcome is null or { Code: "ALREADYEXISTS" } ? Works : outcome;
    }

    /// <summary>Opens a folder, by SELECT or, read-only, by EXAMINE.</summary>
    /// <param name="known">With it, and where the server has QRESYNC, the state tells what changed since; otherwise nothing of that.</param>
    public async ValueTask<ImapAnswer<ImapFolderState>> Select(string folder, bool readOnly, ImapKnown? known, CancellationToken ct)
    {
        var command = new ImapCommand(readOnly ? "EXAMINE " : "SELECT ", session.IsUtf8).Folder(folder);
        if (known is { UidValidity: > 0, ModSeq: > 0 } && session.Offers("QRESYNC"))
            command.Add(string.Create(CultureInfo.InvariantCulture, $" (QRESYNC ({known.UidValidity} {known.ModSeq}))"));
        else if (session.Offers("CONDSTORE"))
            command.Add(" (CONDSTORE)");
        var changed = new List<ImapFetched>();
        var state = new ImapFolderState(folder, 0, null, 0, null, readOnly, ImapUidSet.Empty, changed);
        Selected = null;
        var (outcome, tagged) = await session.Ask(ImapStage.Command, command, (response, _) =>
        {
            state = state.With(response, changed);
            return ValueTask.CompletedTask;
        }, false, ct).ConfigureAwait(false);
        session.TakeChanges();
        if (outcome is not null || tagged is null) return new ImapAnswer<ImapFolderState>(outcome ?? session.Lost(ImapStage.Command), null);
        Selected = folder;
        session.Exists = state.Exists;
        return new ImapAnswer<ImapFolderState>(Works, state with { IsReadOnly = readOnly || tagged.Code == "READ-ONLY" });
    }

    /// <summary>Asks for news of the selected folder, or only keeps the connection.</summary>
    public async ValueTask<ImapAnswer<IReadOnlyList<ImapChange>>> Noop(CancellationToken ct)
    {
        var outcome = await session.Run(ImapStage.Command, new ImapCommand("NOOP"), null, false, ct).ConfigureAwait(false);
        return new ImapAnswer<IReadOnlyList<ImapChange>>(outcome ?? Works, outcome is null ? session.TakeChanges() : null);
    }

    /// <summary>Waits for news of the selected folder: by IDLE (RFC 2177), issued again before a server would tire of it, or by NOOP at intervals.</summary>
    /// <param name="until">Longest wait; then the list is empty.</param>
    public async ValueTask<ImapAnswer<IReadOnlyList<ImapChange>>> Idle(TimeSpan until, CancellationToken ct)
    {
        var clock = session.Wire.Clock;
        var began = clock.GetTimestamp();
        while (true)
        {
            var left = until - clock.GetElapsedTime(began);
            var isIdle = session.Offers("IDLE") || session.Offers("IMAP4REV2");
            var step = isIdle ? session.Options.IdleTimeMax : session.Options.PollInterval;
            if (step > left) step = left > TimeSpan.Zero ? left : TimeSpan.Zero;
            if (!isIdle) await session.Wire.Comes(step, ct).ConfigureAwait(false);
            var outcome = isIdle ? await session.Idle(step, ct).ConfigureAwait(false) : await session.Run(ImapStage.Command, new ImapCommand("NOOP"), null, false, ct).ConfigureAwait(false);
            if (outcome is not null) return new ImapAnswer<IReadOnlyList<ImapChange>>(outcome, null);
            var changes = session.TakeChanges();
            if (changes.Count > 0 || clock.GetElapsedTime(began) >= until) return new ImapAnswer<IReadOnlyList<ImapChange>>(Works, changes);
        }
    }

    /// <summary>Takes leave with LOGOUT when the connection still stands, then closes it.</summary>
    public async ValueTask LogOut(CancellationToken ct)
    {
        if (IsOpen) await session.Run(ImapStage.Done, new ImapCommand("LOGOUT"), null, false, ct).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Closes at once, without LOGOUT.</summary>
    public ValueTask DisposeAsync() => session.Wire.DisposeAsync();

    static ImapOutcome Works => new(ImapStage.Command, ImapKind.Works, null, "");

    /// <summary><c>(\Sent \HasNoChildren) "/" "Sent Items"</c>; a name with blanks that a server forgot to quote is put together again.</summary>
    internal static ImapListed? Listed(ImapTokens tokens, bool isUtf8)
    {
        if (!tokens.Next() || tokens.Kind != ImapToken.Open) return null;
        var flags = tokens.Words(WordsMax);
        if (!tokens.Next() || !tokens.IsString) return null;
        var delimiter = tokens is { IsNil: false, Text: [var one, ..] } ? one : (char?)null;
        if (!tokens.Next() || !tokens.IsString) return null;
        var name = tokens.Text;
        if (tokens.Kind == ImapToken.Atom)
            while (tokens.Next() && tokens.Kind == ImapToken.Atom && name.Length < 1000) name += " " + tokens.Text;
        return new ImapListed(isUtf8 ? name : MailboxName.Decode(name), delimiter, flags);
    }
}
