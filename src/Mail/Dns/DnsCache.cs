namespace PenguinMails.Mail.Dns;

/// <summary>Answers kept for as long as their zone allows, absences included (RFC 2308). Bounded; the oldest entry makes room. For many threads at once.</summary>
/// <param name="entriesMax">0 keeps nothing.</param>
sealed class DnsCache(int entriesMax, TimeProvider clock)
{
    const int TtlSecondsMax = 24 * 60 * 60;
    const int AbsenceSecondsMax = 3 * 60 * 60; // RFC 2308 5.
    const int TextMax = 16 * 1024; // Characters of one answer: a larger one is asked for again.

    readonly Lock gate = new();
    readonly Dictionary<(string Name, DnsType Type), (DnsAnswer Answer, DateTimeOffset Until)> kept = [];
    readonly Queue<(string, DnsType)> order = new();

    public DnsAnswer? Find(string name, DnsType type)
    {
        lock (gate)
            return kept.TryGetValue((name, type), out var entry) && entry.Until > clock.GetUtcNow() ? entry.Answer : null;
    }

    /// <summary>Keeps the zone's own word only: what failed or timed out is asked for again.</summary>
    public void Keep(string name, DnsType type, DnsAnswer answer, int ttlSeconds)
    {
        var seconds = Math.Min(ttlSeconds, answer.Status == DnsStatus.Found ? TtlSecondsMax : AbsenceSecondsMax);
        if (entriesMax == 0 || seconds <= 0 || answer.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut || answer.Records.Sum(record => record.Value.Length) > TextMax) return;
        lock (gate)
        {
            if (!kept.ContainsKey((name, type)))
            {
                if (kept.Count >= entriesMax) kept.Remove(order.Dequeue());
                order.Enqueue((name, type));
            }
            kept[(name, type)] = (answer, clock.GetUtcNow().AddSeconds(seconds));
        }
    }
}
