namespace PenguinMails.Delivery.Transport;

/// <summary>How many messages the connections will need within a time, by how many they took lately.</summary>
/// <param name="most">Never more than these, however fast they are.</param>
sealed class GateNeed(int most, TimeSpan within, TimeProvider clock)
{
    double _need; // Smoothed.
    int _taken;   // Since the last measure.
    long _measuredAt = clock.GetTimestamp();

    public double Stock => Math.Min(_need, most);

    /// <summary>A connection took one. From any thread.</summary>
    public void Took() => Interlocked.Increment(ref _taken);

    /// <summary>Goes by what was taken since the last time; too soon after it, nothing changes.</summary>
    public void Measure()
    {
        var elapsed = clock.GetElapsedTime(_measuredAt);
        if (elapsed < within / 20) return;
        _measuredAt = clock.GetTimestamp();
        _need = (_need + (Interlocked.Exchange(ref _taken, 0) * (within / elapsed))) / 2;
    }
}
