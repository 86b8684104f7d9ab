using System.Text.Json.Nodes;
using PenguinMails.House.Tests;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Modules.Tests.Oversight.Plans;

public sealed class PlanReadingTests
{
    [Theory]
    [InlineData("10-15 days", "10 to 15 days")]
    [InlineData(">= 25K USD/month", "≥ 25,000 USD/month")]
    [InlineData("$25K", "25,000 $")]
    [InlineData("1.2M EUR", "1,200,000 EUR")]
    [InlineData("80-85%", "80 to 85 %")]
    [InlineData("2-3x", "2 to 3 x")]
    [InlineData("500k+ emails/month", "≥ 500,000 emails/month")]
    [InlineData("< 60 minutes", "≤ 60 minutes")]
    [InlineData("3 to 5 years", "3 to 5 years")]
    [InlineData("1,200", "1,200")]
    [InlineData("3bn USD", "3,000,000,000 USD")]
    [InlineData("40 person-days", "40 person-days")]
    [InlineData("150-250k USD/month", "150,000 to 250,000 USD/month")]
    [InlineData("500-2k emails", "500 to 2,000 emails")]
    [InlineData("1'200 patients", "1,200 patients")]
    [InlineData("1\u00A0200", "1,200")]
    [InlineData("\u20AC1-1.5M", "1,000,000 to 1,500,000 \u20AC")]
    public void Short_quantities_are_read(string text, string shown) => Assert.Equal(shown, Quantity.Of(new ScalarNode(default, text, false))?.ToString());

    [Theory]
    [InlineData("30 custmers")]
    [InlineData("30 monts")]
    [InlineData("30 persent")]
    [InlineData("30 euros")]
    [InlineData("30 UDS/month")]
    [InlineData("30 furlongs")]
    [InlineData("30 kWh/parsec")]
    [InlineData("30 electric vans")]
    [InlineData("30% faster")]
    public void Unknown_units_are_refused(string text)
    {
        Assert.Null(QuantityText.Read(new ScalarNode(default, text, false), out var fault));
        Assert.Equal("plan.unit_unknown", fault?.Code);
    }

    [Theory]
    [InlineData("25k USD/month", "0.3M USD/year")]
    [InlineData("90 minutes", "1.5 hours")]
    [InlineData("1.2 tonnes", "1200 kg")]
    [InlineData("2 million litres", "2000 m3")]
    [InlineData("3 MWh/month", "36000 kWh/year")]
    [InlineData("5 hectares", "50k m2")]
    [InlineData("30 vans", "30")]
    [InlineData("2 weeks", "14 days")]
    [InlineData("80 %", "80 percent")]
    [InlineData("25 kUSD/month", "25000 USD/month")]
    public void Units_of_one_dimension_compare(string left, string right)
    {
        var (one, other) = (Quantity.Of(new ScalarNode(default, left, false)), Quantity.Of(new ScalarNode(default, right, false)));
        Assert.True(one is not null && other is not null && one.SameMeasure(other));
        Assert.Equal((double)(one?.BasicLow ?? 0), (double)(other?.BasicLow ?? 1), 6);
    }

    [Theory]
    [InlineData("2026", "2026-01-01", "2026-12-31")]
    [InlineData("2026-H2", "2026-07-01", "2026-12-31")]
    [InlineData("2026-Q1", "2026-01-01", "2026-03-31")]
    [InlineData("Q1 2026", "2026-01-01", "2026-03-31")]
    [InlineData("2028-02", "2028-02-01", "2028-02-29")]
    [InlineData("2026-W01", "2025-12-29", "2026-01-04")]
    [InlineData("2026-Q4/2027-Q1", "2026-10-01", "2027-03-31")]
    [InlineData("2026-Q3/", "2026-07-01", "9999-12-31")]
    public void Periods_are_read(string text, string start, string end)
    {
        Assert.True(Period.TryParse(text, out var period, out _));
        Assert.Equal((start, end), (period.Start.ToString("yyyy-MM-dd"), period.End.ToString("yyyy-MM-dd")));
    }

    [Fact]
    public void Layout_of_files_makes_no_difference()
    {
        const string head = "apiVersion: oversight.penguinmails/v1\n";
        var one = PlanReader.Read([("all.yaml", head + "kind: Risk\nmetadata: {name: fire}\n---\nkind: Vendor\nmetadata: {name: v}\nspec: {purpose: Water}\n")]);
        var many = PlanReader.Read([("a/fire.json", """{"apiVersion":"oversight.penguinmails/v1","kind":"Risk","metadata":{"name":"fire"},"spec":{}}"""), ("b.yml", "- {apiVersion: oversight.penguinmails/v1, kind: Vendor, metadata: {name: v}, spec: {purpose: Water}}\n")]);
        Assert.Empty(one.Faults.Concat(many.Faults));
        Assert.Empty(PlanDiff.Compare(one.Plan, many.Plan));
    }

    [Theory]
    [InlineData("penguinmails")]
    [InlineData("penguinmails-corrected")]
    public void Canonical_form_reads_back_the_same_and_is_its_own_canonical_form(string name)
    {
        var plan = PlanText.Sample(name);
        var text = CanonicalYaml.Write(plan);
        var again = PlanReader.Read([("plan.yaml", text)]);
        Assert.Empty(again.Faults);
        Assert.Empty(PlanDiff.Compare(plan, again.Plan));
        Assert.Equal(plan.Objects.Count, again.Plan.Objects.Count);
        Assert.Equal(text, CanonicalYaml.Write(again.Plan));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("- dash")]
    [InlineData("a: b # c")]
    [InlineData("two\nlines\tand \"quotes\" \\ back")]
    [InlineData(" padded ")]
    [InlineData("'single'")]
    [InlineData("ends with:")]
    [InlineData("\u2028")]
    [InlineData("---")]
    public void Any_text_survives_the_canonical_form(string text)
    {
        var quoted = System.Text.Json.JsonSerializer.Serialize(text);
        var plan = PlanText.Valid($"{{kind: Claim, metadata: {{name: a}}, spec: {{text: {quoted}}}}}");
        var again = PlanReader.Read([("a.yaml", CanonicalYaml.Write(plan))]);
        Assert.Equal(text, again.Plan.Find("Claim", "a")?.Text("text"));
    }

    [Fact]
    public void Published_schemas_are_those_the_reader_uses()
    {
        var folder = Path.Combine(Tree.Root, "docs/api/plan-schema");
        var schemas = PlanSchema.All();
        if (Environment.GetEnvironmentVariable("PENGUIN_WRITE") == "1")
        {
            Directory.CreateDirectory(folder);
            foreach (var (name, text) in schemas) File.WriteAllText(Path.Combine(folder, name), text);
        }

        Assert.Equal(24, schemas.Count);
        Assert.Equal(schemas.Keys.Order(StringComparer.Ordinal), Directory.EnumerateFiles(folder, "*.json").Select(path => Path.GetFileName(path) ?? "").Order(StringComparer.Ordinal));
        Assert.All(schemas, schema => Assert.Equal(schema.Value, File.ReadAllText(Path.Combine(folder, schema.Key))));
    }

    [Fact]
    public void Schema_and_reader_know_the_same_keys()
    {
        foreach (var kind in Kinds.All)
        {
            var properties = JsonNode.Parse(PlanSchema.All()[$"{kind.Word}.schema.json"])?["properties"]?["spec"]?["properties"]?.AsObject().Select(property => property.Key).ToList() ?? [];
            Assert.Equal(kind.Spec.Fields.Select(field => field.Key), properties);
            // The reader refuses the first key the schema does not have, and takes each that it has.
            Assert.Contains(PlanText.Read($"{{kind: {kind.Word}, metadata: {{name: a}}, spec: {{zzz: 1}}}}").Faults, fault => fault.Code == "plan.key_unknown");
            Assert.All(properties, key => Assert.DoesNotContain(PlanText.Read($"{{kind: {kind.Word}, metadata: {{name: a}}, spec: {{{key}: null}}}}").Faults, fault => fault.Code == "plan.key_unknown"));
        }
    }
}
