using System.Net;
using PenguinMails.Mail.Auth;

namespace PenguinMails.Mail.Tests.Auth;

/// <summary>RFC 7208 as a table: one record under judgement, the client 192.0.2.1 unless said otherwise.</summary>
public sealed partial class SpfTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    const string Hosts = """
        mail.example.com A 192.0.2.1
        mail.example.com AAAA 2001:db8::1
        other.example.com A 192.0.2.77
        example.com A 192.0.2.1
        mx.example.com MX 10 mail.example.com
        mx.example.com MX 20 other.example.com
        six.example.com AAAA 2001:db8::1
        pass.example.com TXT v=spf1 ip4:192.0.2.1 -all
        fail.example.com TXT v=spf1 -all
        soft.example.com TXT v=spf1 ~all
        neutral.example.com TXT v=spf1 ?all
        broken.example.com TXT v=spf1 what
        empty.example.com A 192.0.2.200
        slow.example.com * TIMEOUT
        alias.example.com CNAME mail.example.com
        loop.example.com CNAME loop.example.com
        1.2.0.192.in-addr.arpa PTR mail.example.com
        1.2.0.192.in-addr.arpa PTR liar.example.net
        """;

    static async Task<SpfVerdict> Judge(string record, string extra = "", string client = "192.0.2.1", string from = "user@t.example.com", string helo = "mail.example.com") =>
        await SpfChecker.Check(new SpfQuestion { Client = IPAddress.Parse(client), Helo = helo, MailFrom = from },
            ZoneText.Read($"{Hosts}\nt.example.com TXT {record}\n{extra}"), Ct);

    [Theory]
    [InlineData("v=spf1", "neutral")]                                 // 4.7
    [InlineData("V=SPF1 ~ALL", "softfail")]                           // 4.5, 4.6.1: no case
    [InlineData("v=spf10 -all", "none")]                              // 4.5
    [InlineData("v=spf1-all", "none")]
    [InlineData(" v=spf1 -all", "none")]
    [InlineData("v=spf1  +all  ", "pass")]                            // 4.6.1: several blanks
    [InlineData("v=spf1 -all ip4:300.0.0.1", "permerror")]            // 4.6: a fault anywhere
    [InlineData("v=spf1 \u00e9 -all", "permerror")]
    [InlineData("v=spf1 a:\u00e9.example.com -all", "permerror")]
    [InlineData("v=spf1 -all\tfoo", "permerror")]
    [InlineData("v=spf1 all.", "permerror")]                          // 5.1
    [InlineData("v=spf1 all:foo", "permerror")]
    [InlineData("v=spf1 all/8", "permerror")]
    [InlineData("v=spf1 ?all", "neutral")]
    [InlineData("v=spf1 all -all", "pass")]
    [InlineData("v=spf1 *all", "permerror")]
    [InlineData("v=spf1 moo.=x -all", "fail")]                        // 6: unknown modifiers
    [InlineData("v=spf1 foo-moo_1.2=bar/baz:%%x -all", "fail")]
    [InlineData("v=spf1 moo!=x -all", "permerror")]
    [InlineData("v=spf1 1moo=x -all", "permerror")]
    [InlineData("v=spf1 =x -all", "permerror")]
    [InlineData("v=spf1 -moo=x -all", "permerror")]
    [InlineData("v=spf1 default=%x -all", "permerror")]
    [InlineData("v=spf1 moo=%{q} -all", "permerror")]
    public async Task Record_of_that_form_gives(string record, string result) => Assert.Equal(result, (await Judge(record)).Result.Word());

    [Theory]
    [InlineData("a", "neutral")]                                      // t.example.com has no address
    [InlineData("a:mail.example.com", "pass")]
    [InlineData("A:MAIL.EXAMPLE.COM.", "pass")]
    [InlineData("a:alias.example.com", "pass")]
    [InlineData("a:other.example.com", "neutral")]
    [InlineData("a:other.example.com/24", "pass")]
    [InlineData("a:other.example.com/0", "pass")]
    [InlineData("a:other.example.com/24//64", "pass")]
    [InlineData("a:other.example.com//24", "neutral")]
    [InlineData("a:mail.example.com/33", "permerror")]                // 5.6
    [InlineData("a:mail.example.com/032", "permerror")]
    [InlineData("a:mail.example.com//129", "permerror")]
    [InlineData("a:mail.example.com/", "permerror")]
    [InlineData("a:mail.example.com/24/24", "permerror")]
    [InlineData("a/24//", "permerror")]
    [InlineData("a:", "permerror")]
    [InlineData("a:/24", "permerror")]
    [InlineData("a:museum", "permerror")]                             // 7.1: a dot before the top label
    [InlineData("a:museum.", "permerror")]
    [InlineData("a:111.222.33.44", "permerror")]
    [InlineData("a:abc.123", "permerror")]
    [InlineData("a:example.com-", "permerror")]
    [InlineData("a:foo:bar/baz.example.com", "neutral")]              // legal, and there is no such name
    [InlineData("a:example.com:8080", "permerror")]
    [InlineData("a:abc.x-9y", "neutral")]
    [InlineData("a:two..dots.example.com", "neutral")]                // 4.8 leaves it undefined: no such name
    [InlineData("a:slow.example.com", "temperror")]
    [InlineData("a:loop.example.com", "temperror")]
    [InlineData("a=mail.example.com", "neutral")]                     // a modifier nobody knows
    public async Task Address_term(string term, string result) => Assert.Equal(result, (await Judge($"v=spf1 {term}")).Result.Word());

    [Theory]
    [InlineData("mx:mx.example.com", "pass")]
    [InlineData("mx:mx.example.com/24", "pass")]
    [InlineData("mx", "neutral")]
    [InlineData("mx:example.com", "neutral")]                         // 5.4: no fall-back to A
    [InlineData("mx:mx.example.com/33", "permerror")]
    [InlineData("mx:", "permerror")]
    [InlineData("mx:slow.example.com", "temperror")]
    [InlineData("ptr", "neutral")]
    [InlineData("ptr:example.com", "pass")]
    [InlineData("ptr:mail.EXAMPLE.com", "pass")]
    [InlineData("ptr:example.net", "neutral")]                        // 5.5: a name that does not lead back
    [InlineData("ptr:ple.com", "neutral")]
    [InlineData("ptr/0", "permerror")]
    [InlineData("ptr:", "permerror")]
    [InlineData("exists:mail.example.com", "pass")]
    [InlineData("exists:six.example.com", "neutral")]                 // 5.7: A only
    [InlineData("exists:%{l}.%{d2}", "neutral")]
    [InlineData("exists", "permerror")]
    [InlineData("exists:", "permerror")]
    [InlineData("exists:mail.example.com/24", "permerror")]
    [InlineData("exists:slow.example.com", "temperror")]
    [InlineData("ip4:192.0.2.1", "pass")]
    [InlineData("ip4:192.0.2.0/24", "pass")]
    [InlineData("ip4:192.0.2.0/31", "pass")]
    [InlineData("ip4:192.0.2.0/32", "neutral")]
    [InlineData("ip4:10.0.0.0/0", "pass")]
    [InlineData("ip4:192.0.2.0/33", "permerror")]
    [InlineData("ip4:192.0.2.0/032", "permerror")]
    [InlineData("ip4:192.0.2.1//32", "permerror")]
    [InlineData("ip4:192.0.2", "permerror")]
    [InlineData("ip4:192.0.2.01", "permerror")]
    [InlineData("ip4:192.0.2.1:25", "permerror")]
    [InlineData("ip4:", "permerror")]
    [InlineData("ip4", "permerror")]
    [InlineData("ip4:::1", "permerror")]
    [InlineData("ip6:2001:db8::/32", "neutral")]
    [InlineData("ip6:::192.0.2.1/0", "neutral")]                      // 5.6: families do not mix
    [InlineData("ip6::CAFE::BABE::1", "permerror")]
    [InlineData("ip6:2001:db8::/129", "permerror")]
    [InlineData("ip6:", "permerror")]
    [InlineData("ip6", "permerror")]
    [InlineData("ip6:192.0.2.1", "permerror")]
    [InlineData("ip6:fe80::1%eth0", "permerror")]
    [InlineData("foo", "permerror")]
    [InlineData("foo:bar.example.com", "permerror")]
    public async Task Other_term(string term, string result) => Assert.Equal(result, (await Judge($"v=spf1 {term}")).Result.Word());

    [Theory]
    [InlineData("ip6:2001:db8::1", "pass")]
    [InlineData("ip6:2001:db8::/32", "pass")]
    [InlineData("ip6:2001:db9::/31", "pass")]
    [InlineData("ip4:192.0.2.1", "neutral")]
    [InlineData("a:mail.example.com", "pass")]
    [InlineData("a:mail.example.com//0", "pass")]
    [InlineData("a:other.example.com/0", "neutral")]
    [InlineData("mx:mx.example.com", "pass")]
    [InlineData("exists:mail.example.com", "pass")]
    public async Task Client_with_ipv6(string term, string result) => Assert.Equal(result, (await Judge($"v=spf1 {term}", client: "2001:db8::1")).Result.Word());

    [Fact]
    public async Task Mapped_address_is_ipv4() => Assert.Equal(AuthResult.Pass, (await Judge("v=spf1 ip4:192.0.2.1", client: "::ffff:192.0.2.1")).Result);

    [Theory]
    [InlineData("include:pass.example.com", "pass")]                  // 5.2
    [InlineData("include:fail.example.com", "neutral")]
    [InlineData("include:soft.example.com", "neutral")]
    [InlineData("include:neutral.example.com", "neutral")]
    [InlineData("include:broken.example.com", "permerror")]
    [InlineData("include:empty.example.com", "permerror")]
    [InlineData("include:gone.example.com", "permerror")]
    [InlineData("include:slow.example.com", "temperror")]
    [InlineData("include:pass.example.com/24", "permerror")]
    [InlineData("include:", "permerror")]
    [InlineData("include", "permerror")]
    [InlineData("-include:pass.example.com", "fail")]
    [InlineData("redirect=pass.example.com", "pass")]                 // 6.1
    [InlineData("redirect=soft.example.com ?ip4:10.1.1.1", "softfail")]
    [InlineData("redirect=soft.example.com ?all", "neutral")]
    [InlineData("redirect=empty.example.com", "permerror")]
    [InlineData("redirect=broken.example.com", "permerror")]
    [InlineData("redirect=slow.example.com", "temperror")]
    [InlineData("redirect=pass.example.com redirect=pass.example.com", "permerror")]
    [InlineData("redirect=", "permerror")]
    [InlineData("redirect:pass.example.com", "permerror")]
    [InlineData("exp= -all", "permerror")]
    [InlineData("exp=a.example.com exp=a.example.com -all", "permerror")]
    [InlineData("exp=-all -all", "permerror")]
    public async Task Other_records(string terms, string result) => Assert.Equal(result, (await Judge($"v=spf1 {terms}")).Result.Word());
}
