using System.Text.RegularExpressions;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Tests.Mime;

public sealed class LineEndsTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("\r\n", true)]
    [InlineData("\r", false)]
    [InlineData("\n", false)]
    [InlineData("a\r\n\r\nb", true)]
    [InlineData("a\n\r", false)]
    [InlineData("\r\r\n", false)]
    public void Line_ends_of_the_wire_are_told_from_others(string text, bool expected) => Assert.Equal(expected, LineEnds.AreCrLf(text));

    [Fact]
    public void A_bare_CR_or_LF_is_found_wherever_it_stands()
    {
        var random = new Random(5321);
        var (whole, broken) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(8) switch { 0 or 1 => "\r\n", 2 => "\u0d0a", _ => "x" }));
            if (random.Next(2) == 0) text = text.Insert(random.Next(text.Length + 1), random.Next(2) == 0 ? "\r" : "\n");
            var expected = !Regex.IsMatch(text, @"\r(?!\n)|(?<!\r)\n");
            Assert.Equal((text, expected), (text, LineEnds.AreCrLf(text)));
            Assert.True(LineEnds.AreCrLf(LineEnds.ToCrLf(text)));
            if (expected) whole++; else broken++;
        }

        Assert.True(whole > 5_000 && broken > 5_000);
    }
}
