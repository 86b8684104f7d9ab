using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Lint;

/// <summary>One rule with the sentence that stands for it in the guide.</summary>
sealed record LintRule(string Id, string About, Func<LintedPlan, IEnumerable<Finding>> Check);

/// <summary>Finds where a plan contradicts itself. Looks at the plan only, so the same plan and day give the same findings.</summary>
public static class PlanLinter
{
    static readonly IReadOnlyList<LintRule> Rules =
    [
        new("R01", "A sum differs from its parts.", SumOfParts.Check), new("R02", "One metric has two values at one time.", SameTime.Check), new("R03", "A number that only rises falls.", RisingPath.Check),
        new("R04", "Two numbers that one formula ties differ from it.", Identities.Check), new("R05", "A ratio that follows from two targets jumps to more than twice or less than half.", RatioJumps.Check), new("R06", "Something is due before the work it needs can be done.", Milestones.Check),
        new("R07", "One feature is planned at two times.", FeatureWindows.Check), new("R08", "An item breaks a policy of the plan.", Policies.Check), new("R09", "Stretches that exclude each other overlap.", ExclusiveWindows.Check),
        new("R10", "The team is too small for the work, or of another size than a target says.", Capacity.Check), new("R11", "An objective has nothing that measures it.", Unmeasured.Check), new("R12", "A number of things differs from those the plan enumerates.", CountClaims.Check),
        new("R13", "Critical work is missing from what a gate waits for.", MissingBlockers.Check), new("R14", "Unit economics do not add up.", UnitEconomics.Check), new("R15", "A cost is fixed although what causes it grows.", FixedCosts.Check),
        new("R16", "One term is counted by several clocks.", Clocks.Check), new("R17", "A range stands against a point within it.", SameTime.CheckRanges), new("R18", "A relative effect has no baseline.", Baselines.Check),
        new("R19", "Owner, date or epoch is missing.", MissingParts.Check), new("R20", "A text is damaged: cut off, doubled, or a link that leads nowhere.", TextDefects.Check), new("R21", "An estimate was replaced and is still used.", OldEstimates.Check), new("R22", "One metric has two horizons.", Horizons.Check),
    ];

    /// <summary>Rules by id with their sentence, as the guide lists them.</summary>
    public static IReadOnlyList<(string Id, string About)> All { get; } = [.. Rules.Select(rule => (rule.Id, rule.About))];

    /// <param name="asOf">The day on which waivers are held to their date.</param>
    /// <param name="folder">Where its files lie, so that links to others beside them are looked for; null when it came as text.</param>
    public static LintReport Run(Plan plan, DateOnly asOf, string? folder = null)
    {
        var linted = new LintedPlan(plan, asOf, folder);
        var found = Rules.SelectMany(rule => rule.Check(linted)).ToList();
        return Waivers.Apply(plan, found, asOf);
    }
}
