namespace PenguinMails.Web.Parts;

/// <summary>A period and its value; null where nothing was measured, which leaves a gap and never a zero.</summary>
/// <param name="IsOutside">Outside the natural limits: gets a mark.</param>
public sealed record Point(string Period, double? Value, bool IsOutside = false);

/// <summary>ISO 24896: actual is solid, plan outlined, forecast hatched.</summary>
public enum BarKind { Actual, Plan, Forecast }

/// <summary>A bar with its words; <paramref name="Shown"/> is the value with unit, as read by people.</summary>
public sealed record Bar(string Label, double Value, string Shown, BarKind Kind = BarKind.Actual, string? Href = null);
