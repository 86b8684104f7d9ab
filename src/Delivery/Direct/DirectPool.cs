namespace PenguinMails.Delivery.Direct;

/// <summary>Connections to recipients' servers: how many are open to each, and those that wait for the next message. For many threads at once.</summary>
/// <remarks>The limit towards a provider holds for this process and counts what is in use and what waits; several processes have one each.</remarks>
sealed class DirectPool(TimeProvider clock)
{
    /// <summary>Connections that wait for a message, over all lanes; the longest waiting is closed first.</summary>
    public const int IdleMax = 50;

    /// <summary>How long one waits: servers are there for more than us.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);

    /// <summary>How long a message waits for a place; then it waits in the queue.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    readonly Lock _lock = new();
    readonly List<DirectLink> _idle = [];
    readonly Dictionary<LinkKey, int> _open = [];
    TaskCompletionSource _freed = Signal();

    /// <summary>Connections that are open now, those being opened included.</summary>
    public int Open
    {
        get { lock (_lock) return _open.Values.Sum(); }
    }

    /// <param name="Link">One that stands already; null: there is a place for a new one, which whoever gets it gives back with <see cref="Release"/> or with the connection.</param>
    public sealed record Place(DirectLink? Link);

    /// <summary>One that waits, with a host of the destination that was not tried yet; null when there is none.</summary>
    public DirectLink? TakeIdle(LinkKey key, Destination to, IReadOnlySet<string> tried)
    {
        lock (_lock) return Idle(key, to, tried);
    }

    /// <summary>A connection that waits, or a place for one more; waits a while for either.</summary>
    /// <param name="most">Connections at once under this key.</param>
    /// <returns>Null: there was none in time.</returns>
    public async Task<Place?> Reserve(LinkKey key, Destination to, IReadOnlySet<string> tried, int most, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            Task freed;
            DirectLink? other = null;
            lock (_lock)
            {
                if (Idle(key, to, tried) is { } idle) return new(idle);
                var open = _open.GetValueOrDefault(key);
                if (open < most) _open[key] = open + 1;
                else if (_idle.Find(link => link.Key == key) is { } waiting) _idle.Remove(other = waiting); // Its place is taken over: it is with another host, or proved too little.
                if (open < most) return new Place(null);
                freed = _freed.Task;
            }

            if (other is not null)
            {
                await other.Connection.Quit(CancellationToken.None);
                return new Place(null);
            }

            var left = Patience - clock.GetElapsedTime(began);
            if (left <= TimeSpan.Zero) return null;
            await Task.WhenAny(freed, Task.Delay(left, clock, ct));
            ct.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The place is free again.</summary>
    public void Release(LinkKey key)
    {
        lock (_lock)
        {
            if (--_open[key] == 0) _open.Remove(key);
            Pulse();
        }
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
        Release(link.Key);
    }

    /// <summary>Takes leave of connections that waited long enough.</summary>
    public Task CloseIdle() => CloseBefore(clock.GetUtcNow() - IdleTime);

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
