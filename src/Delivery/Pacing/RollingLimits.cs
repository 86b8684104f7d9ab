namespace PenguinMails.Delivery.Pacing;

/// <summary>A limit on what is counted under a key, such as <c>mailbox:…</c> or <c>company:firm.example</c>.</summary>
public sealed record KeyedLimit(string Key, RateLimit Rate);

/// <summary>When a message may go so that it breaks no limit.</summary>
/// <param name="Limit">The one that decided; null when it may go at once.</param>
public sealed record Opening(DateTimeOffset At, KeyedLimit? Limit);

/// <summary>Limits that hold in every rolling window, exactly: of the messages under a key no stretch [t, t + window) ever holds more than the count, wherever t lies.</summary>
/// <remarks>A day that begins at midnight would let twice the limit through around it; a window that rolls does not.
/// Each key keeps the moments of two of its longest windows, so a clock that jumps back by up to one window is borne: the answer fits in between, or comes later.
/// Not safe for several threads; several processes share it by recording in the order of one ledger.</remarks>
public sealed class RollingLimits
{
    readonly Dictionary<string, Tape> _tapes;

    /// <param name="limits">Any number for a key.</param>
    public RollingLimits(IEnumerable<KeyedLimit> limits) =>
        _tapes = limits.GroupBy(limit => limit.Key).ToDictionary(group => group.Key, group => new Tape([.. group]), StringComparer.Ordinal);

    /// <summary>The first moment from <paramref name="now"/> on at which one more message under all of these keys breaks no limit.</summary>
    /// <param name="keys">Keys without a limit are free.</param>
    public Opening Next(IReadOnlyCollection<string> keys, DateTimeOffset now)
    {
        var opening = new Opening(now, null);
        // Ends: each round moves on to the end of a window, and there are finitely many.
        for (var moved = true; moved;)
        {
            moved = false;
            foreach (var key in keys)
            {
                if (!_tapes.TryGetValue(key, out var tape) || tape.Fit(opening.At.UtcTicks) is not { Limit: { } limit } fit) continue;
                opening = new(new(fit.Ticks, TimeSpan.Zero), limit);
                moved = true;
            }
        }

        return opening;
    }

    /// <summary>A message was sent, or is as good as sent.</summary>
    public void Record(IReadOnlyCollection<string> keys, DateTimeOffset at)
    {
        foreach (var key in keys)
            if (_tapes.TryGetValue(key, out var tape)) tape.Add(at.UtcTicks);
    }

    /// <summary>The moments under one key, in order.</summary>
    sealed class Tape(KeyedLimit[] limits)
    {
        readonly long _longest = limits.Max(limit => limit.Rate.Window.Ticks);
        readonly List<long> _moments = [];
        int _forgotten; // Moments at the front that no window reaches any more.

        public void Add(long ticks)
        {
            _moments.Insert(After(ticks), ticks); // At the end, unless the clock went back.
            var oldest = _moments[^1] - (2 * _longest);
            while (_moments[_forgotten] <= oldest) _forgotten++;
            if (_forgotten * 2 <= _moments.Count) return;
            _moments.RemoveRange(0, _forgotten);
            _forgotten = 0;
        }

        /// <returns>The first moment that fits all limits, with the limit that moved it last; null when the moment given fits.</returns>
        public (long Ticks, KeyedLimit? Limit) Fit(long ticks)
        {
            KeyedLimit? decided = null;
            if (_moments.Count > 0 && ticks < _moments[^1] - _longest) (ticks, decided) = (_moments[^1] - _longest, limits[0]);
            for (var moved = true; moved;)
            {
                moved = false;
                foreach (var limit in limits)
                {
                    var fit = Fit(limit.Rate, ticks);
                    if (fit == ticks) continue;
                    (ticks, decided, moved) = (fit, limit, true);
                }
            }

            return (ticks, decided);
        }

        // One more message breaks the limit when it and as many neighbours as are allowed in all lie within one window.
        long Fit(RateLimit rate, long ticks)
        {
            var (count, window) = (rate.Count, rate.Window.Ticks);
            for (var first = Math.Max(_forgotten, After(ticks) - count); first + count <= _moments.Count && first <= After(ticks); first++)
            {
                var (begins, ends) = (Math.Min(_moments[first], ticks), Math.Max(_moments[first + count - 1], ticks));
                if (ends - begins < window) ticks = _moments[first] + window;
            }

            return ticks;
        }

        // Index of the first later moment.
        int After(long ticks)
        {
            var (low, high) = (_forgotten, _moments.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_moments[middle] <= ticks) low = middle + 1;
                else high = middle;
            }

            return low;
        }
    }
}
