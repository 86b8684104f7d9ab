using System.Globalization;
using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Scenarios;

namespace PenguinMails.Oversight.Reports;

/// <summary>The five sentences of a report: situation, change, cause, outlook, ask. Each number in them comes from a row, a verdict or the plan.</summary>
static class Narrative
{
    // A decision within four weeks before a step may have to do with it; that it has is never said.
    const int DaysBefore = 28;

    public static IReadOnlyList<ReportSentence> Of(ReportFacts facts, IReadOnlyList<ReportRow> rows, IReadOnlyList<Outlook> outlooks, IReadOnlyList<string> asks)
    {
        var first = rows.Where(row => row.Direction is Direction.Worsening or Direction.Improving).OrderBy(row => row.Direction == Direction.Worsening ? 0 : 1).FirstOrDefault();
        var verdict = first is null ? null : facts.Verdicts.GetValueOrDefault(first.Kpi);
        return [Situation(rows), rows.Count == 0 ? Plain("change", "There is nothing to compare yet.") : Change(first, verdict), Cause(facts, first, verdict), Ahead(facts, rows, outlooks), Ask(asks)];
    }

    static ReportSentence Situation(IReadOnlyList<ReportRow> rows)
    {
        if (rows.Count == 0) return Plain("situation", "No figure has a closed period yet, so nothing can be said of this one.");
        int Of(Direction direction) => rows.Count(row => row.Direction == direction);
        var counts = new[] { (Of(Direction.Improving), "improving"), (Of(Direction.Worsening), "worsening"), (Of(Direction.Flat), "flat"), (Of(Direction.NotEnoughData), "not judged yet") };
        var text = rows.Count == 1
            ? $"The one figure with a closed period is {counts.First(one => one.Item1 > 0).Item2}"
            : $"Of {rows.Count} figures {Listed([.. counts.Where(one => one.Item1 > 0).Select(one => $"{one.Item1} {(one.Item1 == 1 ? "is" : "are")} {one.Item2}")])}";
        var (meets, misses, open) = (rows.Count(row => row.Assurance == Assurance.Pass), rows.Count(row => row.Assurance == Assurance.Fail), rows.Count(row => row.Assurance == Assurance.HitOrMiss));
        var fates = new[] { (meets, "will be met"), (misses, "will be missed"), (open, "may or may not be met") };
        if (meets + misses + open > 0) text += $"; of {meets + misses + open} target{(meets + misses + open == 1 ? "" : "s")} of the plan {Listed([.. fates.Where(one => one.Item1 > 0).Select(one => $"{one.Item1} {one.Item2}")])}, if nothing changes";
        return new("situation", text + ".", [.. rows.Select(row => row.Verdict).OfType<string>()], Support.Supported, null);
    }

    static ReportSentence Change(ReportRow? first, KpiVerdict? verdict)
    {
        if (first is null || verdict is null) return Plain("change", "Nothing moved by more than its own noise.");
        var told = verdict.Sentence;
        var end = told.IndexOf(". ", StringComparison.Ordinal);
        var text = verdict.Announced == verdict.Direction ? (end < 0 ? told : told[..(end + 1)]) : $"{first.Name} is {ReportRows.Word(verdict.Announced).ToLowerInvariant()}, as announced before; its last period alone says otherwise.";
        return new("change", text, [ReportRows.IdOf(verdict)], Support.Supported, null);
    }

    static ReportSentence Cause(ReportFacts facts, ReportRow? first, KpiVerdict? verdict)
    {
        if (first is null || verdict is null) return Plain("cause", "There is no change to look for a cause of.");
        if (verdict is not { Shape: "step", Since: { } since }) return Plain("cause", $"{first.Name} moved little by little, so no single event explains it.");
        var near = facts.Plan?.Of("Decision").Where(one => one.Period("date") is { } date && date.Start <= since && date.End >= since.AddDays(-DaysBefore)).Select(one => one.Title).ToList() ?? [];
        var when = FigureText.Period(KpiCatalog.Find(first.Kpi) ?? throw new InvalidOperationException(first.Kpi), since);
        return Plain("cause", near.Count > 0
            ? $"The step in {when} came within four weeks after the decision “{near[0]}”; that it was the cause is not shown by this."
            : $"The step came in {when}; the plan has no decision of the four weeks before it, so its cause is not known.");
    }

    static ReportSentence Ahead(ReportFacts facts, IReadOnlyList<ReportRow> rows, IReadOnlyList<Outlook> outlooks)
    {
        var misses = rows.Where(row => row.Assurance == Assurance.Fail).ToList();
        var parts = new List<string>();
        if (misses.Count > 0) parts.Add($"if nothing changes, {Listed([.. misses.Take(2).Select(row => LowerFirst(row.Name))])}{(misses.Count > 2 ? $" and {misses.Count - 2} more" : "")} will miss the plan");
        if (outlooks.Count > 0 && KpiCatalog.Find(outlooks[0].Kpi) is { } kpi)
        {
            string Shown(double value) => FigureText.Number(kpi, FigureText.Scaled(kpi, value));
            var unit = FigureText.Unit(kpi, facts.Values[kpi.Key].LastOrDefault()?.Unit ?? kpi.Unit);
            parts.Add($"{LowerFirst(kpi.Name)} is expected between {Shown(outlooks[0].Low)} and {Shown(outlooks[0].High)} {unit} in {FigureText.Period(kpi, outlooks[0].Start)} (80 %)");
        }

        var used = misses.Take(2).Select(row => row.Verdict).OfType<string>().ToList();
        return parts.Count == 0 ? Plain("outlook", $"No outlook can be given: a forecast takes {KpiForecast.PointsMin} closed periods without a gap.") : new("outlook", UpperFirst(string.Join("; ", parts)) + ".", used, used.Count > 0 ? Support.Supported : Support.NoClaim, null);
    }

    static ReportSentence Ask(IReadOnlyList<string> asks) => Plain("ask", asks.Count switch
    {
        0 => "Nothing has to be decided now.",
        1 => asks[0],
        _ => $"{asks[0].TrimEnd('.')}; {asks.Count - 1} more below.",
    });

    /// <summary>What each row is expected to be in its next period.</summary>
    public static IReadOnlyList<Outlook> Outlooks(ReportFacts facts, IReadOnlyList<ReportRow> rows) =>
    [
        .. rows.Select(row => KpiCatalog.Find(row.Kpi)).OfType<Kpi>().Select(kpi => (Kpi: kpi, Forecast: KpiForecast.Of(kpi, [.. facts.Closed(kpi)], 1)))
            .Where(one => one.Forecast is { Errors: > 0 }).Select(one => one.Forecast?.Periods[0] is { } next ? new Outlook(one.Kpi.Key, next.Start, next.Low, next.High) : null).OfType<Outlook>(),
    ];

    /// <summary>How often earlier outlooks held, counting those whose period is closed now.</summary>
    public static string HitRate(ReportFacts facts)
    {
        var (held, all) = (0, 0);
        foreach (var outlook in facts.Earlier)
        {
            if (KpiCatalog.Find(outlook.Kpi) is not { } kpi || facts.Closed(kpi).FirstOrDefault(value => value.Start == outlook.Start)?.Observed is not { } came) continue;
            all++;
            if (came >= outlook.Low && came <= outlook.High) held++;
        }

        return all == 0 ? "none to count yet" : string.Create(CultureInfo.InvariantCulture, $"{held} of {all} held ({100.0 * held / all:0} %, 80 % promised)");
    }

    static ReportSentence Plain(string part, string text) => new(part, text, [], Support.NoClaim, null);

    static string Listed(IReadOnlyList<string> parts) => parts.Count < 2 ? string.Concat(parts) : $"{string.Join(", ", parts.Take(parts.Count - 1))} and {parts[^1]}";

    // "ARR" and "API latency" keep their capitals.
    static string LowerFirst(string text) => text.Length > 1 && char.IsUpper(text[1]) ? text : char.ToLowerInvariant(text[0]) + text[1..];

    static string UpperFirst(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
