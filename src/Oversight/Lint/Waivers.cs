using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Lint;

/// <summary>Sets aside the findings that somebody accepted, until the day that was named.</summary>
static class Waivers
{
    public static LintReport Apply(Plan plan, List<Finding> found, DateOnly asOf)
    {
        var (standing, waived, unused) = (new List<Finding>(found), new List<Waived>(), new List<UnusedWaiver>());
        foreach (var waiver in plan.Of("Waiver"))
        {
            if (waiver.Period("until") is not { } until) continue;
            var covered = standing.Where(finding => Covers(waiver, finding)).ToList();
            if (until.End < asOf) unused.Add(Unused(waiver, until.End, isExpired: true, $"ran out on {until}: what it covered counts again."));
            else if (covered.Count == 0) unused.Add(Unused(waiver, until.End, isExpired: false, $"covers no finding: \"{waiver.Text("finding")}\"."));
            else
            {
                waived.AddRange(covered.Select(finding => new Waived(finding, waiver.Name, waiver.Text("reason") ?? "", waiver.Text("by") ?? "", until.End)));
                standing.RemoveAll(covered.Contains);
            }
        }

        return new LintReport(asOf, standing, waived, unused);
    }

    static UnusedWaiver Unused(PlanObject waiver, DateOnly until, bool isExpired, string why) =>
        new(waiver.Name, waiver.Text("finding") ?? "", waiver.Text("reason") ?? "", waiver.Text("by") ?? "", until, isExpired, $"{waiver.Ref} ({waiver.At}) {why}");

    // A rule alone would cover what nobody has seen yet, so at least one object is named, and each named object must be part of the finding.
    static bool Covers(PlanObject waiver, Finding finding)
    {
        var words = (waiver.Text("finding") ?? "").Split([' ', ',', ':', '+'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || !words[0].Equals(finding.Rule, StringComparison.OrdinalIgnoreCase)) return false;
        return words.Skip(1).All(word => finding.Places.Any(place => place.Ref == word || place.Ref.EndsWith("/" + word, StringComparison.Ordinal)));
    }
}
