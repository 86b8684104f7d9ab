using System.Globalization;
using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Oversight.Reports;

/// <summary>Figures as reports write them: rates in percent, money without cents, one form on every machine.</summary>
static class FigureText
{
    public static double Scaled(Kpi kpi, double value) => kpi.Kind == MetricKind.Rate ? 100 * value : value;

    public static string Unit(Kpi kpi, string unit) => kpi.Kind == MetricKind.Rate || unit == "percent" ? "%" : unit;

    /// <param name="value">On the scale people read.</param>
    public static string Number(Kpi kpi, double value)
    {
        var format = kpi.Kind == MetricKind.Money || Math.Abs(value) >= 1000 ? "#,0" : IsShare(kpi) ? Math.Abs(value) < 1 || IsFine(kpi) ? "0.00" : "0.0" : "#,0.##";
        var text = value.ToString(format, CultureInfo.InvariantCulture);
        return text.Replace('-', '−');
    }

    public static string Amount(Kpi kpi, double value, string unit) => $"{Number(kpi, value)}{(Unit(kpi, unit) is { Length: > 0 } known ? " " + known : "")}";

    /// <summary>"+1.4 points", "−2,300 USD (−9 %)", "0 domains".</summary>
    public static string Delta(Kpi kpi, double actual, double plan, string unit)
    {
        var delta = actual - plan;
        var text = $"{(delta > 0 ? "+" : "")}{Number(kpi, delta)} {(IsShare(kpi) ? "points" : Unit(kpi, unit))}".TrimEnd();
        return kpi.Kind == MetricKind.Money && plan != 0 ? string.Create(CultureInfo.InvariantCulture, $"{text} ({(delta > 0 ? "+" : "")}{100 * delta / Math.Abs(plan):0} %)").Replace('-', '−') : text;
    }

    public static string Period(Kpi kpi, DateOnly start) =>
        kpi.Grain == Grain.Month ? start.ToString("MMM yyyy", CultureInfo.InvariantCulture) : "week of " + start.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    public static string Short(Kpi kpi, DateOnly start) => start.ToString(kpi.Grain == Grain.Month ? "MMM yyyy" : "d MMM", CultureInfo.InvariantCulture);

    // A hundredth of a point matters: uptime, complaints.
    static bool IsFine(Kpi kpi) => kpi.Kind == MetricKind.Rate && kpi.Materiality.Absolute < 0.001;

    static bool IsShare(Kpi kpi) => kpi.Kind == MetricKind.Rate || kpi.Unit == "percent";
}
