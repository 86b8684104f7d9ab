using PenguinMails.House.Tests;
using PenguinMails.Oversight.Lint;

namespace PenguinMails.Modules.Tests.Oversight.Plans;

/// <summary>Each rule on small plans of many trades: what it must find, what it must leave alone, and what comes near. The plans stand in <c>Cases</c>.</summary>
public sealed class LintRuleTests
{
    static string Folder => Path.Combine(Tree.Root, "tests/Modules.Tests/Oversight/Plans/Cases");

    /// <summary>Rule, first line of the case, and its plan.</summary>
    public static IEnumerable<TheoryDataRow<string, string, string>> Cases() =>
        from file in Directory.EnumerateFiles(Folder, "R*.txt").Order(StringComparer.Ordinal)
        from one in File.ReadAllText(file).Split("=== ", StringSplitOptions.RemoveEmptyEntries)
        select new TheoryDataRow<string, string, string>(Path.GetFileNameWithoutExtension(file), one.Split('\n')[0], string.Join('\n', one.Split('\n').Skip(1)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rule_finds_what_is_planted_and_nothing_else(string rule, string header, string plan)
    {
        var wanted = header.Split(" : ")[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var found = PlanText.Lint(plan).Findings.Where(finding => finding.Rule == rule).ToList();
        if (wanted[0] == "silent")
        {
            Assert.True(found.Count == 0, string.Join('\n', found.Select(finding => finding.Message)));
            return;
        }

        Assert.Equal("finds", wanted[0]);
        Assert.True(found.Any(finding => wanted.Skip(1).All(name => finding.Places.Any(place => place.Ref.EndsWith("/" + name, StringComparison.Ordinal)))), "Found: " + string.Join('\n', found.Select(finding => $"{finding.Id}: {finding.Message}")));
        Assert.All(found, finding => Assert.All(finding.Places, place => Assert.True(place.Line > 0 && place.File == "plan.yaml")));
    }

    [Fact]
    public void Every_rule_has_cases_for_both_answers()
    {
        var cases = Cases().Select(row => (Rule: row.Data.Item1, Silent: row.Data.Item2.StartsWith("silent", StringComparison.Ordinal))).ToList();
        Assert.All(PlanLinter.All, rule => Assert.True(cases.Any(one => one.Rule == rule.Id && one.Silent) && cases.Count(one => one.Rule == rule.Id && !one.Silent) > 1, rule.Id));
        Assert.Equal(22, PlanLinter.All.Count);
    }

    [Fact]
    public void Finding_quotes_both_values_and_shows_the_arithmetic()
    {
        var finding = Assert.Single(PlanText.Lint("""
            {kind: Metric, metadata: {name: beds, title: Beds, owner: x}, spec: {}}
            ---
            {kind: Target, metadata: {name: a, owner: x}, spec: {metric: beds, quantity: {value: 300, at: 2027}}}
            ---
            {kind: Target, metadata: {name: b, owner: x, source: {file: plan.md, lines: [7]}}, spec: {metric: beds, quantity: {value: 240, at: 2027-Q4}}}
            """).Findings);
        Assert.Equal(("R02", Severity.Error, "R02 a b"), (finding.Rule, finding.Severity, finding.Id));
        Assert.Equal(["300 by 2027", "240 by 2027-Q4"], finding.Values);
        Assert.Equal([5, 7], finding.Places.Select(place => place.Line));
        Assert.Equal("plan.md:7", finding.Places[1].Source);
        Assert.Contains("25 % lie between them", finding.Message, StringComparison.Ordinal);
    }
}
