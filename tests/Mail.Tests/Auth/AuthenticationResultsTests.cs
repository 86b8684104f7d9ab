using PenguinMails.Mail.Auth;

namespace PenguinMails.Mail.Tests.Auth;

public sealed class AuthenticationResultsTests
{
    /// <summary>A field in one line: who, then each method with version, result, reason and properties.</summary>
    static string Shown(string value) => AuthenticationResults.Parse(value) is not { } read ? "nothing" :
        string.Join(" | ", [$"{(read.Instance is { } i ? $"i{i} " : "")}{read.ServiceId} v{read.Version}",
            .. read.Methods.Select(m => $"{m.Method}/{m.Version}={m.Result}{(m.Reason is null ? "" : $" '{m.Reason}'")}{string.Concat(m.Properties.Select(p => $" {p.Type}.{p.Name}={p.Value}"))}")]);

    [Theory]
    [InlineData("example.org 1; none", "example.org v1")]                                       // RFC 8601 B.2
    [InlineData("example.org; none", "example.org v1")]
    [InlineData("example.org", "example.org v1")]
    [InlineData("example.com;\r\n          spf=pass smtp.mailfrom=example.net", "example.com v1 | spf/1=pass smtp.mailfrom=example.net")]   // B.3
    [InlineData("example.com;\r\n auth=pass (cleartext) smtp.auth=sender@example.net;\r\n spf=pass smtp.mailfrom=example.net",
        "example.com v1 | auth/1=pass smtp.auth=sender@example.net | spf/1=pass smtp.mailfrom=example.net")]     // B.4
    [InlineData("foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n policy (A dot can go here) . (like that) expired\r\n (this surprised me) = (as I wasn't expecting it) 1362471462",
        "foo.example.net v1 | dkim/1=fail policy.expired=1362471462")]                                // B.6
    [InlineData("example.com; dkim=pass reason=\"good signature\"\r\n header.i=@mail-router.example.net; dkim=fail reason=\"bad; signature\" header.i=@newyork.example.com",
        "example.com v1 | dkim/1=pass 'good signature' header.i=@mail-router.example.net | dkim/1=fail 'bad; signature' header.i=@newyork.example.com")]
    [InlineData("mx.google.com;\r\n       dkim=pass header.i=@x.example header.s=s1 header.b=\"a/b+c=\";\r\n       spf=pass (google.com: domain of a@x.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=\"a b\"@x.example;\r\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=x.example",
        "mx.google.com v1 | dkim/1=pass header.i=@x.example header.s=s1 header.b=a/b+c= | spf/1=pass smtp.mailfrom=a b@x.example | dmarc/1=pass header.from=x.example")]
    [InlineData("spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=x.example; dkim=none", "spf v1 | dkim/1=none")]      // as one large receiver writes it, without naming itself
    [InlineData("i=2; mx.example; arc=pass header.oldest-pass=0", "i2 mx.example v1 | arc/1=pass header.oldest-pass=0")]
    [InlineData("\"quoted id\" 2; SPF/2=PASS Smtp.MailFrom=A", "quoted id v2 | spf/2=pass smtp.mailfrom=A")]
    [InlineData("", "nothing")]
    [InlineData("; spf=pass", "nothing")]
    [InlineData("i=x; a", "nothing")]
    [InlineData("a; =; ==pass; x=; (((", "a v1")]
    public void Field_reads_as(string value, string shown) => Assert.Equal(shown, Shown(value));

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        var made = new AuthenticationResults(null, "mx.example.org", 1,
        [
            new("dkim", 1, "pass", "1024 \"bit\" \\ key", [new("header", "d", "example.com"), new("header", "i", "@example.com"), new("header", "b", "a/b=c")]),
            new("spf", 2, "fail", null, [new("smtp", "mailfrom", "a b@example.com")]),
        ]);
        var read = AuthenticationResults.Parse(made.Write());
        Assert.NotNull(read);
        Assert.Equal(Shown(made.Write()), Shown(read.Write()));
        Assert.Equal("1024 \"bit\" \\ key", read.Methods[0].Reason);
        Assert.Equal("a b@example.com", read.Methods[1].Properties[0].Value);
        Assert.Equal("mx.example.org; none", new AuthenticationResults(null, "mx.example.org", 1, []).Write());
    }

    [Fact]
    public void No_value_can_begin_a_field_of_its_own() =>
        Assert.DoesNotContain("\r\nX-Evil", new AuthenticationResults(null, "a\r\nX-Evil: 1", 1, [new("spf", 1, "pass", "x\r\nX-Evil: 2", [])]).Write(), StringComparison.Ordinal);
}
