namespace PenguinMails.Mail.Tests;

public sealed class CrLfTests
{
    [Fact]
    public void Line_end_is_carriage_return_then_line_feed() => Assert.Equal("\r\n", CrLf.Text);
}
