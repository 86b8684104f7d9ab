using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace PenguinMails.Mail.Tests.Guide;

/// <summary>The page shows what <see cref="GuideExamples"/> runs, word for word.</summary>
public sealed partial class GuideTests
{
    [GeneratedRegex("<!-- example: ([a-z]+) -->\n```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex OnPage();

    [GeneratedRegex("\n *// example: ([a-z]+)\n(.*?)\n *// end", RegexOptions.Singleline)]
    private static partial Regex InCode();

    static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    static string Page => File.ReadAllText(Path.Combine(Folder(), "../../../docs/guide/mail-library.md"));

    static Dictionary<string, string> Examples() => Directory.GetFiles(Folder(), "GuideExamples*.cs").SelectMany(file => InCode().Matches(File.ReadAllText(file))).ToDictionary(match => match.Groups[1].Value, match => Flush(match.Groups[2].Value));

    /// <summary>Without the indentation of the method around it.</summary>
    static string Flush(string code)
    {
        var lines = code.Split('\n');
        var indent = lines[0].Length - lines[0].TrimStart().Length;
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : "")) + "\n";
    }

    [Fact]
    public void Every_example_of_the_page_is_the_one_that_is_run()
    {
        var page = OnPage().Matches(Page).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        Assert.Equal(Examples().OrderBy(one => one.Key), page.OrderBy(one => one.Key));
    }

    [Fact]
    public void No_code_stands_on_the_page_without_being_run() =>
        Assert.Equal(OnPage().Count(Page), Page.Split("```csharp").Length - 1);
}
