namespace PenguinMails.Delivery.Collect;

/// <summary>Settings of fetching mail over IMAP, below <c>PENGUIN__COLLECT__</c>.</summary>
public sealed record CollectOptions
{
    /// <summary>Connections that one process keeps open at once; nine tenths of them may wait for news, the rest goes round. <c>CONNECTIONSMAX</c>, default 200, 2 to 5,000.</summary>
    public int ConnectionsMax { get; init; } = 200;

    /// <summary>How often a mailbox is looked into for which nobody waits. <c>POLLSECONDS</c>, default 180, 10 to 3,600.</summary>
    public int PollSeconds { get; init; } = 180;

    /// <summary>How long a dead process keeps a mailbox from being looked into by another. <c>LEASESECONDS</c>, default 60, 15 to 600.</summary>
    public int LeaseSeconds { get; init; } = 60;

    /// <summary>Of a larger message only the first 64 KiB are looked at. <c>MESSAGEBYTESMAX</c>, default 26,214,400 (25 MiB), 65,536 to 104,857,600.</summary>
    public int MessageBytesMax { get; init; } = 25 << 20;

    internal int WaitingMax => Math.Max(1, ConnectionsMax * 9 / 10);

    /// <exception cref="InvalidOperationException">A value is out of its range; the message names the key.</exception>
    public CollectOptions Checked()
    {
        Check("CONNECTIONSMAX", ConnectionsMax, 2, 5000);
        Check("POLLSECONDS", PollSeconds, 10, 3600);
        Check("LEASESECONDS", LeaseSeconds, 15, 600);
        Check("MESSAGEBYTESMAX", MessageBytesMax, 65_536, 104_857_600);
        return this;
    }

    static void Check(string key, int value, int min, int max)
    {
        if (value < min || value > max) throw new InvalidOperationException($"PENGUIN__COLLECT__{key} is {value}; it must be {min} to {max}.");
    }
}
