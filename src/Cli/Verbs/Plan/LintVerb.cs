using System.CommandLine;
using PenguinMails.Oversight.Lint;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Cli.Verbs.Plan;

/// <summary>Where a plan contradicts itself.</summary>
static class LintVerb
{
    sealed record Shown(string Id, string Rule, Severity Severity, string Title, IReadOnlyList<FindingPlace> Places, IReadOnlyList<string> Values, string Message);

    sealed record ShownWaiver(string Waiver, string Reason, string By, DateOnly Until, Shown Finding);

    sealed record Report(DateOnly AsOf, IReadOnlyList<Shown> Findings, IReadOnlyList<ShownWaiver> Waived, IReadOnlyList<string> UnusedWaivers, IReadOnlyList<PlanVerbs.FaultLine> Errors);

    public static Command Command()
    {
        var (path, json, asOf) = (PlanVerbs.Path(), PlanVerbs.Json(), PlanVerbs.AsOf());
        var command = new Command("lint", "Find where a plan contradicts itself. Exit 1 when a finding of severity error stands, 2 when the plan cannot be read.") { path, asOf, json };
        command.SetAction((parsed, _) => Run(parsed.GetValue(path) ?? "", parsed.GetValue(asOf), parsed.GetValue(json)));
        return command;
    }

    static async Task<int> Run(string path, string? asOf, bool json)
    {
        if (PlanVerbs.Day(asOf) is not { } day) return await PlanVerbs.NoDay(asOf);
        var reading = PlanReader.Read(path);
        var report = PlanLinter.Run(reading.Plan, day, Directory.Exists(path) ? path : null);
        if (json)
            await Console.Out.WriteLineAsync(Core.Json.Write(new Report(day, [.. report.Findings.Select(Show)], [.. report.Waived.Select(one => new ShownWaiver(one.Waiver, one.Reason, one.By, one.Until, Show(one.Finding)))], [.. report.UnusedWaivers.Select(one => one.Sentence)], PlanVerbs.Lines(reading.Faults))));
        else if (reading.Faults.Count == 0) await Text(report);
        if (reading.Faults.Count > 0) return json ? 2 : await PlanVerbs.Refuse(reading.Faults);
        return report.Findings.Any(finding => finding.Severity == Severity.Error) ? 1 : 0;
    }

    static Shown Show(Finding finding) => new(finding.Id, finding.Rule, finding.Severity, finding.Title, finding.Places, finding.Values, finding.Message);

    static async Task Text(LintReport report)
    {
        foreach (var finding in report.Findings)
        {
            await Console.Out.WriteLineAsync($"{finding.Rule} {finding.Severity.ToString().ToLowerInvariant()}: {finding.Title}");
            await Console.Out.WriteLineAsync($"  {finding.Message}");
            foreach (var place in finding.Places) await Console.Out.WriteLineAsync($"    {place.File}:{place.Line} {place.Ref}{(place.Value is { } value ? $" \"{value}\"" : "")}{(place.Source is { } source ? $" (from {source})" : "")}");
        }

        foreach (var waived in report.Waived) await Console.Out.WriteLineAsync($"waived until {waived.Until:yyyy-MM-dd} by {waived.By}: {waived.Finding.Rule} {waived.Finding.Title} ({waived.Reason})");
        foreach (var unused in report.UnusedWaivers) await Console.Out.WriteLineAsync(unused.Sentence);
        var errors = report.Findings.Count(finding => finding.Severity == Severity.Error);
        await Console.Out.WriteLineAsync($"{report.Findings.Count} findings, {errors} of them errors; {report.Waived.Count} waived.");
    }
}
