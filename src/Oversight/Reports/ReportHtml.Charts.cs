using System.Globalization;
using System.Text;
using PenguinMails.Insight;

namespace PenguinMails.Oversight.Reports;

/// <summary>The drawings: actual solid, plan hollow, shape and word beside every colour (ISO 24896).</summary>
public static partial class ReportHtml
{
    static string Spark(ReportRow row, IReadOnlyList<TrendPoint> points, int width, int height)
    {
        var known = points.Select(point => point.Value).OfType<double>().ToList();
        if (known.Count == 0) return "<small>no value yet</small>";
        var (low, high) = Scale([.. known, .. new[] { row.Plan, row.Low, row.High }.OfType<double>()]);
        double X(int at) => points.Count < 2 ? width - 3 : 3 + (width - 6.0) * at / (points.Count - 1);
        double Y(double value) => 3 + (height - 6.0) * (1 - (value - low) / (high - low));
        var svg = Open(width, height, Described(row, points));
        if (row.Low is { } bottom && row.High is { } top) svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"band\" x=\"0\" width=\"{width}\" y=\"{N(Y(top))}\" height=\"{N(Math.Max(1, Y(bottom) - Y(top)))}\"/>");
        if (row.Plan is { } plan) svg.Append(CultureInfo.InvariantCulture, $"<path class=\"pl\" d=\"M0 {N(Y(plan))}H{width}\"/><path class=\"pl-in\" d=\"M0 {N(Y(plan))}H{width}\"/>");
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"ac\" d=\"{Path(points, X, Y)}\"/>");
        var last = points.Count - 1;
        while (points[last].Value is null) last--;
        return svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"ac-dot\" cx=\"{N(X(last))}\" cy=\"{N(Y(points[last].Value.GetValueOrDefault()))}\" r=\"2.2\"/></svg>").ToString();
    }

    // Six weeks left, twelve months right, one scale for both.
    static string Trail(ReportRow row)
    {
        const int width = 340, height = 84, foot = 12, gap = 14;
        var all = row.Trend.Concat(row.Months).ToList();
        var known = all.Select(point => point.Value).OfType<double>().ToList();
        if (known.Count == 0) return "<p class=\"rep-none\">No value yet.</p>";
        var (low, high) = Scale([.. known, .. new[] { row.Plan }.OfType<double>()]);
        var split = row.Trend.Count == 0 ? 0 : width * 0.36;
        double Left(int at) => 8 + (split - 16) * at / Math.Max(1, row.Trend.Count - 1);
        double Right(int at) => split + gap + (width - split - gap - 12) * at / Math.Max(1, row.Months.Count - 1);
        double Y(double value) => 6 + (height - foot - 12.0) * (1 - (value - low) / (high - low));
        var svg = Open(width, height, Described(row, all));
        if (row.Plan is { } plan) svg.Append(CultureInfo.InvariantCulture, $"<path class=\"pl\" d=\"M0 {N(Y(plan))}H{width}\"/><path class=\"pl-in\" d=\"M0 {N(Y(plan))}H{width}\"/>");
        foreach (var (points, x) in new (IReadOnlyList<TrendPoint>, Func<int, double>)[] { (row.Trend, Left), (row.Months, Right) })
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"ac\" d=\"{Path(points, x, Y)}\"/>");
            for (var i = 0; i < points.Count; i++)
            {
                if (points[i].Value is { } value) svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"ac-dot\" cx=\"{N(x(i))}\" cy=\"{N(Y(value))}\" r=\"2\"/>");
                if (points.Count <= 6 ? i % 2 == 1 : i % 2 == 1) svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{N(x(i))}\" y=\"{height - 2}\" text-anchor=\"middle\">{E(points[i].Label)}</text>");
            }
        }

        if (split > 0) svg.Append(CultureInfo.InvariantCulture, $"<path class=\"cut\" d=\"M{N(split + gap / 2.0 - 3)} 2V{height}\"/>");
        return svg.Append("</svg>").ToString();
    }

    static string Bridge(ReportBridge bridge)
    {
        const int width = 700, height = 86, bar = 62;
        var step = width / (double)bridge.Steps.Count;
        var (levels, at) = (new List<(double From, double To)>(), 0.0);
        foreach (var one in bridge.Steps)
        {
            levels.Add(one.IsTotal ? (0, one.Amount) : (at, at + one.Amount));
            at = one.IsTotal ? one.Amount : at + one.Amount;
        }

        // Cut below the lowest movement, and said so: the steps would be slivers beside whole totals.
        var top = levels.Max(level => Math.Max(level.From, level.To));
        var floor = levels.Where((_, i) => !bridge.Steps[i].IsTotal).Select(level => Math.Min(level.From, level.To)).Append(top).Min() * 0.9;
        if (floor < top * 0.3) floor = 0;
        double Y(double value) => 14 + (height - 28.0) * (1 - (Math.Max(value, floor) - floor) / Math.Max(top - floor, 1));
        var svg = Open(width, height, $"Recurring revenue: {string.Join(", ", bridge.Steps.Select(one => $"{one.Name} {(one.IsTotal ? Money(one.Amount) : Signed(one.Amount))} {bridge.Currency}"))}.");
        for (var i = 0; i < bridge.Steps.Count; i++)
        {
            var (one, x) = (bridge.Steps[i], i * step + (step - bar) / 2);
            var (from, to) = (Y(one.IsTotal ? floor : levels[i].From), Y(levels[i].To));
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{(one.IsTotal ? "ac-bar" : one.Amount < 0 ? "loss" : "gain")}\" x=\"{N(x)}\" y=\"{N(Math.Min(from, to))}\" width=\"{bar}\" height=\"{N(Math.Max(1, Math.Abs(from - to)))}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{N(x + bar / 2.0)}\" y=\"{N(Math.Min(from, to) - 3)}\" text-anchor=\"middle\" class=\"strong\">{(one.IsTotal ? Money(one.Amount) : Signed(one.Amount))}</text><text x=\"{N(x + bar / 2.0)}\" y=\"{height - 3}\" text-anchor=\"middle\">{E(one.Name)}</text>");
        }

        svg.Append("</svg>");
        var notes = (floor > 0 ? $" Bars begin at {Money(floor)}." : "") + (bridge.Residue == 0 ? " The movements add up." : $" The movements do not add up: {Signed(bridge.Residue)} {bridge.Currency} has no name.");
        return $"<section class=\"rep-bridge\"><h2>What moved recurring revenue <small>{E(bridge.Currency)}.{E(notes)}</small></h2>{svg}</section>\n";
    }

    static string Glyph(Direction direction) => Shape($"way-{direction.ToString().ToLowerInvariant()}", direction switch
    {
        Direction.Improving => "M8 3 14 13H2Z",
        Direction.Worsening => "M8 13 2 3H14Z",
        Direction.Flat => "M2 6.5H14V9.5H2Z",
        Direction.NotEnoughData => "M8 3A5 5 0 1 1 8 13 5 5 0 1 1 8 3Z",
    });

    static string Glyph(Assurance assurance) => Shape($"plan-{assurance.ToString().ToLowerInvariant()}", assurance switch
    {
        Assurance.Pass => "M2.5 8.5 6.5 12.5 13.5 4",
        Assurance.HitOrMiss => "M2 10.5C4 4 6 4 8 8S12 12 14 5.5",
        Assurance.Fail => "M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5",
        Assurance.NoTarget => "M4 8H12",
    });

    static string Shape(string kind, string path) => $"<svg class=\"glyph {kind}\" width=\"12\" height=\"12\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"{path}\"/></svg>";

    static StringBuilder Open(int width, int height, string described) => new($"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{E(described)}\">");

    static string Described(ReportRow row, IReadOnlyList<TrendPoint> points) =>
        $"{row.Name}, {points.Count} periods from {points[0].Label} to {points[^1].Label}; last {row.ActualText}{(row.Plan is null ? "" : $", plan {row.PlanText}")}.";

    static string Path(IReadOnlyList<TrendPoint> points, Func<int, double> x, Func<double, double> y)
    {
        var (path, isPenDown) = (new StringBuilder(), false);
        for (var i = 0; i < points.Count; i++)
        {
            if (points[i].Value is { } value) path.Append(CultureInfo.InvariantCulture, $"{(isPenDown ? 'L' : 'M')}{N(x(i))} {N(y(value))}");
            isPenDown = points[i].Value is not null;
        }

        return path.ToString();
    }

    static (double Low, double High) Scale(IReadOnlyList<double> values)
    {
        var (low, high) = (values.Min(), values.Max());
        return high > low ? (low, high) : (low - 1, high + 1);
    }

    static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
