using System.Diagnostics;
using System.Text.RegularExpressions;

namespace PenguinMails.Product.Tests;

/// <summary>A page of docs whose marked blocks are followed to the letter, with the test's own names in the place of the page's.</summary>
/// <param name="page">Below the project's folder.</param>
/// <param name="output">Told what each block said.</param>
sealed class Runbook(string page, Action<string> output)
{
    /// <summary>Runs the block behind <c>&lt;!-- followed by a test: name --&gt;</c> by bash, in the project's folder, until something fails.</summary>
    /// <param name="environment">Added to the test's own.</param>
    /// <param name="names">What stands on the page, and what stands for it here; the program itself is put in by itself.</param>
    /// <returns>Its standard output.</returns>
    public async Task<string> Follow(string name, IReadOnlyDictionary<string, string> environment, IEnumerable<(string Theirs, string Ours)> names, CancellationToken ct)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Penguin.Root, page), ct);
        var block = Regex.Match(text, $"<!-- followed by a test: {name} -->\n```\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        Assert.False(block.Length == 0, $"{page} has no block {name}.");
        foreach (var (theirs, ours) in names.Append(("./penguin ", Path.Combine(AppContext.BaseDirectory, "penguin") + " "))) block = block.Replace(theirs, ours, StringComparison.Ordinal);
        var info = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", block]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Penguin.Root };
        info.Environment["TMPDIR"] = Path.GetTempPath();
        foreach (var (key, value) in environment) info.Environment[key] = value;
        using var process = Process.Start(info) ?? throw new InvalidOperationException("bash did not start.");
        var (said, error) = (process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        output($"{name}: {process.ExitCode}\n{await said}{await error}");
        Assert.True(process.ExitCode == 0, $"{block}\n{await said}{await error}");
        return await said;
    }
}
