using System.CommandLine;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Cli.Verbs.Plan;

/// <summary>How the plan stands on a day, by what it says itself.</summary>
static class StatusVerb
{
    public static Command Command()
    {
        var (path, json, asOf) = (PlanVerbs.Path(), PlanVerbs.Json(), PlanVerbs.AsOf());
        var command = new Command("status", "Objectives, targets, roadmap, gates and registers as of a day. Looks at no measured value.") { path, asOf, json };
        command.SetAction((parsed, _) => Run(parsed.GetValue(path) ?? "", parsed.GetValue(asOf), parsed.GetValue(json)));
        return command;
    }

    static async Task<int> Run(string path, string? asOf, bool json)
    {
        if (PlanVerbs.Day(asOf) is not { } day) return await PlanVerbs.NoDay(asOf);
        var reading = PlanReader.Read(path);
        if (reading.Faults.Count > 0) return await PlanVerbs.Refuse(reading.Faults);
        var report = PlanStatus.Of(reading.Plan, day);
        if (json)
        {
            await Console.Out.WriteLineAsync(Core.Json.Write(report));
            return 0;
        }

        foreach (var (title, lines) in new[] { ("Objectives", report.Objectives), ("Targets", report.Targets), ("Roadmap", report.Roadmap), ("Gates", report.Gates), ("Registers", report.Registers) })
        {
            await Console.Out.WriteLineAsync($"{title}: {(lines.Count == 0 ? "none" : string.Join(", ", lines.GroupBy(line => line.State).Select(group => $"{group.Count()} {group.Key.Replace('_', ' ')}")))}");
            foreach (var line in lines) await Console.Out.WriteLineAsync($"  {line.State,-12} {line.Period ?? "-",-16} {line.Sentence}{(line.Value is { } value ? $" [{value}]" : "")}");
        }

        return 0;
    }
}
