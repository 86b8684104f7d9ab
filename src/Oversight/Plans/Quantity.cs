namespace PenguinMails.Oversight.Plans;

/// <summary>How a quantity bounds what it speaks of.</summary>
public enum Bound { Equal, AtLeast, AtMost, Between }

/// <summary>A number or range with unit and time.</summary>
/// <param name="Low">In <paramref name="Unit"/> as written; equal to <paramref name="High"/> unless it is a range.</param>
/// <param name="At">The period at whose end it holds; null when none is named.</param>
/// <param name="Epoch">Name of the event that <paramref name="Offset"/> is counted from.</param>
public sealed record Quantity(Bound Bound, decimal Low, decimal High, Unit Unit, Period? At, string? Epoch, Span? Offset, Node Node)
{
    /// <summary>The bounds as words of the file, and what they mean.</summary>
    public static readonly IReadOnlyDictionary<string, Bound> Words = new Dictionary<string, Bound>(StringComparer.Ordinal)
    {
        ["ge"] = Bound.AtLeast, ["gt"] = Bound.AtLeast, ["le"] = Bound.AtMost, ["lt"] = Bound.AtMost, ["eq"] = Bound.Equal, ["between"] = Bound.Between,
    };

    public bool IsRange => Low != High;

    /// <summary>In the basic unit of its dimension, and per day where it is per a time, so that a month compares with a year.</summary>
    public decimal BasicLow => Basic(Low);

    public decimal BasicHigh => Basic(High);

    public decimal BasicMiddle => (BasicLow + BasicHigh) / 2;

    /// <summary>Money per month, whatever it was written per; as it is when it is per nothing.</summary>
    public decimal MonthlyLow => Monthly(Low);

    public decimal MonthlyHigh => Monthly(High);

    public Place Place => Node.At;

    public bool SameMeasure(Quantity other) =>
        Unit.Dimension == other.Unit.Dimension && Unit.Currency == other.Unit.Currency && Unit.PerThing == other.Unit.PerThing && Unit.PerDays is null == other.Unit.PerDays is null;

    /// <summary>The same two quantities on one scale, for values of one metric: what one of them leaves out of its unit is taken from the other.</summary>
    /// <returns>Null when they cannot be compared: money and hours, two currencies.</returns>
    public static ((decimal Low, decimal High) Left, (decimal Low, decimal High) Right)? OnOneScale(Quantity left, Quantity right)
    {
        // 60 USD beside 60 USD/customer.
        var alike = left.Unit.Dimension == right.Unit.Dimension && left.Unit.Currency == right.Unit.Currency && (left.Unit.PerThing == right.Unit.PerThing || left.Unit.PerThing is null || right.Unit.PerThing is null);
        if (alike && left.Unit.PerDays is null == right.Unit.PerDays is null) return ((left.BasicLow, left.BasicHigh), (right.BasicLow, right.BasicHigh));
        // 25,000 USD beside 24,000 USD/month.
        if (alike) return (left.Written, right.Written);
        // 0.9 beside 90 percent.
        if (left.IsFraction && right.Unit is { Dimension: Dimension.Share, PerDays: null }) return ((left.Low * 100, left.High * 100), right.Written);
        if (right.IsFraction && left.Unit is { Dimension: Dimension.Share, PerDays: null }) return (left.Written, (right.Low * 100, right.High * 100));
        return null;
    }

    (decimal Low, decimal High) Written => (Low * Unit.Scale, High * Unit.Scale);

    bool IsFraction => Unit.Dimension is Dimension.Factor or Dimension.Count && Unit.PerDays is null && Unit.PerThing is null && High <= 1;

    /// <summary>As people write it: "≥ 25,000 USD/month".</summary>
    public override string ToString()
    {
        var number = IsRange ? $"{NumberText.Show(Low)} to {NumberText.Show(High)}" : NumberText.Show(Low);
        var sign = Bound switch { Bound.AtLeast => "≥ ", Bound.AtMost => "≤ ", _ => "" };
        return $"{sign}{number}{(Unit.Text.Length > 0 ? " " + Unit.Text : "")}";
    }

    decimal Basic(decimal number) => number * Unit.Scale / (Unit.PerDays ?? 1);

    decimal Monthly(decimal number) => number * Unit.Scale / (Unit.PerDays ?? 1) * (Unit.PerDays is null ? 1 : 365.25m / 12);

    /// <summary>Reads <c>{op, value, low, high, unit, at, epoch, offset}</c> or a short text such as <c>10-15 days</c> or <c>&gt;= 25K USD/month</c>.</summary>
    public static Quantity? Of(Node? node) => QuantityText.Read(node, out _);
}
