using System.Text;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Modules.Tests.Oversight.Plans;

/// <summary>Plans that cannot be read: each fault has code, file, line and column.</summary>
public sealed class BadPlanTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("penguin-plan-");

    public void Dispose() => _folder.Delete(recursive: true);

    static PlanFault First(string yaml) => PlanText.Read(yaml).Faults[0];

    // The bar marks the place; two lines stand before the text.
    [Theory]
    [InlineData("plan.anchor_refused", "{kind: Claim, metadata: {name: a}, spec: ¦&x {text: T}}")]
    [InlineData("plan.alias_refused", "{kind: Claim, metadata: {name: a}, notes: ¦*x}")]
    [InlineData("plan.tag_refused", "{kind: Claim, metadata: {name: a}, spec: {text: ¦!!python/object T}}")]
    [InlineData("plan.key_duplicate", "{kind: Claim, metadata: {name: a, ¦name: b}, spec: {text: T}}")]
    [InlineData("plan.key_unknown", "{kind: Claim, metadata: {name: a}, spec: {text: T, ¦txet: T}}")]
    [InlineData("plan.kind_unknown", "{kind: ¦Clam, metadata: {name: a}, spec: {}}")]
    [InlineData("plan.version_unknown", "{apiVersion: ¦v2, kind: Claim, metadata: {name: a}, spec: {text: T}}")]
    [InlineData("plan.name_invalid", "{kind: Claim, metadata: {name: ¦A B}, spec: {text: T}}")]
    [InlineData("plan.key_missing", "{kind: Claim, metadata: {name: a}, spec: ¦{}}")]
    [InlineData("plan.date_invalid", "{kind: Risk, metadata: {name: a}, spec: {reviewBy: ¦2026-02-30}}")]
    [InlineData("plan.date_invalid", "{kind: RoadmapItem, metadata: {name: a}, spec: {period: ¦2026-Q5}}")]
    [InlineData("plan.date_invalid", "{kind: RoadmapItem, metadata: {name: a}, spec: {period: ¦2026-Q3/2026-Q1}}")]
    [InlineData("plan.date_invalid", "{kind: Phase, metadata: {name: a}, spec: {window: {start: 2026-Q3, end: ¦2026-Q1}}}")]
    [InlineData("plan.unit_unknown", "{kind: RoadmapItem, metadata: {name: a}, spec: {effort: {value: 3, unit: ¦wekes}}}")]
    [InlineData("plan.unit_unknown", "{kind: RoadmapItem, metadata: {name: a}, spec: {effort: ¦3 parsecs}}")]
    [InlineData("plan.number_invalid", "{kind: RoadmapItem, metadata: {name: a}, spec: {effort: {value: ¦three, unit: weeks}}}")]
    [InlineData("plan.range_reversed", "{kind: RoadmapItem, metadata: {name: a}, spec: {effort: {low: ¦9, high: 3, unit: weeks}}}")]
    [InlineData("plan.quantity_invalid", "{kind: RoadmapItem, metadata: {name: a}, spec: {effort: {op: ¦between, value: 9, unit: weeks}}}")]
    [InlineData("plan.word_unknown", "{kind: RoadmapItem, metadata: {name: a}, spec: {priority: ¦P9}}")]
    [InlineData("plan.type_wrong", "{kind: RoadmapItem, metadata: {name: a}, spec: {period: ¦[2026]}}")]
    [InlineData("plan.reference_unknown", "{kind: RoadmapItem, metadata: {name: a}, spec: {blocks: [¦b]}}")]
    public void Fault_has_its_place(string code, string marked)
    {
        var fault = First(marked.Replace("¦", "", StringComparison.Ordinal));
        Assert.Equal((code, "plan.yaml", 3, marked.IndexOf('¦', StringComparison.Ordinal) + 1), (fault.Code, fault.At.File, fault.At.Line, fault.At.Column));
    }

    [Theory]
    [InlineData("kind: Claim\nmetadata: {name: a\nspec: {text: T}\n")]
    [InlineData("kind: Claim\n\tmetadata: x\n")]
    [InlineData("kind: [\n")]
    public void Broken_yaml_is_told_with_line_and_column(string yaml)
    {
        var fault = PlanReader.Read([("plan.yaml", yaml)]).Faults[0];
        Assert.Equal("plan.yaml_invalid", fault.Code);
        Assert.True(fault.At is { Line: > 1, Column: > 0 });
    }

    [Fact]
    public void Unknown_key_and_unknown_unit_name_the_nearest_known_one()
    {
        Assert.Contains("did you mean \"text\"?", First("{kind: Claim, metadata: {name: a}, spec: {text: T, txet: T}}").Message, StringComparison.Ordinal);
        Assert.Contains("did you mean \"weeks\"?", First("{kind: RoadmapItem, metadata: {name: a}, spec: {effort: 3 wekes}}").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Same_name_twice_is_refused_across_files_with_both_places()
    {
        const string risk = "apiVersion: oversight.penguinmails/v1\nkind: Risk\nmetadata:\n  name: fire\nspec: {}\n";
        var fault = Assert.Single(PlanReader.Read([("a.yaml", risk), ("b/c.yaml", risk)]).Faults);
        Assert.Equal("b/c.yaml:4:9", fault.At.ToString());
        Assert.Contains("the first is at a.yaml:1:1", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dependsOn: [b]", "dependsOn: [c]", "dependsOn: [a]")]
    [InlineData("blocks: [b]", "blocks: [c]", "blocks: [a]")]
    [InlineData("dependsOn: [b]", "dependsOn: [c]", "dependsOn: [c]")]
    [InlineData("blocks: [b]", "dependsOn: [c]", "dependsOn: [b]")]
    [InlineData("parent: b", "parent: c", "parent: a")]
    public void Circle_is_refused_with_its_way(string a, string b, string c)
    {
        var fault = PlanText.Read($"{{kind: RoadmapItem, metadata: {{name: a}}, spec: {{{a}}}}}\n---\n{{kind: RoadmapItem, metadata: {{name: b}}, spec: {{{b}}}}}\n---\n{{kind: RoadmapItem, metadata: {{name: c}}, spec: {{{c}}}}}").Faults[0];
        Assert.Equal("plan.circle", fault.Code);
        Assert.Contains(" → ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_chain_is_no_circle_and_no_stack_is_used_up()
    {
        var yaml = string.Join("\n---\n", Enumerable.Range(0, 5000).Select(i => $"{{kind: RoadmapItem, metadata: {{name: i{i}}}, spec: {{effort: 1 days, period: 2026{(i > 0 ? $", dependsOn: [i{i - 1}]" : "")}}}}}"));
        var report = PlanText.Lint(yaml);
        Assert.Contains(report.Findings, finding => finding.Rule == "R06");
    }

    [Theory]
    [InlineData("{kind: Plan, metadata: {name: p}, spec: {currency: USD}}", 1)]
    [InlineData("{kind: Plan, metadata: {name: p}, spec: {currency: USD, rates: {EUR: 1.08}}}", 0)]
    [InlineData("{kind: Claim, metadata: {name: p}, spec: {text: T}}", 1)]
    public void Mixed_currencies_are_refused_unless_a_rate_is_named(string head, int faults)
    {
        var found = PlanText.Read(head + "\n---\n{kind: CostLine, metadata: {name: a}, spec: {amount: 5 USD/month}}\n---\n{kind: CostLine, metadata: {name: b}, spec: {amount: {value: 5, unit: EUR/month}}}").Faults;
        Assert.Equal(faults, found.Count);
        Assert.All(found, fault => Assert.Equal(("plan.currency_mixed", 7), (fault.Code, fault.At.Line)));
    }

    [Fact]
    public void Bomb_of_aliases_is_refused_at_its_first_anchor()
    {
        var bomb = new StringBuilder("a: &a [x, x, x, x, x, x, x, x, x]\n");
        for (var letter = 'b'; letter < 'k'; letter++) bomb.Append($"{letter}: &{letter} [{string.Join(", ", Enumerable.Repeat($"*{(char)(letter - 1)}", 9))}]\n");
        var fault = PlanReader.Read([("bomb.yaml", bomb.ToString())]).Faults[0];
        Assert.Equal("plan.anchor_refused bomb.yaml:1:4", $"{fault.Code} {fault.At}");
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var fault = PlanReader.Read([("deep.yaml", new string('[', 30_000))]).Faults[0];
        Assert.Equal("plan.too_deep", fault.Code);
    }

    [Fact]
    public void File_of_ten_megabytes_is_refused_before_it_is_read()
    {
        File.WriteAllBytes(Path.Combine(_folder.FullName, "big.yaml"), new byte[10_000_000]);
        File.WriteAllText(Path.Combine(_folder.FullName, "good.yaml"), "apiVersion: oversight.penguinmails/v1\nkind: Risk\nmetadata: {name: fire}\n");
        var reading = PlanReader.Read(_folder.FullName);
        Assert.Equal("plan.file_too_large big.yaml:1:1", $"{reading.Faults.Single().Code} {reading.Faults.Single().At}");
    }

    [Theory]
    [InlineData("kind: Risk\nmetadata: {name: a}\n", "plan.version_missing")]
    [InlineData("just a text", "plan.type_wrong")]
    [InlineData("{}", "plan.version_missing")]
    public void File_that_is_no_plan_is_told_so(string text, string code) => Assert.Equal(code, PlanReader.Read([("a.yaml", text)]).Faults[0].Code);

    [Fact]
    public void Missing_path_and_empty_folder_are_told()
    {
        Assert.Equal("plan.not_found", PlanReader.Read(Path.Combine(_folder.FullName, "none")).Faults.Single().Code);
        Assert.Equal("plan.empty", PlanReader.Read(_folder.FullName).Faults.Single().Code);
    }

    [Fact]
    public void Octets_that_are_no_utf8_are_told()
    {
        File.WriteAllBytes(Path.Combine(_folder.FullName, "a.yaml"), [0x6b, 0xff, 0xfe]);
        Assert.Equal("plan.not_utf8", PlanReader.Read(_folder.FullName).Faults.Single().Code);
    }

    [Theory]
    [InlineData("{value: 1e11, unit: TB/second, at: 2026}", "{value: 1e-9, unit: bytes/year, at: 2026}")]
    [InlineData("{value: 99999999999, unit: bn USD/minute, at: 2026}", "{value: 0.000000001, unit: USD/year, at: 2026}")]
    [InlineData("{value: 0, unit: USD, at: 2026}", "{value: -5, unit: USD, at: 2027}")]
    [InlineData("{value: 1, epoch: e, offset: P100Y}", "{value: 2, epoch: e, offset: P1200M}")]
    public void Extreme_numbers_end_in_faults_or_findings(string left, string right)
    {
        foreach (var metric in new[] { "mrr", "arr", "ltv", "cac", "customers", "churn" })
        {
            var yaml = $"{{kind: Plan, metadata: {{name: p}}, spec: {{epochs: {{e: {{date: 2199-12-31}}}}}}}}\n---\n{{kind: Metric, metadata: {{name: {metric}}}, spec: {{}}}}\n---\n{{kind: Target, metadata: {{name: a}}, spec: {{metric: {metric}, quantity: {left}}}}}\n---\n{{kind: Target, metadata: {{name: b}}, spec: {{metric: {metric}, quantity: {right}}}}}\n---\n{{kind: RoadmapItem, metadata: {{name: i}}, spec: {{period: 2200, effort: 90000000 years}}}}\n---\n{{kind: RoadmapItem, metadata: {{name: j}}, spec: {{effort: 3 years, dependsOn: [i]}}}}";
            var reading = PlanText.Read(yaml);
            var report = PenguinMails.Oversight.Lint.PlanLinter.Run(reading.Plan, PlanText.Day);
            Assert.NotEmpty(report.Findings);
            Assert.NotNull(PlanStatus.Of(reading.Plan, PlanText.Day));
            Assert.NotEmpty(PlanDiff.Compare(reading.Plan, new Plan([])));
        }
    }

    // Whatever is in a file, reading and linting end in faults and findings, never in an exception.
    [Fact]
    public void Damaged_files_end_in_faults_and_nothing_else()
    {
        const int seed = 20260115;
        var random = new Random(seed);
        var texts = Directory.EnumerateFiles(Path.Combine(PlanText.Samples, "penguinmails"), "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllText).ToList();
        const string scraps = "{}[]:,-#&*!|>'\"%@`\n\t ?~0k\u0000\u2028\uD83D";
        for (var round = 0; round < 1500; round++)
        {
            var text = new StringBuilder(texts[random.Next(texts.Count)]);
            var from = random.Next(text.Length);
            text.Remove(0, from).Length = Math.Min(text.Length, 1500);
            for (var i = random.Next(1, 6); i > 0 && text.Length > 2; i--)
                if (random.Next(2) == 0) text.Remove(random.Next(text.Length - 1), 1);
                else text.Insert(random.Next(text.Length), scraps[random.Next(scraps.Length)]);
            var damaged = text.ToString();
            var failed = Record.Exception(() => PenguinMails.Oversight.Lint.PlanLinter.Run(PlanReader.Read([("damaged.yaml", "apiVersion: oversight.penguinmails/v1\n" + damaged)]).Plan, PlanText.Day));
            Assert.True(failed is null, $"seed {seed}, round {round}: {failed}\n{damaged}");
        }
    }
}
