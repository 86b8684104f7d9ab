namespace PenguinMails.Oversight.Margins;

/// <summary>Shares an amount out by weights, to the minor unit. Pure.</summary>
public static class Allocation
{
    /// <summary>Largest remainder: each gets its share rounded down, and the units left over go to the largest remainders, the earlier of equal ones first. The parts add up to the amount exactly.</summary>
    /// <param name="amount">Minor units; a credit is shared as a cost is.</param>
    /// <param name="weights">None of them negative.</param>
    /// <returns>Null when all weights are zero: then nobody can be said to have caused it.</returns>
    public static IReadOnlyList<long>? Share(long amount, IReadOnlyList<long> weights)
    {
        var sum = weights.Aggregate((Int128)0, (before, weight) => before + (weight >= 0 ? weight : throw new ArgumentOutOfRangeException(nameof(weights), weight, "A weight is negative.")));
        if (sum == 0) return null;
        var (sign, whole) = (Math.Sign(amount), Int128.Abs(amount));
        var parts = weights.Select(weight => (long)(whole * weight / sum)).ToArray();
        var left = (int)(whole - parts.Aggregate((Int128)0, (before, part) => before + part));
        foreach (var at in Enumerable.Range(0, parts.Length).OrderByDescending(at => whole * weights[at] % sum).Take(left)) parts[at]++;
        return [.. parts.Select(part => sign * part)];
    }
}
