namespace PenguinMails.Mail.Imap;

/// <summary>How far a copy is.</summary>
/// <param name="Folder">The one at work, as the source names it.</param>
/// <param name="Messages">Put into the target so far.</param>
/// <param name="Octets">Of those.</param>
public sealed record ImapCopied(string Folder, int Messages, long Octets);

/// <summary>How a copy ended.</summary>
/// <param name="Outcome">Works, or the first failure; what was put into the target before it stays there.</param>
/// <param name="IsOfTarget">Which of the two failed.</param>
/// <param name="TooLarge">Messages of the source that were left out because they exceed <see cref="ImapOptions.SectionOctetsMax"/>.</param>
public sealed record ImapCopyResult(ImapOutcome Outcome, bool IsOfTarget, int Messages, long Octets, int TooLarge);

/// <summary>Puts every message of one account into another, with its folder, flags and date, unless it is there already. Takes nothing away on either side.</summary>
/// <remarks>Keeps no state: both sides are compared by <see cref="ImapFingerprint"/>, folder by folder, so a copy that was broken off anywhere is begun again and doubles nothing.
/// Two messages of the source with the same fingerprint both arrive.</remarks>
public sealed class ImapCopy
{
    const int BatchMessages = 500;
    const int FolderMessagesMax = 1_000_000;

    static readonly ImapFetch Description = new() { Flags = true, InternalDate = true, Size = true, Sections = [ImapSection.Fields("MESSAGE-ID")] };
    static readonly ImapOutcome Fine = new(ImapStage.Done, ImapKind.Works, null, "");

    readonly ImapConnection _source;
    readonly ImapConnection _target;
    readonly Func<ImapCopied, CancellationToken, ValueTask> _seen;
    int _messages;
    long _octets;
    int _tooLarge;

    ImapCopy(ImapConnection source, ImapConnection target, Func<ImapCopied, CancellationToken, ValueTask> seen) => (_source, _target, _seen) = (source, target, seen);

    /// <param name="seen">Called after each message.</param>
    public static async ValueTask<ImapCopyResult> Run(ImapConnection source, ImapConnection target, Func<ImapCopied, CancellationToken, ValueTask> seen, CancellationToken ct)
    {
        var copy = new ImapCopy(source, target, seen);
        var (outcome, isOfTarget) = await copy.Folders(ct).ConfigureAwait(false) ?? (Fine, false);
        return new ImapCopyResult(outcome, isOfTarget, copy._messages, copy._octets, copy._tooLarge);
    }

    async ValueTask<(ImapOutcome, bool)?> Folders(CancellationToken ct)
    {
        var theirs = await _source.List(ct).ConfigureAwait(false);
        if (theirs.Value is null) return (theirs.Outcome, false);
        var ours = await _target.List(ct).ConfigureAwait(false);
        if (ours.Value is null) return (ours.Outcome, true);
        var delimiter = ours.Value.FirstOrDefault(folder => folder.Delimiter is not null)?.Delimiter;
        foreach (var folder in theirs.Value.Where(folder => folder.IsSelectable))
        {
            var name = folder is { Delimiter: { } old } && delimiter is { } now ? folder.Name.Replace(old, now) : folder.Name;
            if (await Folder(folder.Name, name, ours.Value.Any(known => IsSame(known.Name, name)), ct).ConfigureAwait(false) is { } failed) return failed;
        }

        return null;
    }

    // RFC 9051 5.1: INBOX in any case is the same folder.
    static bool IsSame(string one, string other) => one == other || (one.Equals("INBOX", StringComparison.OrdinalIgnoreCase) && other.Equals("INBOX", StringComparison.OrdinalIgnoreCase));

    async ValueTask<(ImapOutcome, bool)?> Folder(string from, string to, bool isThere, CancellationToken ct)
    {
        var selected = await _source.Select(from, readOnly: true, null, ct).ConfigureAwait(false);
        if (selected.Value is null) return (selected.Outcome, false);
        if (!isThere && await _target.Create(to, ct).ConfigureAwait(false) is { Kind: not ImapKind.Works } uncreated) return (uncreated, true);
        if (selected.Value.Exists == 0) return null;
        var entered = await _target.Select(to, readOnly: true, null, ct).ConfigureAwait(false);
        if (entered.Value is null) return (entered.Outcome, true);

        var there = new Dictionary<ImapFingerprint, int>();
        if (await Describe(_target, message => there[Of(message)] = there.GetValueOrDefault(Of(message)) + 1, ct).ConfigureAwait(false) is { } unread) return (unread, true);
        var missing = new List<ImapFetched>();
        if (await Describe(_source, message => Missing(message, there, missing), ct).ConfigureAwait(false) is { } unseen) return (unseen, false);
        foreach (var message in missing)
            if (await Carry(message, from, to, ct).ConfigureAwait(false) is { } failed) return failed;
        return null;
    }

    static void Missing(ImapFetched message, Dictionary<ImapFingerprint, int> there, List<ImapFetched> missing)
    {
        var left = there.GetValueOrDefault(Of(message));
        if (left > 0) there[Of(message)] = left - 1;
        else if (missing.Count < FolderMessagesMax) missing.Add(message);
    }

    static ImapFingerprint Of(ImapFetched message) => ImapFingerprint.Of(message);

    static async ValueTask<ImapOutcome?> Describe(ImapConnection connection, Action<ImapFetched> hear, CancellationToken ct)
    {
        var found = await connection.Search(ImapCriteria.All, ct).ConfigureAwait(false);
        if (found.Value is not { } uids) return found.Outcome;
        foreach (var batch in uids.Uids.Chunk(BatchMessages))
        {
            var described = new Dictionary<uint, ImapFetched>();
            var outcome = await connection.Fetch(ImapUidSet.Of(batch), Description, (fetched, _) =>
            {
                // Flags that change meanwhile come as a description of their own (RFC 9051 7.5.2).
                if (fetched.Contents.Count > 0) described[fetched.Uid] = fetched;
                return ValueTask.CompletedTask;
            }, ct).ConfigureAwait(false);
            if (outcome.Kind != ImapKind.Works) return outcome;
            foreach (var message in described.Values.OrderBy(message => message.Uid)) hear(message);
        }

        return null;
    }

    async ValueTask<(ImapOutcome, bool)?> Carry(ImapFetched message, string from, string to, CancellationToken ct)
    {
        ImapContent? body = null;
        var outcome = await _source.Fetch(ImapUidSet.Of(message.Uid), new ImapFetch { Sections = [ImapSection.Whole] }, (fetched, _) =>
        {
            if (fetched.Uid == message.Uid && fetched.Contents is [{ Name: "" } whole, ..]) body = whole;
            return ValueTask.CompletedTask;
        }, ct).ConfigureAwait(false);
        if (outcome.Kind != ImapKind.Works) return (outcome, false);
        if (body is null) return null; // Deleted meanwhile.
        if (body.IsCut)
        {
            _tooLarge++;
            return null;
        }

        // \Recent belongs to the session, and no client may set it (RFC 3501 2.3.2).
        var flags = (message.Flags ?? []).Where(flag => !flag.Equals("\\Recent", StringComparison.OrdinalIgnoreCase)).ToArray();
        var appended = await _target.Append(to, body.Octets, flags, message.InternalDate, ct).ConfigureAwait(false);
        if (appended.Value is null) return (appended.Outcome, true);
        _messages++;
        _octets += body.Octets.Length;
        await _seen(new ImapCopied(from, _messages, _octets), ct).ConfigureAwait(false);
        return null;
    }
}
