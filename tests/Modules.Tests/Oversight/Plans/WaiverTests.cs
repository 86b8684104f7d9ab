namespace PenguinMails.Modules.Tests.Oversight.Plans;

public sealed class WaiverTests
{
    const string Wish = "{kind: Objective, metadata: {name: wish, owner: role:ceo}, spec: {statement: Be loved, period: 2026}}\n";

    static string Waiver(string finding, string until = "2026-06-30") => $"---\n{{kind: Waiver, metadata: {{name: w}}, spec: {{finding: {finding}, reason: A wish on purpose, by: role:ceo, until: {until}}}}}\n";

    [Fact]
    public void Waiver_sets_a_finding_aside_with_reason_and_owner()
    {
        var report = PlanText.Lint(Wish + Waiver("R11 wish"));
        Assert.Empty(report.Findings);
        Assert.Equal(("A wish on purpose", "role:ceo", "R11"), (report.Waived[0].Reason, report.Waived[0].By, report.Waived[0].Finding.Rule));
    }

    [Theory]
    [InlineData("2026-06-30", 0)]
    [InlineData("2026-07-01", 1)]
    public void Waiver_holds_on_its_last_day_and_counts_no_longer_the_day_after(string asOf, int findings)
    {
        var report = PlanText.Lint(Wish + Waiver("R11 wish"), DateOnly.Parse(asOf, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(findings, report.Findings.Count);
        Assert.Equal(findings, report.UnusedWaivers.Count);
    }

    [Theory]
    [InlineData("R11")]
    [InlineData("R11 other")]
    [InlineData("R12 wish")]
    public void Waiver_that_names_another_finding_or_a_whole_rule_covers_nothing(string finding)
    {
        var report = PlanText.Lint(Wish + Waiver(finding));
        Assert.Single(report.Findings);
        Assert.Contains("covers no finding", Assert.Single(report.UnusedWaivers).Sentence, StringComparison.Ordinal);
    }
}
