namespace PenguinMails.Delivery.Pacing;

/// <summary>An hour of an open stretch, with its part of the day's mail.</summary>
/// <param name="Ends">Exclusive; less than an hour after <paramref name="Begins"/> for the last of a stretch.</param>
/// <param name="Quota">Most messages in it.</param>
public readonly record struct HourSlot(DateTimeOffset Begins, DateTimeOffset Ends, int Quota);

/// <summary>Divides a day's messages over its open hours.</summary>
public static class DayShape
{
    /// <param name="total">Messages of the day, 0 or more.</param>
    /// <param name="seed">Decides which of equal hours get one more, so that not all mailboxes begin at nine sharp.</param>
    /// <returns>Quotas that add up to <paramref name="total"/>, or no slot with a quota when no open hour has a weight.</returns>
    public static IReadOnlyList<HourSlot> Of(Schedule schedule, DateOnly date, TimeZoneInfo zone, int total, long seed)
    {
        var slots = schedule.On(date, zone).SelectMany(Hours).ToList();
        var weights = slots.ConvertAll(slot => schedule.HourWeights[TimeZoneInfo.ConvertTime(slot.Begins, zone).Hour] * (slot.Ends - slot.Begins).TotalHours);
        var sum = weights.Sum();
        if (sum <= 0) return slots;
        var exact = weights.ConvertAll(weight => total * weight / sum);
        var quotas = exact.ConvertAll(share => (int)Math.Floor(share + 1e-9));
        // Largest remainder; hours without weight stay empty.
        var left = total - quotas.Sum();
        foreach (var slot in Enumerable.Range(0, slots.Count).Where(i => weights[i] > 0)
            .OrderByDescending(i => Math.Round(exact[i] - quotas[i], 6)).ThenBy(i => Jitter.Of(seed, date.DayNumber * 100L + i)).Take(Math.Max(0, left)))
            quotas[slot]++;
        return [.. slots.Select((slot, i) => slot with { Quota = quotas[i] })];
    }

    static IEnumerable<HourSlot> Hours(OpenSpan span)
    {
        for (var begins = span.Opens; begins < span.Closes; begins = begins.AddHours(1))
            yield return new(begins, begins.AddHours(1) < span.Closes ? begins.AddHours(1) : span.Closes, 0);
    }
}
