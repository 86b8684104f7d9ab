using System.Globalization;
using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Lint;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Reports;

/// <summary>What a report tells of the plan itself: how it stands, its weightiest risks, what is to be decided.</summary>
static class PlanParts
{
    const int Shown = 3;
    const int TextMax = 110;
    const int AsksMax = 4;

    public static PlanStrip? Strip(ReportFacts facts)
    {
        if (facts.Plan is not { } plan) return null;
        var roadmap = PlanStatus.Of(plan, facts.Today).Roadmap;
        var changes = facts.Before is { } before ? PlanDiff.Compare(before, plan) : [];
        var later = changes.Where(change => change.Sentence.Contains("days later", StringComparison.Ordinal)).Select(change => change.Ref).ToHashSet(StringComparer.Ordinal);
        var slipped = roadmap.Where(line => line.State is "overdue" or "late_start" || later.Contains(line.Ref)).OrderBy(line => line.DaysLeft ?? int.MaxValue).ThenBy(line => line.Ref, StringComparer.Ordinal).ToList();
        var added = changes.Where(change => change.Kind == ChangeKind.Added && change.Path.Length == 0).ToList();
        var contradictions = PlanLinter.Run(plan, facts.Today).Findings.Where(finding => finding.Severity == Severity.Error).ToList();
        return new(
            [
                new("done", roadmap.Count(line => line.State == "done"), $"of {roadmap.Count} items"), new("slipped", slipped.Count, "overdue, begun late or moved"),
                new("new", added.Count, facts.Before is null ? "first version" : "since the version before"), new("contradictions", contradictions.Count, "found by the linter"),
            ],
            [.. slipped.Take(Shown).Select(line => Cut($"Slipped: {line.Sentence}")), .. contradictions.Take(Math.Max(1, Shown - slipped.Count)).Select(finding => Cut($"Contradiction {finding.Rule}: {finding.Title}"))]);
    }

    public static IReadOnlyList<ReportRisk> Risks(ReportFacts facts) => facts.Plan is not { } plan ? [] :
    [
        .. plan.Of("Risk").Select((risk, at) => (Risk: risk, Weight: Weight(risk), At: at)).OrderByDescending(one => one.Weight ?? 0).ThenBy(one => one.At).Take(Shown)
            .Select(one => new ReportRisk(Cut(one.Risk.Title), one.Weight is { } weight ? string.Create(CultureInfo.InvariantCulture, $"{weight:0.#} of 25") : "not weighed", Distance(facts, plan, one.Risk))),
    ];

    static decimal? Weight(PlanObject risk) => risk.Number("likelihood") is { } likelihood && risk.Number("impact") is { } impact ? likelihood * impact : null;

    static string Distance(ReportFacts facts, Plan plan, PlanObject risk)
    {
        if (risk.Spec.List("indicators").OfType<MapNode>().FirstOrDefault() is not { } indicator || indicator.Text("metric") is not { } name) return "no indicator is named";
        var metric = plan.Find("Metric", name);
        if ((KpiCatalog.Find(metric?.Text("kpi") ?? "") ?? KpiCatalog.Find(metric?.Text("is") ?? name)) is not { } kpi || facts.Closed(kpi).LastOrDefault() is not { Observed: { } value } last) return $"{name}: no value yet";
        var now = FigureText.Amount(kpi, FigureText.Scaled(kpi, value), last.Unit);
        var verdict = facts.Verdicts.GetValueOrDefault(kpi.Key);
        if (indicator.Text("trigger") is not { } trigger) return $"{kpi.Name} at {now}; no trigger is named";
        if (trigger is "worsening" or "improving")
            return verdict is null or { Announced: Direction.NotEnoughData } ? $"{kpi.Name} at {now}; cannot be judged yet" : $"{kpi.Name} at {now}, {ReportRows.Word(verdict.Announced).ToLowerInvariant()}: {(ReportRows.Word(verdict.Announced).Equals(trigger, StringComparison.OrdinalIgnoreCase) ? "its trigger is met" : "its trigger is not met")}";
        return $"{kpi.Name} at {now}; trigger {trigger}";
    }

    public static IReadOnlyList<string> Asks(ReportFacts facts, IReadOnlyList<ReportRow> rows, PlanStrip? strip)
    {
        var asks = new List<string>();
        if (facts.Version is { Unread: { Count: > 0 } unread } version) asks.Add(Cut($"Import a corrected plan: of version {version.Number}, {unread.Count} place{(unread.Count == 1 ? " is" : "s are")} no longer read."));
        if (facts.Plan is { } plan)
        {
            asks.AddRange(plan.Of("Decision").Where(one => one.Text("status") == "proposed").Select(one => Cut($"Decide: {one.Title}.")));
            asks.AddRange(plan.Of("Decision").Where(one => one.Period("reviewOn") is { } day && day.End <= facts.To && one.Spec["outcome"] is null)
                .Select(one => Cut($"Review what came of “{one.Title}”, due {one.Period("reviewOn")}.")));
        }

        asks.AddRange(rows.Where(row => row.Assurance == Assurance.Fail && row.Direction != Direction.Improving).Take(2).Select(row => Cut($"{row.Name} will miss the plan: change the plan, or what drives the figure.")));
        if (strip?.Counts.FirstOrDefault(count => count.Word == "contradictions") is { Count: > 0 } found) asks.Add($"Settle {found.Count} contradiction{(found.Count == 1 ? "" : "s")} of the plan.");
        return [.. asks.Take(AsksMax)];
    }

    static string Cut(string text) => text.Length <= TextMax ? text : text[..(TextMax - 1)].TrimEnd() + "…";
}
