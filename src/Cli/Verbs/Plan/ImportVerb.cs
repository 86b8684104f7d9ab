using System.CommandLine;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Cli.Verbs.Plan;

/// <summary>Keeps a plan in an account as its next version. The one verb of plans that needs the installation.</summary>
static class ImportVerb
{
    public static Command Command()
    {
        var (path, json) = (PlanVerbs.Path(), PlanVerbs.Json());
        var tenant = new Option<string>("--tenant") { Description = "The account, by its id ten_…", Required = true };
        var command = new Command("import", "Keep a plan in an account as its next version; all of it or nothing.") { path, tenant, json };
        command.SetAction((parsed, ct) => Run(parsed.GetValue(path) ?? "", parsed.GetValue(tenant), parsed.GetValue(json), ct));
        return command;
    }

    static async Task<int> Run(string path, string? tenant, bool json, CancellationToken ct)
    {
        // A plan that cannot be read is told before anything is opened.
        var faults = new List<PlanFault>();
        var files = PlanFiles.Read(path, faults);
        if (faults.Count == 0) faults.AddRange(PlanReader.Read(files).Faults);
        if (faults.Count > 0) return await PlanVerbs.Refuse(faults);
        await using var tools = await VerbTools.Open(ct);
        var actor = await tools.Actor(tenant, ct);
        var kept = await ImportPlan.Handle(actor, new([.. files.Select(file => new ImportPlan.InputFile(file.Name, file.Text))]), tools.Db, TimeProvider.System, ct);
        if (kept.Problem is { } problem)
        {
            await Console.Error.WriteLineAsync($"penguin plan import: {problem.Detail} ({problem.Code})");
            return 1;
        }

        var (version, made) = (kept.Value.Version, kept.Value.Created);
        await Console.Out.WriteLineAsync(json ? Core.Json.Write(kept.Value) : $"{version.Plan}: version {version.Number} {(made ? "kept" : "is equal and current already")} as {version.Id}, {version.Objects} objects, {version.Errors} errors and {version.Warnings} warnings of the linter.");
        return 0;
    }
}
