using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;

namespace PenguinMails.Delivery.Transport;

/// <summary>The due messages of a lane in the queue's order, as many as cap and gap let through. One look from the first to the last.</summary>
/// <param name="facts">Their attempts of the last 24 hours were counted before this run. Nobody else sends from the mailbox, so counting on is exact until the oldest leaves the window.</param>
/// <param name="until">End of the stretch for which the facts hold: then the lane is given to others, and asked anew.</param>
sealed class LaneFeed(Lane lane, LaneFacts facts, LaneLedger ledger, TenantDb db, TimeProvider clock, DateTimeOffset until)
{
    const int LookMax = 500;

    readonly Queue<Claimed> _found = new();
    QueuePlace? _place = QueuePlace.Start;
    long _ahead = ledger.Attempts; // Let through since the facts were read.
    int _reserved; // Messages that will pass the gate a second time.

    /// <summary>The first message this feed gave; null before.</summary>
    public Claimed? First { get; private set; }

    /// <summary>True when the mailbox may send no more for now, whatever waits.</summary>
    public bool IsSpent => (HasGap && First is not null) || Room <= 0 || clock.GetUtcNow() >= until;

    bool HasGap => facts.State.GapSeconds > 0;

    /// <summary>False: nothing more will come, so do not ask.</summary>
    public bool MayHaveMore => !IsSpent && (_found.Count > 0 || _place is not null);

    long Room => Math.Min(
        facts.Sender.Usage.DailyCap - facts.Sender.Usage.Attempts, facts.Sender.WarmUp is { } warmUp ? Math.Min(facts.Sender.Room, warmUp.Budget - warmUp.Used) : facts.Sender.Room) - ledger.Attempts - Volatile.Read(ref _reserved);

    /// <summary>Keeps room in cap and budget, or gives it back.</summary>
    public void Reserve(int messages) => Interlocked.Add(ref _reserved, messages);

    /// <summary>How many messages are there to take at once, up to <paramref name="most"/>.</summary>
    public async Task<int> Find(int most, CancellationToken ct)
    {
        while (_found.Count == 0 && _place is { } place && !IsSpent) await Look(place, ct);
        return Math.Min(most, _found.Count);
    }

    /// <returns>At most <paramref name="count"/>; empty when nothing more is due or the mailbox may send no more.</returns>
    public async Task<List<Claimed>> Take(int count, CancellationToken ct)
    {
        while (_found.Count < count && _place is { } place && !IsSpent) await Look(place, ct);
        var taken = new List<Claimed>();
        for (var room = IsSpent ? 0 : Math.Min(HasGap ? 1 : count, Room); taken.Count < room && _found.TryDequeue(out var message);) taken.Add(message);
        if (taken.Count > 0) First ??= taken[0];
        return taken;
    }

    async Task Look(QueuePlace place, CancellationToken ct)
    {
        (var messages, _place) = await ClaimMessages.Next(lane, facts, place, HasGap ? 1 : (int)Math.Clamp(Room, 0, LookMax), _ahead, db, clock.GetUtcNow(), ct);
        _ahead += messages.Count;
        foreach (var message in messages) _found.Enqueue(message);
    }
}
