using System.CommandLine;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Cli.Verbs.Plan;

/// <summary>A plan in its canonical form.</summary>
static class ExportVerb
{
    sealed record Report(string? To, IReadOnlyList<string> Files, string? Yaml);

    public static Command Command()
    {
        var (path, json) = (PlanVerbs.Path(), PlanVerbs.Json());
        var to = new Option<string?>("--to") { Description = "Folder for one file of each kind; it must be empty or new. Default: one text on standard output.", HelpName = "FOLDER" };
        var command = new Command("export", "Write a plan in one fixed form, which reads back the same.") { path, to, json };
        command.SetAction((parsed, ct) => Run(parsed.GetValue(path) ?? "", parsed.GetValue(to), parsed.GetValue(json), ct));
        return command;
    }

    static async Task<int> Run(string path, string? folder, bool json, CancellationToken ct)
    {
        var reading = PlanReader.Read(path);
        if (reading.Faults.Count > 0) return await PlanVerbs.Refuse(reading.Faults);
        if (folder is null)
        {
            var yaml = CanonicalYaml.Write(reading.Plan);
            await Console.Out.WriteAsync((json ? Core.Json.Write(new Report(null, [], yaml)) + "\n" : yaml).AsMemory(), ct);
            return 0;
        }

        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            await Console.Error.WriteLineAsync($"penguin plan export: {folder} is not empty; nothing was written. Name a new folder.");
            return 1;
        }

        Directory.CreateDirectory(folder);
        var files = new List<string>();
        foreach (var kind in reading.Plan.Objects.Select(one => one.Kind).Distinct().Order(StringComparer.Ordinal))
        {
            files.Add($"{kind.ToLowerInvariant()}.yaml");
            await File.WriteAllTextAsync(Path.Combine(folder, files[^1]), CanonicalYaml.Write(reading.Plan, kind), ct);
        }

        await Console.Out.WriteLineAsync(json ? Core.Json.Write(new Report(folder, files, null)) : $"{files.Count} files in {folder}.");
        return 0;
    }
}
