namespace PenguinMails.Delivery.Conversations;

/// <summary>The conversation pool as whoever runs the platform sets it, below <c>PENGUIN__WARMUP__</c>. Off, it does nothing whatever accounts asked for.</summary>
public sealed record PoolOptions
{
    /// <summary><c>POOL</c>, default false.</summary>
    public bool IsOn { get; init; }

    /// <summary>How likely a message is answered, while the conversation has turns left. <c>REPLYPERCENT</c>, default 30, 0 to 80.</summary>
    public int ReplyPercent { get; init; } = 30;

    /// <summary>Days in which the same two mailboxes begin one conversation at most. <c>PAIRDAYS</c>, default 7, 1 to 365.</summary>
    public int PairDays { get; init; } = 7;

    /// <exception cref="InvalidOperationException">A value is out of its range; the message names the key.</exception>
    public PoolOptions Checked()
    {
        Check("REPLYPERCENT", ReplyPercent, 0, 80);
        Check("PAIRDAYS", PairDays, 1, 365);
        return this;
    }

    static void Check(string key, int value, int min, int max)
    {
        if (value < min || value > max) throw new InvalidOperationException($"PENGUIN__WARMUP__{key} is {value}; it must be {min} to {max}.");
    }
}
