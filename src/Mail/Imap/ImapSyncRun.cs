namespace PenguinMails.Mail.Imap;

/// <summary>One pass over a selected folder: search, describe in batches, fetch in groups, deliver one by one.</summary>
sealed class ImapSyncRun(ImapConnection connection, ImapSyncState state, ImapSyncOptions options, ImapAlreadyHas alreadyHas, ImapDeliver deliver)
{
    /// <summary>What is handed over of a message that is too large.</summary>
    const uint StartOctets = 64 * 1024;

    static readonly ImapFetch Description = new() { Flags = true, InternalDate = true, Size = true, Sections = [ImapSection.Fields("MESSAGE-ID")] };

    public ImapSyncState State { get; private set; } = state;

    public int Delivered { get; private set; }

    public bool IsMore { get; private set; }

    public async ValueTask<ImapOutcome?> Go(CancellationToken ct)
    {
        var (all, failed) = await Search(ct).ConfigureAwait(false);
        if (all is null) return failed;
        State = ImapSyncPlan.Found(State, all);
        var (wanted, unknown) = await Candidates(all.Above(State.LastUid), ct).ConfigureAwait(false);
        if (wanted is null) return unknown;
        var looked = 0;
        foreach (var batch in wanted.Uids.Chunk(Math.Clamp(options.BatchMessages, 1, 500)))
        {
            if (looked >= options.RunMessagesMax) IsMore = true;
            if (IsMore) return null;
            looked += batch.Length;
            if (await Batch(batch, ct).ConfigureAwait(false) is { } outcome) return outcome;
        }
        if (!IsMore) State = ImapSyncPlan.Passed(State, all.Max);
        return null;
    }

    /// <summary>Everything above the last; "n:*" always names the last message too, whose identifier may be lower (RFC 9051 9, seq-range).</summary>
    async ValueTask<(ImapUidSet? Found, ImapOutcome? Failed)> Search(CancellationToken ct)
    {
        if (State.LastUid == uint.MaxValue) return (ImapUidSet.Empty, null);
        var found = await connection.Search(ImapCriteria.Uids(ImapUidSet.From(State.LastUid + 1)), ct).ConfigureAwait(false);
        return found.Value is { } uids ? (uids.Above(State.LastUid), null) : (null, found.Outcome);
    }

    /// <summary>With a first day, the server leaves out the old stock; a day's slack, because its days are of its own zone.</summary>
    async ValueTask<(ImapUidSet? Wanted, ImapOutcome? Failed)> Candidates(ImapUidSet all, CancellationToken ct)
    {
        if (all.IsEmpty || State.Since is not { } since || !ImapSyncPlan.IsStock(State, State.LastUid + 1)) return (all, null);
        var day = DateOnly.FromDateTime(since.UtcDateTime.Date);
        var recent = await connection.Search(ImapCriteria.And(ImapCriteria.Uids(ImapUidSet.From(State.LastUid + 1)), ImapCriteria.Since(day > DateOnly.MinValue.AddDays(1) ? day.AddDays(-1) : day)), ct).ConfigureAwait(false);
        return recent.Value is { } stock ? (ImapUidSet.Merge(stock.Above(State.LastUid), all.Above(State.StockEnd - 1)), null) : (null, recent.Outcome);
    }

    async ValueTask<ImapOutcome?> Batch(uint[] uids, CancellationToken ct)
    {
        var described = new Dictionary<uint, ImapFetched>();
        var outcome = await connection.Fetch(ImapUidSet.Of(uids), Description, (fetched, _) =>
        {
            // Flags that change meanwhile come as a description of their own (RFC 9051 7.5.2).
            if (fetched.Contents.Count > 0 || !described.ContainsKey(fetched.Uid)) described[fetched.Uid] = fetched;
            return ValueTask.CompletedTask;
        }, ct).ConfigureAwait(false);
        if (IsLost(outcome)) return outcome;
        var group = new List<ImapFetched>();
        var octets = 0L;
        foreach (var uid in uids)
        {
            if (!described.TryGetValue(uid, out var message) && !(await IsStillThere(uid, ct).ConfigureAwait(false) ?? true)) continue;
            if (!connection.IsOpen) return Closed;
            message ??= ImapFetched.Unknown(uid);
            if (await IsLeftOut(message, ct).ConfigureAwait(false)) continue;
            var size = message.Size ?? options.GroupOctetsMax;
            if (group.Count > 0 && octets + size > options.GroupOctetsMax)
            {
                if (await Group(group, ct).ConfigureAwait(false) is { } failed) return failed;
                if (IsMore) return null;
                (group, octets) = ([], 0);
            }
            group.Add(message);
            octets += size;
        }
        if (group.Count > 0 && await Group(group, ct).ConfigureAwait(false) is { } trouble) return trouble;
        if (!IsMore) State = ImapSyncPlan.Passed(State, uids[^1]);
        return null;
    }

    async ValueTask<bool> IsLeftOut(ImapFetched message, CancellationToken ct) =>
        ImapSyncPlan.IsTooOld(State, message.Uid, message.InternalDate)
        || (ImapSyncPlan.NeedsRecognition(State, message.Uid) && message.Size is not null && await alreadyHas(Fingerprint(message), ct).ConfigureAwait(false));

    async ValueTask<ImapOutcome?> Group(List<ImapFetched> group, CancellationToken ct)
    {
        var bodies = new Dictionary<uint, ReadOnlyMemory<byte>>();
        var together = ImapUidSet.Of(group.Where(message => !IsTooLarge(message)).Select(message => message.Uid));
        if (!together.IsEmpty)
        {
            var kept = 0L;
            var outcome = await connection.Fetch(together, new ImapFetch { Sections = [ImapSection.Whole] }, (fetched, _) =>
            {
                // A server that announced less than it sends does not fill the memory: the rest is fetched one by one.
                if (fetched.Contents is [{ IsCut: false, Name: "" } body, ..] && (bodies.Count == 0 || kept + body.Octets.Length <= 2 * options.GroupOctetsMax) && bodies.TryAdd(fetched.Uid, body.Octets))
                    kept += body.Octets.Length;
                return ValueTask.CompletedTask;
            }, ct).ConfigureAwait(false);
            if (IsLost(outcome)) return outcome;
        }
        foreach (var message in group)
        {
            var isWhole = bodies.Remove(message.Uid, out var octets);
            var isCut = false;
            if (!isWhole)
            {
                var (found, lost) = await Alone(message, ct).ConfigureAwait(false);
                if (lost is not null) return lost;
                if (found is null) continue;
                (octets, isCut) = found.Value;
            }
            var next = ImapSyncPlan.Passed(State, message.Uid);
            var handed = new ImapMessage(message.Uid, message.Flags ?? [], message.InternalDate, message.Size ?? octets.Length, Fingerprint(message), octets, isCut);
            IsMore = !await deliver(handed, next, ct).ConfigureAwait(false);
            if (IsMore) return null;
            State = next;
            Delivered++;
        }
        return null;
    }

    /// <summary>One message by itself: whole, else its start, else nothing but the fact that it is there. Null when it is gone.</summary>
    async ValueTask<((ReadOnlyMemory<byte> Octets, bool IsCut)? Found, ImapOutcome? Lost)> Alone(ImapFetched message, CancellationToken ct)
    {
        var start = ImapSection.Whole.Stretch(0, StartOctets);
        ImapSection[] sections = IsTooLarge(message) ? [start] : [ImapSection.Whole, start];
        foreach (var section in sections)
        {
            ReadOnlyMemory<byte>? octets = null;
            var outcome = await connection.Fetch(ImapUidSet.Of(message.Uid), new ImapFetch { Sections = [section] }, (fetched, _) =>
            {
                if (fetched.Uid == message.Uid && fetched.Contents is [{ IsCut: false, Name: "" } body, ..]) octets = body.Octets;
                return ValueTask.CompletedTask;
            }, ct).ConfigureAwait(false);
            if (IsLost(outcome)) return (null, outcome);
            if (octets is { } found) return ((found, section.Offset is not null && (message.Size ?? long.MaxValue) > found.Length), null);
        }
        var isThere = await IsStillThere(message.Uid, ct).ConfigureAwait(false);
        if (!connection.IsOpen) return (null, Closed);
        return (isThere == false ? null : (default, true), null);
    }

    /// <summary>Null when the server does not say.</summary>
    async ValueTask<bool?> IsStillThere(uint uid, CancellationToken ct) =>
        (await connection.Search(ImapCriteria.Uids(ImapUidSet.Of(uid)), ct).ConfigureAwait(false)).Value?.Contains(uid);

    bool IsTooLarge(ImapFetched message) => message.Size > options.MessageOctetsMax;

    /// <summary>A NO, as for messages that are gone (RFC 5530 EXPUNGEISSUED), leaves the connection usable.</summary>
    bool IsLost(ImapOutcome outcome) => outcome.Kind != ImapKind.Works && !connection.IsOpen;

    static ImapOutcome Closed => new(ImapStage.Command, ImapKind.ConnectionLost, null, "The connection was lost.");

    static ImapFingerprint Fingerprint(ImapFetched message) => ImapFingerprint.Of(message);
}
