namespace PenguinMails.Delivery.Direct;

/// <summary>Connections to recipients' servers: how many are open to each, and those that wait for the next message. For many threads at once.</summary>
/// <remarks>The limit towards a provider holds over all processes and counts what is in use and what waits. What this process has is known here, so that only a new connection asks the <paramref name="book"/>.</remarks>
sealed class DirectPool(ConnectionBook book, TimeProvider clock)
{
    /// <summary>Connections that wait for a message, over all lanes; the longest waiting is closed first.</summary>
    public const int IdleMax = 50;

    /// <summary>How long one waits: servers are there for more than us.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);

    /// <summary>How long a message waits for a place; then it waits in the queue.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How often one that waits asks whether another process left a place.</summary>
    static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(500);

    readonly Lock _lock = new();
    readonly List<DirectLink> _idle = [];
    TaskCompletionSource _freed = Signal();

    /// <summary>Connections that are open now, those being opened included.</summary>
    public int Open => book.Open;

    /// <param name="Id">Whoever gets it gives it back with <see cref="Release"/> or with the connection.</param>
    /// <param name="Link">One that stands already; null: there is a place for a new one.</param>
    public sealed record Place(Guid Id, DirectLink? Link);

    /// <summary>One that waits, with a host of the destination that was not tried yet; null when there is none.</summary>
    public DirectLink? TakeIdle(LinkKey key, Destination to, IReadOnlySet<string> tried)
    {
        lock (_lock) return Idle(key, to, tried);
    }

    /// <summary>A connection that waits, or a place for one more; waits a while for either.</summary>
    /// <param name="most">Connections at once under this key, over all processes.</param>
    /// <returns>Null: there was none in time.</returns>
    public async Task<Place?> Reserve(LinkKey key, Destination to, IReadOnlySet<string> tried, int most, CancellationToken ct)
    {
        var (began, id, hasAsked) = (clock.GetTimestamp(), book.Next(), false);
        Place? found;
        while (true)
        {
            Task freed;
            DirectLink? other;
            lock (_lock)
            {
                found = Find(id, key, to, tried, most, out other);
                freed = _freed.Task;
            }

            if (other is not null) await other.Connection.Quit(CancellationToken.None);
            if (found?.Id == id)
            {
                hasAsked = true;
                if (await book.Take(id, key, most, ct)) return found;
                found = null;
            }

            var left = Patience - clock.GetElapsedTime(began);
            if (found is not null || left <= TimeSpan.Zero) break;
            await Task.WhenAny(freed, Task.Delay(left < AskAgain ? left : AskAgain, clock, ct));
            ct.ThrowIfCancellationRequested();
        }

        if (hasAsked) await book.Free(id);
        return found;
    }

    /// <param name="other">To be closed: its place is taken over, because it is with another host, or proved too little.</param>
    /// <returns>With this id: a place of this process, for which the book is to be asked.</returns>
    Place? Find(Guid id, LinkKey key, Destination to, IReadOnlySet<string> tried, int most, out DirectLink? other)
    {
        other = null;
        if (Idle(key, to, tried) is { } idle) return new(idle.Place, idle);
        if (book.Begins(id, key, most)) return new(id, null);
        other = _idle.Find(link => link.Key == key);
        if (other is null) return null;
        _idle.Remove(other);
        return new(other.Place, null);
    }

    /// <summary>The place is free again.</summary>
    public async Task Release(Guid place)
    {
        book.Ends(place);
        await book.Free(place);
        lock (_lock) Pulse();
    }

    /// <summary>A connection after its message: it waits for the next, or is closed.</summary>
    public async Task Give(DirectLink link)
    {
        var closed = link;
        if (link.TakesMore)
        {
            link.IdleSince = clock.GetUtcNow();
            lock (_lock)
            {
                _idle.Add(link);
                closed = _idle.Count > IdleMax ? _idle[0] : null;
                if (closed is not null) _idle.RemoveAt(0);
                Pulse();
            }
        }

        if (closed is not null) await Discard(closed);
    }

    public async Task Discard(DirectLink link)
    {
        await link.Connection.Quit(CancellationToken.None);
        await Release(link.Place);
    }

    /// <summary>Takes leave of connections that waited long enough, and lets the others count on.</summary>
    /// <remarks>Called more often than a third of <see cref="ConnectionBook.Lease"/>.</remarks>
    public async Task Tend()
    {
        await CloseBefore(clock.GetUtcNow() - IdleTime);
        await book.Renew();
    }

    /// <summary>Takes leave of every connection that waits.</summary>
    public Task Close() => CloseBefore(DateTimeOffset.MaxValue);

    async Task CloseBefore(DateTimeOffset since)
    {
        List<DirectLink> old;
        lock (_lock)
        {
            old = _idle.FindAll(link => link.IdleSince <= since);
            _idle.RemoveAll(old.Contains);
        }

        await Task.WhenAll(old.Select(Discard));
    }

    DirectLink? Idle(LinkKey key, Destination to, IReadOnlySet<string> tried)
    {
        foreach (var host in to.Hosts)
        {
            if (tried.Contains(host.Name) || _idle.Find(link => link.Key == key && link.Serves(host) && link.TakesMore) is not { } found) continue;
            _idle.Remove(found);
            return found;
        }

        return null;
    }

    void Pulse()
    {
        _freed.TrySetResult();
        _freed = Signal();
    }

    static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
