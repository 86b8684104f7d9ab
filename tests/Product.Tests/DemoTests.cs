using System.Text.Json;

namespace PenguinMails.Product.Tests;

public sealed class DemoTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_demo_ends_well_and_its_three_books_agree()
    {
        var (code, output, error) = await Penguin.Verb(Ct, "demo", "--json");
        Assert.True(code == 0, output + error);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.Empty(report.GetProperty("faults").EnumerateArray());
        Assert.InRange(report.GetProperty("recipients").GetInt64(), 900, 1060);
        Assert.True(report.GetProperty("replied").GetInt64() >= 25);
    }

    [Theory]
    [InlineData(2, "nonsense")]
    [InlineData(2, "run")]
    [InlineData(1, "run", "--roles", "cook")]
    [InlineData(0, "up", "--help")]
    public async Task Exit_codes_tell_done_refused_and_wrong_usage_apart(int expected, params string[] words)
    {
        var (code, output, error) = await Penguin.Verb(Ct, words);
        Assert.True(expected == code, $"{code}: {output}{error}");
        Assert.NotEmpty(output + error);
    }
}
