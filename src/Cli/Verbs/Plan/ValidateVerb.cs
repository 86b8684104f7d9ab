using System.CommandLine;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Cli.Verbs.Plan;

/// <summary>Whether a plan can be read, and if not, where it is wrong.</summary>
static class ValidateVerb
{
    sealed record Report(bool Valid, int Objects, IReadOnlyDictionary<string, int> Kinds, IReadOnlyList<PlanVerbs.FaultLine> Errors);

    public static Command Command()
    {
        var (path, json) = (PlanVerbs.Path(), PlanVerbs.Json());
        var command = new Command("validate", "Read a plan and say where it is wrong. Exit 2 when it is.") { path, json };
        command.SetAction((parsed, _) => Run(parsed.GetValue(path) ?? "", parsed.GetValue(json)));
        return command;
    }

    static async Task<int> Run(string path, bool json)
    {
        var reading = PlanReader.Read(path);
        var kinds = reading.Plan.Objects.GroupBy(one => one.Kind).ToDictionary(group => group.Key, group => group.Count());
        var valid = reading.Faults.Count == 0;
        if (json) await Console.Out.WriteLineAsync(Core.Json.Write(new Report(valid, reading.Plan.Objects.Count, kinds, PlanVerbs.Lines(reading.Faults))));
        else if (valid) await Console.Out.WriteLineAsync($"{path}: a valid plan of {reading.Plan.Objects.Count} {(reading.Plan.Objects.Count == 1 ? "object" : "objects")} ({string.Join(", ", kinds.Select(kind => $"{kind.Value} {kind.Key}"))}).");
        if (valid) return 0;
        return json ? 2 : await PlanVerbs.Refuse(reading.Faults);
    }
}
