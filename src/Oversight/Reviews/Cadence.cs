using System.Globalization;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Reviews;

/// <summary>How often a review is held, as plans write it.</summary>
public static class Cadence
{
    static readonly Dictionary<string, (int Months, int Days)> Words = new(StringComparer.Ordinal)
    {
        ["daily"] = (0, 1), ["weekly"] = (0, 7), ["biweekly"] = (0, 14), ["fortnightly"] = (0, 14), ["monthly"] = (1, 0), ["bimonthly"] = (2, 0), ["quarterly"] = (3, 0), ["half-yearly"] = (6, 0), ["semiannual"] = (6, 0),
        ["yearly"] = (12, 0), ["annual"] = (12, 0), ["annually"] = (12, 0),
    };

    static readonly Dictionary<string, (int Months, int Days)> Units = new(StringComparer.Ordinal) { ["day"] = (0, 1), ["week"] = (0, 7), ["month"] = (1, 0), ["quarter"] = (3, 0), ["year"] = (12, 0) };

    /// <summary>Day of the next review after one on a day: by <c>monthly</c>, <c>every 2 weeks</c>, <c>each quarter</c>, <c>P3M</c>.</summary>
    /// <returns>Null for what is none of these, such as <c>when needed</c>.</returns>
    public static DateOnly? After(string? cadence, DateOnly day)
    {
        var text = cadence?.Trim() ?? "";
        if (Span.TryParse(text.ToUpperInvariant(), out var span)) return span is { Months: 0, Days: 0 } ? null : span.After(day);
        var word = text.ToLowerInvariant().TrimEnd('.');
        if (Words.TryGetValue(word, out var step)) return day.AddMonths(step.Months).AddDays(step.Days);
        var parts = word.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not [("every" or "each"), ..]) return null;
        var times = parts.Length == 3 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;
        return parts.Length is 2 or 3 && times is > 0 and <= 1_000 && Units.TryGetValue(parts[^1].TrimEnd('s'), out var unit) ? day.AddMonths(times * unit.Months).AddDays(times * unit.Days) : null;
    }
}
