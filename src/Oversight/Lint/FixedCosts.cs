using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R15: costs of serving customers that stay while customers multiply.</summary>
static class FixedCosts
{
    // Under this growth a contract with room in it may stay as it is.
    const decimal GrowthMax = 2;

    static readonly string[] Growing =
        ["server", "servers", "vps", "hosting", "database", "storage", "bandwidth", "sending", "smtp", "email", "emails", "mail", "messages", "cloud", "compute", "traffic", "infrastructure", "cdn", "sms", "usage", "api", "payment", "payments", "support", "gpu", "backup", "db", "packaging", "shipping", "postage", "freight", "fulfilment", "fulfillment", "ingredients", "materials", "commission", "commissions", "consumables"];

    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        foreach (var line in plan.Plan.Of("CostLine").Where(line => !plan.IsSuperseded(line) && line.Text("model") == "fixed" && line.Text("driver") is not null))
            yield return Found("R15", Severity.Warning, $"{line.Title} is fixed and has a driver", $"{line.Title} is called fixed, and grows with {line.Text("driver")}. Say which of the two holds.", Cited.Field(line, "model"), Cited.Field(line, "driver"));
        if (Growth(plan) is not { } growth) yield break;
        foreach (var line in plan.Plan.Of("CostLine").Where(line => !plan.IsSuperseded(line) && line.Text("model") == "fixed" && line.Text("driver") is null && Scales(plan, line)))
            yield return Found("R15", Severity.Warning, $"{line.Title} is fixed while customers multiply", $"{line.Title}{(line.Quantity("amount") is { } amount ? $" ({amount})" : "")} is a fixed cost of serving customers, and {growth.From.Quantity} by {growth.From.Due} become {growth.To.Quantity} by {growth.To.Due}, {NumberText.Show(decimal.Round(growth.To.Quantity.BasicLow / growth.From.Quantity.BasicLow, 1))} times as many. Name what it grows with, or the steps.", new Cited(line, line.Spec["model"], line.Quantity("amount")?.ToString() ?? "fixed"), growth.From.Cited, growth.To.Cited);
    }

    static (Aim From, Aim To)? Growth(LintedPlan plan)
    {
        foreach (var metric in new[] { "customers", "volume", "mrr", "arr", "revenue" }.SelectMany(role => plan.AimsOf(role).Select(aim => aim.Metric).Distinct()))
        {
            var aims = plan.Aims.Where(aim => aim.Metric == metric && aim.Segment.Length == 0 && aim.Due is { IsOpen: false } && aim.Quantity.BasicLow > 0).OrderBy(aim => aim.Due?.End).ToList();
            if (aims.Count > 1 && aims[^1].Quantity.BasicLow / aims[0].Quantity.BasicLow >= GrowthMax) return (aims[0], aims[^1]);
        }

        return null;
    }

    static bool Scales(LintedPlan plan, PlanObject line)
    {
        if (line.Text("cogs") is { } stated) return stated == "true";
        var words = MetricRole.Words(line.Name).Concat(MetricRole.Words(line.Title)).Concat(MetricRole.Words(plan.Plan.Find("Vendor", line.Text("vendor"))?.Text("purpose") ?? ""));
        return words.Any(Growing.Contains);
    }
}
