using PenguinMails.House.Tests.Sql;

namespace PenguinMails.House.Tests;

public sealed class TreeTests
{
    [Fact]
    public void Tree_is_read_from_its_root_without_what_is_built()
    {
        Assert.Contains(Tree.Files, file => file.Path == "tests/House.Tests/TreeTests.cs");
        Assert.Contains(Tree.Files, file => file.Path == "Directory.Packages.props");
        Assert.DoesNotContain(Tree.Files, file => file.Path.Contains("artifacts/") || file.Path.Contains("node_modules/"));
        Assert.True(Tree.Source.Count > 10, "The rules would hold in an empty tree.");
    }

    [Fact]
    public void Statements_of_the_product_are_found() =>
        Assert.Contains(SqlConstants.All(), constant => constant.Module == "Core" && constant.Text.Contains("core.job"));

    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 1)]
    [InlineData("a\n", 1)]
    [InlineData("a\nb", 2)]
    public void Lines_are_counted_as_an_editor_does(string text, int lines) => Assert.Equal(lines, new TextFile("a.cs", text).LineCount);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 4)]
    public void Offset_is_shown_as_its_line(int offset, int line) => Assert.Equal($"a.md:{line}", new TextFile("a.md", "a\nb\n\nc").At(offset));
}
