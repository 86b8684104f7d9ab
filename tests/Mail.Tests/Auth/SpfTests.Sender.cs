using PenguinMails.Mail.Auth;

namespace PenguinMails.Mail.Tests.Auth;

/// <summary>Whose record is judged (RFC 7208 2.4, 4.3 to 4.5), and what the verdict tells.</summary>
public sealed partial class SpfTests
{
    [Theory]
    [InlineData("user@gone.example.com", "none")]
    [InlineData("user@empty.example.com", "none")]
    [InlineData("user@slow.example.com", "temperror")]
    [InlineData("user@two.example.com", "permerror")]                 // 4.5
    [InlineData("user@com", "none")]                                  // 4.3
    [InlineData("user@[192.0.2.1]", "none")]
    [InlineData("user@a..example.com", "none")]
    [InlineData("user@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com", "none")]
    [InlineData("user@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com", "pass")]
    [InlineData("user@b\u00fccher.example.com", "pass")]
    [InlineData("@pass.example.com", "pass")]
    [InlineData("odd@user@pass.example.com", "pass")]
    [InlineData("pass.example.com", "pass")]
    public async Task Sender(string from, string result) => Assert.Equal(result, (await Judge("v=spf1 -all", """
        two.example.com TXT v=spf1 +all
        two.example.com TXT v=spf1 -all
        aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com TXT v=spf1 +all
        xn--bcher-kva.example.com TXT v=spf1 +all
        """, from: from)).Result.Word());

    [Theory]
    [InlineData("pass.example.com", "pass")]
    [InlineData("[192.0.2.1]", "none")]
    [InlineData("localhost", "none")]
    [InlineData("", "none")]
    public async Task Bounce_is_judged_by_helo(string helo, string result) => Assert.Equal(result, (await Judge("v=spf1 -all", from: "", helo: helo)).Result.Word());

    [Fact]
    public async Task Text_that_is_no_record_does_not_matter_even_in_other_letters() =>
        Assert.Equal(AuthResult.Fail, (await Judge("v=spf1 -all", "t.example.com TXT h\u00e9llo\nt.example.com TXT v=spf2.0/pra +all")).Result);

    [Fact]
    public async Task Verdict_says_why()
    {
        var verdict = await Judge("v=spf1 a:other.example.com mx:mx.example.com -all");
        Assert.Equal(("mx:mx.example.com", 2, "t.example.com", "mx:mx.example.com of t.example.com matches"), (verdict.Mechanism, verdict.Lookups, verdict.Domain, verdict.Reason));
        Assert.Null(verdict.Explanation);
    }
}
