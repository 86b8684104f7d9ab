using PenguinMails.Oversight.Lint;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Modules.Tests.Oversight.Plans;

/// <summary>The founding plan as it is written, contradictions included, and its corrected copy.</summary>
public sealed class FoundingPlanTests
{
    const int SourceLines = 1296;

    static int Part(Plan plan, string part) => plan.Objects.Count(one => one.Metadata.Map("labels")?.Text("part") == part);

    [Theory]
    [InlineData("objective", 8)]
    [InlineData("segment", 3)]
    [InlineData("problem", 4)]
    [InlineData("kpi", 20)]
    [InlineData("kpi-target", 19)]
    [InlineData("enterprise-item", 6)]
    [InlineData("authentication", 3)]
    [InlineData("advanced-feature", 8)]
    [InlineData("roadmap-period", 6)]
    [InlineData("roadmap-objective", 24)]
    [InlineData("roadmap-feature", 17)]
    [InlineData("team", 6)]
    [InlineData("dependency", 4)]
    [InlineData("quarterly-target", 18)]
    [InlineData("annual-objective", 5)]
    [InlineData("risk", 2)]
    [InlineData("contingency", 4)]
    [InlineData("phase-task", 15)]
    [InlineData("cost-tier", 3)]
    [InlineData("recommendation", 5)]
    [InlineData("link", 14)]
    [InlineData("value", 4)]
    [InlineData("priority", 5)]
    [InlineData("advantage", 5)]
    [InlineData("market-entry", 4)]
    [InlineData("market-entry-target", 4)]
    [InlineData("phase", 4)]
    [InlineData("decision", 3)]
    public void Everything_the_source_enumerates_is_there(string part, int count) => Assert.Equal(count, Part(PlanText.Sample("penguinmails"), part));

    [Theory]
    [InlineData("rm-2025q4-success", 4)]
    [InlineData("gate-mvp-launch", 7)]
    [InlineData("gate-growth", 5)]
    public void Gates_hold_every_condition_with_its_line(string gate, int conditions)
    {
        var all = PlanText.Sample("penguinmails").Find("Gate", gate)?.Spec.List("all") ?? [];
        Assert.Equal(conditions, all.Count);
        Assert.All(all, one => Assert.NotNull((one as MapNode)?["line"]));
    }

    [Fact]
    public void Track_only_metrics_are_five_and_fifteen_have_targets()
    {
        var plan = PlanText.Sample("penguinmails");
        var kpis = plan.Of("Metric").Where(one => one.Metadata.Map("labels")?.Text("part") == "kpi").ToList();
        Assert.Equal(5, kpis.Count(one => one.Is("track")));
        Assert.Equal(15, kpis.Count(kpi => plan.Of("Target").Any(target => target.Text("metric") == kpi.Name || (kpi.Name == "kpi-ltv" && target.Text("metric") == "ltv-cac"))));
    }

    [Fact]
    public void Every_object_that_comes_from_the_source_names_its_line()
    {
        foreach (var one in PlanText.Sample("penguinmails").Objects)
        {
            var lines = one.Metadata.Map("source")?.Texts("lines").Select(line => int.Parse(line.Text, System.Globalization.CultureInfo.InvariantCulture)).ToList() ?? [];
            Assert.True(lines.Count > 0, one.Ref);
            Assert.All(lines, line => Assert.InRange(line, 1, SourceLines));
        }
    }

    [Fact]
    public void Every_rule_finds_something_in_the_plan_as_written()
    {
        var report = PlanLinter.Run(PlanText.Sample("penguinmails"), PlanText.Day);
        Assert.Equal(PlanLinter.All.Select(rule => rule.Id), report.Findings.Select(finding => finding.Rule).Distinct());
    }

    [Theory]
    [InlineData("R01", "ent-mvp")]
    [InlineData("R01", "mvp-implementation")]
    [InlineData("R02", "mrr-2026q4", "mrr-entry-enterprise")]
    [InlineData("R02", "uptime", "gate-mvp-launch")]
    [InlineData("R03", "arr-2027")]
    [InlineData("R04", "arr-2027", "mrr-2026q4")]
    [InlineData("R05", "arr-2027", "customers-2027")]
    [InlineData("R06", "mvp-implementation", "gate-mvp-launch")]
    [InlineData("R07", "auth-3", "rm-2026q2-f1")]
    [InlineData("R07", "ent-1", "advf-5")]
    [InlineData("R08", "api-first", "fcr-salesforce-hubspot")]
    [InlineData("R09", "api-mvp-focus", "api-post-mvp")]
    [InlineData("R10", "team-2026", "team-2026q4")]
    [InlineData("R11", "obj-p3")]
    [InlineData("R12", "gate-mvp-launch")]
    [InlineData("R13", "gate-mvp-launch", "ent-3", "ph1-vault")]
    [InlineData("R14", "ltv", "cac-agency", "ltv-cac-ratio")]
    [InlineData("R15", "niledb-fee")]
    [InlineData("R16", "rm-2025q4-success", "gate-mvp-launch")]
    [InlineData("R17", "customers-2025q4", "beta-customers-2025q4")]
    [InlineData("R18", "infrastructure-oversight")]
    [InlineData("R19", "penguinmails")]
    [InlineData("R20", "phase-1")]
    [InlineData("R21", "vault", "ph1-vault")]
    [InlineData("R22", "mrr-m12", "mrr-2026q4")]
    public void Known_contradictions_of_the_plan_are_found(string rule, params string[] names) =>
        Assert.Contains(PlanLinter.Run(PlanText.Sample("penguinmails"), PlanText.Day).Findings, finding => finding.Rule == rule && names.All(name => finding.Places.Any(place => place.Ref.EndsWith("/" + name, StringComparison.Ordinal))));

    [Fact]
    public void Nothing_is_found_in_the_corrected_copy()
    {
        var report = PlanLinter.Run(PlanText.Sample("penguinmails-corrected"), PlanText.Day);
        Assert.True(report.Findings.Count == 0, string.Join('\n', report.Findings.Select(finding => $"{finding.Id}: {finding.Message}")));
        Assert.Empty(report.Waived);
    }

    [Fact]
    public void Findings_name_the_line_of_the_source_beside_that_of_the_plan()
    {
        var finding = PlanLinter.Run(PlanText.Sample("penguinmails"), PlanText.Day).Findings.First(one => one.Rule == "R21");
        Assert.Contains(finding.Places, place => place is { File: "phases.yaml", Source: "strategic-planning-framework.md:1092", Value: "1 to 2 weeks" });
    }
}
