using System.CommandLine;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Cli.Verbs.Plan;

/// <summary>What changed between two versions of a plan, as a change log.</summary>
static class DiffVerb
{
    sealed record Shown(ChangeKind Change, string Ref, string Path, string? Before, string? After, string Sentence, string File, int Line);

    sealed record Report(IReadOnlyList<Shown> Changes);

    public static Command Command()
    {
        var (before, after, json) = (PlanVerbs.Path("before"), PlanVerbs.Path("after"), PlanVerbs.Json());
        var command = new Command("diff", "What changed from one version of a plan to another. Exit 0 also when they differ.") { before, after, json };
        command.SetAction((parsed, _) => Run(parsed.GetValue(before) ?? "", parsed.GetValue(after) ?? "", parsed.GetValue(json)));
        return command;
    }

    static async Task<int> Run(string before, string after, bool json)
    {
        var (old, now) = (PlanReader.Read(before), PlanReader.Read(after));
        if (old.Faults.Count + now.Faults.Count > 0) return await PlanVerbs.Refuse([.. old.Faults, .. now.Faults]);
        var changes = PlanDiff.Compare(old.Plan, now.Plan);
        if (json)
        {
            await Console.Out.WriteLineAsync(Core.Json.Write(new Report([.. changes.Select(change => new Shown(change.Kind, change.Ref, change.Path, change.Before, change.After, change.Sentence, change.At.File, change.At.Line))])));
            return 0;
        }

        foreach (var (kind, title) in new[] { (ChangeKind.Added, "New"), (ChangeKind.Removed, "Gone"), (ChangeKind.Changed, "Changed") })
        {
            var lines = changes.Where(change => (change.Path.Length == 0 ? change.Kind : ChangeKind.Changed) == kind).ToList();
            if (lines.Count > 0) await Console.Out.WriteLineAsync($"{title} ({lines.Count})");
            foreach (var line in lines) await Console.Out.WriteLineAsync($"  {line.Sentence}");
        }

        await Console.Out.WriteLineAsync(changes.Count == 0 ? "Nothing changed." : $"{changes.Count} changes.");
        return 0;
    }
}
