using System.Threading.Channels;
using Npgsql;
using PenguinMails.Delivery.Content;

namespace PenguinMails.Delivery.Transport;

/// <summary>A message that may be sent now.</summary>
/// <param name="Ready">The message as it goes onto the wire. It is made from the moment it passed on, beside the connections: none of them waits for a signature while it could send.</param>
/// <param name="At">Time stamp of the moment it passed.</param>
sealed record Pass(Claimed Message, Task<Rendered> Ready, long At);

/// <summary>Lets messages through the gate a little ahead of the connections, so that no connection waits for the database, and writes what became of them.</summary>
/// <remarks>The stock is what the connections will need within <see cref="Ahead"/>, and at most <see cref="StockMax"/> messages for each: a slow server gets them one at a time, a fast one in one transaction for all.
/// A pass that is not used within <see cref="ShelfLife"/> is void and its message waits again, so that a suppression or a stop holds within that time.
/// What was on the wire when a process died is in doubt; so is what it had let through or not written yet, where <paramref name="journal"/> does not tell.</remarks>
/// <param name="connections">How many there are.</param>
/// <param name="render">Makes messages that passed ready for the wire.</param>
sealed class LaneGate(LaneFeed feed, LaneLedger ledger, int connections, LaneRender render, LaneJournal? journal, TimeProvider clock)
{
    /// <summary>How far ahead of need messages pass.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a pass holds.</summary>
    public static readonly TimeSpan ShelfLife = TimeSpan.FromMilliseconds(500);

    static readonly TimeSpan WriteDelayMax = TimeSpan.FromMilliseconds(100); // How long an outcome may wait for company.
    const int RescuesMax = 6; // 21 s in all.
    const int StockMax = 16; // For each connection.

    readonly Channel<Pass> _stock = Channel.CreateUnbounded<Pass>();
    readonly Channel<bool> _work = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }); // Holds "look now", or nothing.
    readonly GateTray _tray = new(journal);
    readonly GateNeed _need = new(StockMax * connections, Ahead, clock);
    int _idle; // Connections that wait for a message.

    /// <summary>The next message; null when there is none left, and the connection is not needed any more.</summary>
    public async ValueTask<Pass?> Next()
    {
        if (!_stock.Reader.TryRead(out var pass)) pass = await WaitForNext();
        if (pass is not null) Took();
        return pass;
    }

    /// <summary>The message after that, if there is one that waits for nothing; whoever takes it sends it next or gives it back.</summary>
    public Pass? NextReady()
    {
        if (!_stock.Reader.TryPeek(out var first) || !first.Ready.IsCompletedSuccessfully || !_stock.Reader.TryRead(out var pass)) return null;
        Took();
        return pass;
    }

    /// <summary>True: the message is begun, and its content may go out. False when the pass is too old by now.</summary>
    public bool TryBegin(Pass pass) => clock.GetElapsedTime(pass.At) < ShelfLife && journal?.TryBegin(pass.Message.Id.Value) != false;

    /// <summary>What became of a message; written within <see cref="WriteDelayMax"/>.</summary>
    public void Record(Outcome outcome) => _tray.Record(outcome);

    /// <summary>A message that was let through and not begun.</summary>
    public void GiveBack(Claimed message) => _tray.GiveBack(message);

    /// <summary>A message that was let through, and whose connection must be made first: it waits again as if it had not passed, and keeps its room in cap and budget.</summary>
    public void Park(Claimed message)
    {
        feed.Reserve(1);
        GiveBack(message);
    }

    /// <summary>The connection stands: once more through the gate.</summary>
    /// <returns>Null: it may not be sent now. It waits, or has an end.</returns>
    public async ValueTask<Pass?> Again(Pass parked)
    {
        var asked = _tray.Ask(parked);
        Wake();
        var pass = await asked;
        feed.Reserve(-1);
        return pass;
    }

    /// <summary>It is not asked for again.</summary>
    public void Leave() => feed.Reserve(-1);

    /// <summary>Works until the feed is at its end, the connections are done and everything is written.</summary>
    /// <param name="sending">Ends when the last connection has.</param>
    /// <param name="stop">Lets nothing more through; what is under way is finished.</param>
    public async Task Run(Task sending, CancellationToken stop)
    {
        try
        {
            while (!sending.IsCompleted && !stop.IsCancellationRequested && feed.MayHaveMore) await Turn(Wanted(), sending);
            _stock.Writer.Complete();
            while (!sending.IsCompleted)
            {
                if (stop.IsCancellationRequested) _tray.Shut();
                await Turn(0, sending);
            }

            GiveBackStock();
            await Turn(0, sending);
        }
        catch (NpgsqlException)
        {
            _stock.Writer.TryComplete();
            _tray.Shut();
            await Task.WhenAny(sending); // A fault of theirs is thrown to who started them.
            await Rescue();
            throw;
        }
        finally
        {
            _stock.Writer.TryComplete(); // Whatever happened: no connection waits for a gate that is gone.
            _tray.Shut();
        }
    }

    async Task Turn(int wanted, Task sending)
    {
        // Not cancellable, so that the messages found are not lost half way.
        var wishes = wanted > 0 ? await feed.Take(wanted, CancellationToken.None) : [];
        var (ended, unused, asked) = _tray.Take();
        if (wishes.Count + ended.Count + unused.Count + asked.Count > 0) await Write(wishes, ended, unused, asked);
        _need.Measure();
        using var patience = new CancellationTokenSource(WriteDelayMax, clock);
        await Task.WhenAny(_work.Reader.WaitToReadAsync(patience.Token).AsTask(), sending);
        _work.Reader.TryRead(out _);
    }

    async Task Write(List<Claimed> wishes, List<Outcome> ended, List<Claimed> unused, List<GateTray.Asked> asked)
    {
        try
        {
            var passed = await ledger.Write([.. wishes, .. asked.Select(one => one.Parked.Message)], ended, unused);
            var at = clock.GetTimestamp();
            foreach (var one in asked) one.Answer.SetResult(passed.Contains(one.Parked.Message.Id.Value) ? one.Parked with { At = at } : null);
            foreach (var (message, ready) in render.Begin(wishes.FindAll(message => passed.Contains(message.Id.Value)))) _stock.Writer.TryWrite(new(message, ready, at));
            if (passed.Count < wishes.Count + asked.Count) Wake(); // The connections still wait for as many.
        }
        catch
        {
            _tray.Restore(ended, unused, asked);
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
                var (ended, unused, _) = _tray.Take();
                await Write([], ended, unused, []);
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
        return idle > 0 || stock < _need.Stock / 2 ? idle + (int)_need.Stock - stock : 0;
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

    void Took()
    {
        _need.Took();
        if (_stock.Reader.Count < _need.Stock / 2) Wake();
    }

    void Wake() => _work.Writer.TryWrite(true);
}
