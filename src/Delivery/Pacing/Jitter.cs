namespace PenguinMails.Delivery.Pacing;

/// <summary>Chance that comes out the same for the same numbers, in every process and on every machine.</summary>
/// <remarks>SplitMix64 (Steele, Lea, Flood 2014). <c>HashCode</c> would differ from process to process, so that two workers would disagree about a gap.</remarks>
public static class Jitter
{
    /// <returns>At least 0 and below 1.</returns>
    public static double Of(long seed, long part) => (Mixed(Mixed((ulong)seed) ^ (ulong)part) >> 11) * (1.0 / (1UL << 53));

    static ulong Mixed(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
