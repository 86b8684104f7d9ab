using System.Threading.Channels;
using Npgsql;

namespace PenguinMails.Delivery.Transport;

/// <summary>A message that may be sent now.</summary>
/// <param name="At">Time stamp of the moment it passed.</param>
sealed record Pass(Claimed Message, long At);

/// <summary>Lets messages through the gate a little ahead of the connections, so that no connection waits for the database, and writes what became of them.</summary>
/// <remarks>The stock is what the connections will need within <see cref="Ahead"/>, and at most two messages for each: a slow server gets them one at a time, a fast one in one transaction for all.
/// A pass that is not used within <see cref="ShelfLife"/> is void and its message waits again, so that a suppression or a stop holds within that time.
/// What a process had let through when it died is in doubt, begun or not.</remarks>
/// <param name="connections">How many there are. A process that dies leaves at most three times as many messages in doubt.</param>
sealed class LaneGate(LaneFeed feed, LaneLedger ledger, int connections, TimeProvider clock)
{
    /// <summary>How far ahead of need messages pass.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a pass holds.</summary>
    public static readonly TimeSpan ShelfLife = TimeSpan.FromMilliseconds(500);

    static readonly TimeSpan WriteDelayMax = TimeSpan.FromMilliseconds(100); // How long an outcome may wait for company.
    const int RescuesMax = 6; // 21 s in all.

    readonly Channel<Pass> _stock = Channel.CreateUnbounded<Pass>();
    readonly Channel<bool> _work = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }); // Holds "look now", or nothing.
    readonly Lock _gate = new();
    List<Outcome> _ended = [];
    List<Claimed> _unused = [];
    int _idle;        // Connections that wait for a message.
    double _need;     // Messages the connections take within Ahead, smoothed.
    int _begun;       // Messages taken since the last transaction.
    long _writtenAt = clock.GetTimestamp();

    /// <summary>The next message; null when there is none left, and the connection is not needed any more.</summary>
    public async ValueTask<Pass?> Next()
    {
        if (!_stock.Reader.TryRead(out var pass)) pass = await WaitForNext();
        if (pass is null) return null;
        Interlocked.Increment(ref _begun);
        if (_stock.Reader.Count < StockWanted / 2) Wake();
        return pass;
    }

    /// <summary>True while the message may still be begun with this pass.</summary>
    public bool Holds(Pass pass) => clock.GetElapsedTime(pass.At) < ShelfLife;

    /// <summary>What became of a message; written within <see cref="WriteDelayMax"/>.</summary>
    public void Record(Outcome outcome)
    {
        lock (_gate) _ended.Add(outcome);
    }

    /// <summary>A message that was let through and not begun.</summary>
    public void GiveBack(Claimed message)
    {
        lock (_gate) _unused.Add(message);
    }

    /// <summary>Works until the feed is at its end, the connections are done and everything is written.</summary>
    /// <param name="sending">Ends when the last connection has.</param>
    /// <param name="stop">Lets nothing more through; what is under way is finished.</param>
    public async Task Run(Task sending, CancellationToken stop)
    {
        try
        {
            while (!sending.IsCompleted && !stop.IsCancellationRequested && feed.MayHaveMore) await Turn(Wanted(), sending);
            _stock.Writer.Complete();
            while (!sending.IsCompleted) await Turn(0, sending);
            GiveBackStock();
            await Turn(0, sending);
        }
        catch (NpgsqlException)
        {
            _stock.Writer.TryComplete();
            await Task.WhenAny(sending); // A fault of theirs is thrown to who started them.
            await Rescue();
            throw;
        }
        finally
        {
            _stock.Writer.TryComplete(); // Whatever happened: no connection waits for a gate that is gone.
        }
    }

    async Task Turn(int wanted, Task sending)
    {
        // Not cancellable, so that the messages found are not lost half way.
        var wishes = wanted > 0 ? await feed.Take(wanted, CancellationToken.None) : [];
        var (ended, unused) = Collected();
        if (wishes.Count + ended.Count + unused.Count > 0) await Write(wishes, ended, unused);
        Measure();
        using var patience = new CancellationTokenSource(WriteDelayMax, clock);
        await Task.WhenAny(_work.Reader.WaitToReadAsync(patience.Token).AsTask(), sending);
        _work.Reader.TryRead(out _);
    }

    async Task Write(List<Claimed> wishes, List<Outcome> ended, List<Claimed> unused)
    {
        try
        {
            var passed = await ledger.Write(wishes, ended, unused);
            var at = clock.GetTimestamp();
            foreach (var message in wishes)
                if (passed.Contains(message.Id.Value)) _stock.Writer.TryWrite(new(message, at));
            if (passed.Count < wishes.Count) Wake(); // The connections still wait for as many.
        }
        catch (NpgsqlException)
        {
            lock (_gate)
            {
                _ended.AddRange(ended);
                _unused.AddRange(unused);
            }

            throw;
        }
    }

    void GiveBackStock()
    {
        while (_stock.Reader.TryRead(out var left)) GiveBack(left.Message);
    }

    /// <summary>The database was lost. What servers said meanwhile is written when it is back soon; else it is in doubt.</summary>
    async Task Rescue()
    {
        GiveBackStock();
        for (var attempt = 1; attempt <= RescuesMax; attempt++)
        {
            await Task.Delay(TimeSpan.FromSeconds(attempt), clock);
            try
            {
                var (ended, unused) = Collected();
                await Write([], ended, unused);
                return;
            }
            catch (NpgsqlException)
            {
                // Not back yet.
            }
        }
    }

    // Nothing while more than half of the stock is left: then only outcomes are written.
    int Wanted()
    {
        var (stock, idle) = (_stock.Reader.Count, Volatile.Read(ref _idle));
        return idle > 0 || stock < StockWanted / 2 ? idle + (int)StockWanted - stock : 0;
    }

    double StockWanted => Math.Min(_need, 2 * connections);

    void Measure()
    {
        var elapsed = clock.GetElapsedTime(_writtenAt);
        if (elapsed < Ahead / 20) return;
        _writtenAt = clock.GetTimestamp();
        _need = (_need + (Interlocked.Exchange(ref _begun, 0) * (Ahead / elapsed))) / 2;
    }

    (List<Outcome> Ended, List<Claimed> Unused) Collected()
    {
        lock (_gate)
        {
            var collected = (_ended, _unused);
            (_ended, _unused) = ([], []);
            return collected;
        }
    }

    async ValueTask<Pass?> WaitForNext()
    {
        Interlocked.Increment(ref _idle);
        Wake();
        try
        {
            while (await _stock.Reader.WaitToReadAsync())
                if (_stock.Reader.TryRead(out var pass)) return pass;
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _idle);
        }
    }

    void Wake() => _work.Writer.TryWrite(true);
}
