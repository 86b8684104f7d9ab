using PenguinMails.House.Tests;
using PenguinMails.Oversight.Lint;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Modules.Tests.Oversight.Plans;

/// <summary>Plans written in tests.</summary>
static class PlanText
{
    public static readonly DateOnly Day = new(2026, 1, 15);

    public static string Samples => Path.Combine(Tree.Root, "samples/plans");

    /// <summary>Reads text as one file with the version before it; its lines count from the text.</summary>
    public static PlanReading Read(string yaml) => PlanReader.Read([("plan.yaml", "{apiVersion: oversight.penguinmails/v1, kind: Claim, metadata: {name: nothing}, spec: {text: Nothing}}\n---\n" + yaml)]);

    public static Plan Valid(string yaml)
    {
        var reading = Read(yaml);
        Assert.True(reading.Faults.Count == 0, string.Join('\n', reading.Faults));
        return reading.Plan;
    }

    public static LintReport Lint(string yaml, DateOnly? asOf = null) => PlanLinter.Run(Valid(yaml), asOf ?? Day);

    public static Plan Sample(string name)
    {
        var reading = PlanReader.Read(Path.Combine(Samples, name));
        Assert.True(reading.Faults.Count == 0, string.Join('\n', reading.Faults));
        return reading.Plan;
    }
}
