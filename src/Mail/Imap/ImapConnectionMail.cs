using System.Buffers;
using System.Globalization;

namespace PenguinMails.Mail.Imap;

/// <summary>How flags are changed.</summary>
public enum ImapStoreKind
{
    Add,
    Remove,
    Replace,
}

/// <summary>Where an appended message stands; null where the server has no UIDPLUS (RFC 4315).</summary>
public sealed record ImapAppended(uint? UidValidity, uint? Uid);

/// <content>Commands on messages; all but Append need a selected folder.</content>
public sealed partial class ImapConnection
{
    /// <summary>Octets of a set in one command; longer ones become several commands.</summary>
    const int SetLengthMax = 4000;

    static readonly SearchValues<char> NotInFlags = SearchValues.Create("(){%*\"\\]");

    /// <summary>Identifiers of the messages that match, ascending (UID SEARCH, RFC 9051 6.4.4; RFC 4731 where offered).</summary>
    public async ValueTask<ImapAnswer<ImapUidSet>> Search(ImapCriteria criteria, CancellationToken ct)
    {
        var command = new ImapCommand("UID SEARCH ", session.IsUtf8);
        if (session.Offers("ESEARCH") || session.Offers("IMAP4REV2")) command.Add("RETURN (ALL) ");
        // RFC 9755 3: with UTF8=ACCEPT a charset must not be named.
        if (!criteria.IsAscii && !session.IsUtf8) command.Add("CHARSET UTF-8 ");
        criteria.Write(command);
        var single = new List<uint>();
        var found = ImapUidSet.Empty;
        var outcome = await session.Run(ImapStage.Command, command, (response, _) =>
        {
            if (response.Word == "SEARCH")
                while (response.Tokens.Next() && response.Tokens.Number32 is { } uid && single.Count < ImapUidSet.RangesMax) single.Add(uid);
            if (response.Word == "ESEARCH" && All(response.Tokens) is { } all) found = ImapUidSet.Read(all);
            return ValueTask.CompletedTask;
        }, false, ct).ConfigureAwait(false);
        return new ImapAnswer<ImapUidSet>(outcome ?? Works, outcome is null ? single.Count > 0 ? ImapUidSet.Of(single) : found : null);
    }

    /// <summary>Fetches what is asked for and hands it over message by message, in the order the server chooses; at most one message is in memory.</summary>
    /// <param name="visit">Awaited before the next is read. Also gets what the server says unasked of any message: look at what it holds.</param>
    public async ValueTask<ImapOutcome> Fetch(ImapUidSet uids, ImapFetch what, Func<ImapFetched, CancellationToken, ValueTask> visit, CancellationToken ct)
    {
        foreach (var text in uids.Texts(SetLengthMax))
        {
            var outcome = await session.Run(ImapStage.Command, new ImapCommand($"UID FETCH {text} {what.Items}"),
                (response, cancel) => ImapFetched.Read(response) is { Uid: > 0 } fetched ? visit(fetched, cancel) : ValueTask.CompletedTask, true, ct).ConfigureAwait(false);
            if (outcome is not null) return outcome;
        }
        return Works;
    }

    /// <summary>Changes flags without being told the result (UID STORE .SILENT).</summary>
    /// <param name="flags">Such as <c>\Seen</c> or <c>$Junk</c>.</param>
    /// <exception cref="ArgumentException">A flag that is no atom: a caller's bug.</exception>
    public async ValueTask<ImapOutcome> Store(ImapUidSet uids, ImapStoreKind kind, IReadOnlyList<string> flags, CancellationToken ct)
    {
        var sign = kind switch { ImapStoreKind.Add => "+", ImapStoreKind.Remove => "-", ImapStoreKind.Replace => "" };
        var list = FlagList(flags);
        foreach (var text in uids.Texts(SetLengthMax))
            if (await session.Run(ImapStage.Command, new ImapCommand($"UID STORE {text} {sign}FLAGS.SILENT {list}"), null, false, ct).ConfigureAwait(false) is { } outcome) return outcome;
        return Works;
    }

    /// <summary>Moves messages (RFC 6851), or where the server cannot: copies them, marks them as deleted and expunges exactly these (RFC 4315).
    /// Without UIDPLUS they stay marked: EXPUNGE would also take what others marked.</summary>
    public async ValueTask<ImapOutcome> Move(ImapUidSet uids, string folder, CancellationToken ct)
    {
        var canMove = session.Offers("MOVE") || session.Offers("IMAP4REV2");
        foreach (var text in uids.Texts(SetLengthMax))
        {
            var command = new ImapCommand($"UID {(canMove ? "MOVE" : "COPY")} {text} ", session.IsUtf8).Folder(folder);
            if (await session.Run(ImapStage.Command, command, null, false, ct).ConfigureAwait(false) is { } outcome) return outcome;
            if (canMove) continue;
            if (await session.Run(ImapStage.Command, new ImapCommand($"UID STORE {text} +FLAGS.SILENT (\\Deleted)"), null, false, ct).ConfigureAwait(false) is { } unmarked) return unmarked;
            if (!session.Offers("UIDPLUS")) continue;
            if (await session.Run(ImapStage.Command, new ImapCommand($"UID EXPUNGE {text}"), null, false, ct).ConfigureAwait(false) is { } left) return left;
        }
        return Works;
    }

    /// <summary>Puts a message into a folder (RFC 9051 6.3.12).</summary>
    /// <param name="message">CRLF lines.</param>
    /// <param name="date">Its internal date; null for the server's now.</param>
    public async ValueTask<ImapAnswer<ImapAppended>> Append(string folder, ReadOnlyMemory<byte> message, IReadOnlyList<string> flags, DateTimeOffset? date, CancellationToken ct)
    {
        var command = new ImapCommand("APPEND ", session.IsUtf8).Folder(folder).Add(" ");
        if (flags.Count > 0) command.Add(FlagList(flags) + " ");
        if (date is { } at) command.Add(at.ToString("'\"'dd-MMM-yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + at.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal) + "\" ");
        var (outcome, tagged) = await session.Ask(ImapStage.Command, command.Literal(message), null, false, ct).ConfigureAwait(false);
        if (outcome is not null || tagged is null) return new ImapAnswer<ImapAppended>(outcome ?? session.Lost(ImapStage.Command), null);
        var words = tagged.Code == "APPENDUID" ? tagged.CodeText.Split(' ') : [];
        return new ImapAnswer<ImapAppended>(Works, words is [var validity, var uid] ? new ImapAppended(Number(validity), Number(uid)) : new ImapAppended(null, null));
    }

    internal static ImapUidSet Vanished(ImapResponse response)
    {
        var tokens = response.Tokens;
        if (!tokens.Next()) return ImapUidSet.Empty;
        if (tokens.Kind == ImapToken.Open)
        {
            tokens.Skip();
            tokens.Next();
        }
        return tokens.Kind == ImapToken.Atom ? ImapUidSet.Read(tokens.Text) : ImapUidSet.Empty;
    }

    /// <summary><c>(TAG "A5") UID ALL 2,10:11</c>.</summary>
    static string? All(ImapTokens tokens)
    {
        while (tokens.Next())
        {
            if (tokens.Kind == ImapToken.Open) tokens.Skip();
            else if (tokens.Is("ALL") && tokens.Next()) return tokens.Text;
        }
        return null;
    }

    // A backslash may only begin a flag.
    static string FlagList(IReadOnlyList<string> flags) => flags.All(flag => flag.Length is > 0 and < 200 && !flag.AsSpan().ContainsAnyExceptInRange('!', '~') && flag.AsSpan(flag[0] == '\\' ? 1 : 0).IndexOfAny(NotInFlags) < 0)
        ? $"({string.Join(' ', flags)})"
        : throw new ArgumentException("A flag that is no atom.", nameof(flags));

    static uint? Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
