using System.CommandLine;
using System.Globalization;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Cli.Verbs.Plan;

/// <summary>Plans as code: read, check, compare. Only import needs an installation.</summary>
static class PlanVerbs
{
    /// <summary>What a fault looks like as JSON.</summary>
    public sealed record FaultLine(string Code, string File, int Line, int Column, string Message);

    public static Command Command() => new("plan", "Plans as code: check, lint, compare and export them without an installation, or keep them in one.")
    {
        ValidateVerb.Command(), LintVerb.Command(), StatusVerb.Command(), DiffVerb.Command(), ScenarioVerb.Command(), ExportVerb.Command(), ImportVerb.Command(),
    };

    public static Argument<string> Path(string name = "path") => new(name) { Description = "A plan file (YAML or JSON), or a folder with everything below it." };

    public static Option<bool> Json() => new("--json") { Description = "Print the result as one JSON object." };

    public static Option<string?> AsOf() => new("--as-of") { Description = "Day the answer is for, YYYY-MM-DD; default today.", HelpName = "DATE" };

    /// <returns>Null when the text is no day.</returns>
    public static DateOnly? Day(string? text) =>
        text is null ? DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime)
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    public static IReadOnlyList<FaultLine> Lines(IEnumerable<PlanFault> faults) => [.. faults.Select(fault => new FaultLine(fault.Code, fault.At.File, fault.At.Line, fault.At.Column, fault.Message))];

    /// <summary>Tells the faults on standard error.</summary>
    /// <returns>2, the exit code for a plan that cannot be read.</returns>
    public static async Task<int> Refuse(IReadOnlyList<PlanFault> faults)
    {
        foreach (var fault in faults) await Console.Error.WriteLineAsync(fault.ToString());
        await Console.Error.WriteLineAsync($"{faults.Count}{(faults.Count == PlanReader.FaultsMax ? " or more" : "")} {(faults.Count == 1 ? "error" : "errors")}.");
        return 2;
    }

    /// <returns>2, with a sentence about the day that is none.</returns>
    public static async Task<int> NoDay(string? text)
    {
        await Console.Error.WriteLineAsync($"penguin plan: --as-of {text} is no day; write YYYY-MM-DD.");
        return 2;
    }
}
