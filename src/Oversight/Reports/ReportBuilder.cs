using System.Security.Cryptography;
using System.Text;
using PenguinMails.Core;
using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Oversight.Reports;

/// <summary>Makes a report of facts. A pure function: the same facts give the same report, to the octet.</summary>
static class ReportBuilder
{
    /// <summary>Version of these rules; a change of what a report says from the same facts is a new one.</summary>
    public const string Version = "1";

    public static ReportModel Build(ReportFacts facts)
    {
        var rows = ReportRows.Of(facts);
        return Build(facts, rows, Narrative.Outlooks(facts, rows), PlanParts.Strip(facts));
    }

    /// <summary>Without outlooks and the plan's state, which take most of the time: for what is shown at once and not kept.</summary>
    public static ReportModel Brief(ReportFacts facts) => Build(facts, ReportRows.Of(facts), [], null);

    static ReportModel Build(ReportFacts facts, IReadOnlyList<ReportRow> rows, IReadOnlyList<Outlook> outlooks, PlanStrip? strip)
    {
        var asks = PlanParts.Asks(facts, rows, strip);
        var narrative = Narrative.Of(facts, rows, outlooks, asks).Concat(facts.Written.Select(text => ClaimCheck.Of(text, facts.Kpis, facts.Verdicts)));
        var (bridge, missing) = Bridges.Of(facts);
        return new ReportModel(
            Header(facts), [.. narrative], rows, bridge, missing, strip, PlanParts.Risks(facts), asks, facts.Budget,
            facts.Kind == ReportKind.Finance && facts.Budget.Count == 0 ? "No line of a budget has an actual amount for the month, so there is no variance by line." : null, outlooks,
            new(Definitions, DirectionVerdict.EngineVersion, Version, facts.Version?.Sha256, facts.Version is { } version ? $"{version.Plan} {version.Number}" : null, Narrative.HitRate(facts)));
    }

    /// <summary>The one form a model is kept and hashed in.</summary>
    public static (string Text, string Sha256) Written(ReportModel model)
    {
        var text = Json.Write(model);
        return (text, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }

    /// <summary>Changes whenever a definition of a figure does.</summary>
    public static string Definitions { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', KpiCatalog.All.Select(kpi => $"{kpi.Key} {kpi.Version} {kpi.Formula} {kpi.LeftOut}")))))[..12];

    static ReportHeader Header(ReportFacts facts)
    {
        var counted = facts.Kpis.Where(kpi => facts.Values[kpi.Key].Any()).ToList();
        var late = counted.Where(kpi => !IsComplete(facts, kpi)).Select(kpi => kpi.Name).ToList();
        var name = facts.Plan?.Head is { } head ? head.Title : null;
        return new(facts.Kind, name is null ? ReportPeriods.Title(facts.Kind) : $"{name}: {ReportPeriods.Title(facts.Kind).ToLowerInvariant()}", ReportPeriods.Words(facts.Kind, facts.From, facts.Today),
            facts.From, facts.To, facts.Cut, counted.Count - late.Count, counted.Count, late);
    }

    // The newest period that began within the report's and was closed at the cut.
    static bool IsComplete(ReportFacts facts, Kpi kpi)
    {
        var start = kpi.StartOf(facts.To);
        while (!kpi.IsClosed(start, facts.Today)) start = kpi.Grain.Add(start, -1);
        return facts.Values[kpi.Key].Any(value => value.Start == start);
    }
}
