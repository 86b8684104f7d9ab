namespace PenguinMails.Delivery.Warmup;

/// <summary>What came back of one day's messages, warm-up and cold mail together.</summary>
/// <param name="Sent">Messages that were tried for the first time.</param>
/// <param name="Deferred">Of those, put off at the first try; greylisting does not count.</param>
/// <param name="Bounced">Of those, refused for a reason that the list is to blame for.</param>
/// <param name="Blocked">Of those, refused because of the sender.</param>
/// <param name="Complained">Reports as spam that came in that day.</param>
/// <param name="Seen">Messages whose folder at the recipient is known: those of the conversation pool and of placement tests.</param>
/// <param name="InSpam">Of those, found in Junk.</param>
/// <param name="Replied">Replies that came in that day, automatic ones not counted.</param>
public sealed record WarmUpSignals(int Sent, int Deferred, int Bounced, int Blocked, int Complained, int Seen, int InSpam, int Replied)
{
    public static readonly WarmUpSignals None = new(0, 0, 0, 0, 0, 0, 0, 0);

    public static WarmUpSignals operator +(WarmUpSignals one, WarmUpSignals other) => new(
        one.Sent + other.Sent, one.Deferred + other.Deferred, one.Bounced + other.Bounced, one.Blocked + other.Blocked,
        one.Complained + other.Complained, one.Seen + other.Seen, one.InSpam + other.InSpam, one.Replied + other.Replied);

    public static WarmUpSignals Add(WarmUpSignals one, WarmUpSignals other) => one + other;
}

/// <summary>How the signals look. In order.</summary>
public enum WarmUpBand
{
    /// <summary>Nothing speaks against more.</summary>
    Healthy,

    /// <summary>A sign that may be chance: no more for now.</summary>
    Watch,

    /// <summary>Surely more trouble than a careful sender has: less.</summary>
    Strained,

    /// <summary>Reputation is being lost: much less.</summary>
    Harmed,
}

/// <summary>Which signal decided.</summary>
public enum WarmUpCause { None, Deferrals, Blocks, Bounces, Complaints, Placement, Replies }
