using System.Globalization;

namespace PenguinMails.Oversight.Plans;

/// <summary>Numbers as plans write them: <c>1200</c>, <c>1,200</c>, <c>1_200</c>, <c>1'200</c>, <c>25k</c>, <c>1.2M</c>, <c>3bn</c>, <c>80%</c>, <c>$25K</c>.</summary>
static class NumberText
{
    const decimal Largest = 500_000_000_000m;

    // Of thousands: 1,200, 1_200, 1'200 and 1 200 with a space that does not break.
    static readonly char[] Separators = [',', '_', '\'', '\u2019', '\u00A0', '\u202F'];

    const decimal Smallest = 0.000_000_001m;

    /// <param name="unit">A percent sign or currency sign that stood with the number; empty otherwise.</param>
    public static bool TryParse(string raw, out decimal number, out string unit)
    {
        (number, unit) = (0, "");
        var text = raw.Trim();
        if (text.Length is 0 or > 40) return false;
        var negative = text[0] == '-';
        text = text.TrimStart('+', '-');
        if (text.Length > 0 && text[0] is '$' or '€' or '£') (unit, text) = (text[..1], text[1..]);
        if (text.EndsWith('%')) (unit, text) = ("%", text[..^1].TrimEnd());
        var scale = 1m;
        foreach (var (end, times) in new[] { ("bn", 1e9m), ("k", 1e3m), ("K", 1e3m), ("M", 1e6m), ("m", 1e6m), ("B", 1e9m) })
            if (text.EndsWith(end, StringComparison.Ordinal) && text.Length > end.Length && char.IsAsciiDigit(text[^(end.Length + 1)]))
            {
                (scale, text) = (times, text[..^end.Length]);
                break;
            }

        if (!Grouped(text) || !decimal.TryParse(string.Concat(text.Split(Separators)), NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number)) return false;
        if (number > Largest / scale || (number != 0 && number < Smallest)) return false;
        number *= negative ? -scale : scale;
        return true;
    }

    // "1,5" is one and a half to some and fifteen to others: a comma must stand before three digits.
    static bool Grouped(string text)
    {
        var parts = text.Split('.')[0].Split(Separators);
        return parts.Length == 1 || (parts[0].Length is >= 1 and <= 3 && parts.Skip(1).All(part => part.Length == 3));
    }

    /// <summary>With thousands separated and no more digits than it has.</summary>
    public static string Show(decimal number) => number.ToString("#,0.####", CultureInfo.InvariantCulture);
}
