using PenguinMails.Oversight.Lint;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Modules.Tests.Oversight.Plans;

/// <summary>Links of a plan to files that lie beside it.</summary>
public sealed class LinkTargetTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("penguin-links-");

    public void Dispose() => _folder.Delete(recursive: true);

    string Plan => Path.Combine(_folder.FullName, "plan");

    [Theory]
    [InlineData("notes.md", null)]
    [InlineData("./notes.md#spring", null)]
    [InlineData("../sheet.csv", null)]
    [InlineData("two%20words.pdf", null)]
    [InlineData("lost.md", "is a path to a file that is not there")]
    [InlineData("../../secret.md", "leads out of the folder of the plan")]
    [InlineData("away/secret.md", "passes a link of the file system")]
    [InlineData("example.org", "is no address")]
    public void A_file_is_looked_for_within_the_folder_of_the_plan(string target, string? why)
    {
        Directory.CreateDirectory(Path.Combine(Plan, "work"));
        foreach (var file in new[] { "plan/work/notes.md", "plan/work/two words.pdf", "plan/sheet.csv", "secret.md" }) File.WriteAllText(Path.Combine(_folder.FullName, file), "");
        Directory.CreateSymbolicLink(Path.Combine(Plan, "work/away"), _folder.FullName);
        File.WriteAllText(Path.Combine(Plan, "work/links.yaml"), $"{{apiVersion: oversight.penguinmails/v1, kind: Link, metadata: {{name: one}}, spec: {{target: \"{target}\"}}}}\n");
        var reading = PlanReader.Read(Plan);
        Assert.Empty(reading.Faults);
        var found = PlanLinter.Run(reading.Plan, PlanText.Day, Plan).Findings.Where(finding => finding.Rule == "R20").ToList();
        if (why is null) Assert.Empty(found);
        else Assert.Contains(why, Assert.Single(found).Message, StringComparison.Ordinal);
    }
}
