using System.Net;
using PenguinMails.Mail.Auth;

namespace PenguinMails.Mail.Tests.Auth;

/// <summary>RFC 7208 7 and 6.2: what macros expand to, seen through explanations; and the limits of 4.6.4.</summary>
public sealed class SpfMacroTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static async Task<SpfVerdict> Judge(string zone, string client = "192.0.2.3", string from = "strong-bad@email.example.com", string helo = "mx.example.org") =>
        await SpfChecker.Check(new SpfQuestion { Client = IPAddress.Parse(client), Helo = helo, MailFrom = from, At = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000) }, ZoneText.Read(zone), Ct);

    static async Task<string?> Explain(string text, string client = "192.0.2.3", string from = "strong-bad@email.example.com") =>
        (await Judge($"""
            email.example.com TXT v=spf1 -all exp=why.example.com
            why.example.com TXT {text}
            3.2.0.192.in-addr.arpa PTR mx.example.org
            3.2.0.192.in-addr.arpa PTR out.email.example.com
            mx.example.org A 192.0.2.3
            out.email.example.com A 192.0.2.3
            """, client, from)).Explanation;

    [Theory]
    [InlineData("%{s}", "strong-bad@email.example.com")]              // 7.4
    [InlineData("%{o}", "email.example.com")]
    [InlineData("%{d}", "email.example.com")]
    [InlineData("%{d4}", "email.example.com")]
    [InlineData("%{d3}", "email.example.com")]
    [InlineData("%{d2}", "example.com")]
    [InlineData("%{d1}", "com")]
    [InlineData("%{dr}", "com.example.email")]
    [InlineData("%{d2r}", "example.email")]
    [InlineData("%{l}", "strong-bad")]
    [InlineData("%{l-}", "strong.bad")]
    [InlineData("%{lr}", "strong-bad")]
    [InlineData("%{lr-}", "bad.strong")]
    [InlineData("%{l1r-}", "strong")]
    [InlineData("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com")]
    [InlineData("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com")]
    [InlineData("%{h}", "mx.example.org")]
    [InlineData("%{c} %{r} %{t}", "192.0.2.3 unknown 1700000000")]
    [InlineData("%{p}", "out.email.example.com")]                     // 7.3: below the domain before any other
    [InlineData("%%%_%-x", "% %20x")]
    [InlineData("See http://%{d}/why.html?s=%{S}&i=%{I}", "See http://email.example.com/why.html?s=strong-bad%40email.example.com&i=192.0.2.3")]
    [InlineData("%{d99999999999999999999}", "email.example.com")]
    [InlineData("%{d0}", SpfChecker.DefaultExplanation)]
    [InlineData("%{x}", SpfChecker.DefaultExplanation)]
    [InlineData("%{d", SpfChecker.DefaultExplanation)]
    [InlineData("100% sure", SpfChecker.DefaultExplanation)]
    [InlineData("trailing %", SpfChecker.DefaultExplanation)]
    [InlineData("h\u00e9", SpfChecker.DefaultExplanation)]
    [InlineData("one\twhy.example.com", SpfChecker.DefaultExplanation)]
    public async Task Explanation_is(string text, string shown) => Assert.Equal(shown, await Explain(text));

    [Fact]
    public async Task Ipv6_is_spelled_in_nibbles() => Assert.Equal("2001:db8::cb01 1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6.arpa", await Explain("%{c} %{ir}.%{v}.arpa", "2001:db8::cb01"));

    [Fact]
    public async Task Escape_leaves_only_what_needs_none() => Assert.Equal("~jack%26jill%3Dup-a_b3.c", await Explain("%{L}", from: "~jack&jill=up-a_b3.c@email.example.com"));

    [Fact]
    public async Task Unknown_client_name_says_so() => Assert.Equal("unknown", await Explain("%{p}", "192.0.2.99"));

    [Theory]
    [InlineData("")]                                                  // no such name
    [InlineData("why.example.com * TIMEOUT")]
    [InlineData("why.example.com TXT one\nwhy.example.com TXT two")]
    [InlineData("why.example.com A 192.0.2.1")]
    public async Task Explanation_that_fails_changes_no_verdict(string zone)
    {
        var verdict = await Judge("email.example.com TXT v=spf1 exp=why.example.com -all\n" + zone);
        Assert.Equal((AuthResult.Fail, SpfChecker.DefaultExplanation), (verdict.Result, verdict.Explanation));
    }

    [Fact]
    public async Task Explanation_comes_from_the_record_that_decided_and_never_from_an_include()
    {
        var texts = "why1.example.com TXT one %{d}\nwhy2.example.com TXT two %{d}\nb.example.com TXT v=spf1 exp=why2.example.com -all\n";
        Assert.Equal("two b.example.com", (await Judge(texts + "email.example.com TXT v=spf1 exp=why1.example.com redirect=b.example.com")).Explanation);
        Assert.Equal("one email.example.com", (await Judge(texts + "email.example.com TXT v=spf1 exp=why1.example.com include:b.example.com -all")).Explanation);
    }

    [Theory]
    [InlineData("exists:%{i}.%{v}.example.com", "192.0.2.3.in-addr.example.com")]
    [InlineData("exists:%%x%_%-.example.com", "%x %20.example.com")]
    [InlineData("exists:%{d}.", "email.example.com")]
    [InlineData("exists:%{l1r+-}.example.com", "strong.example.com")]
    [InlineData("exists:%{h}", "mx.example.org")]
    public async Task Macro_in_a_name_is_asked_for(string term, string name)
    {
        // A name with a blank cannot stand in the lines of the test's zone.
        var zone = ZoneText.Read($"email.example.com TXT v=spf1 {term} -all");
        zone.Add(name, PenguinMails.Mail.Dns.DnsType.A, "127.0.0.2");
        Assert.Equal(AuthResult.Pass, (await SpfChecker.Check(new SpfQuestion { Client = IPAddress.Parse("192.0.2.3"), Helo = "mx.example.org", MailFrom = "strong-bad@email.example.com" }, zone, Ct)).Result);
    }

    [Theory]
    [InlineData("exists:%{c}.example.com")]                           // 7.2: c, r and t in explanations only
    [InlineData("exists:%{r}.example.com")]
    [InlineData("exists:%{t}.example.com")]
    [InlineData("exists:%{d.example.com")]
    [InlineData("exists:%(d).example.com")]
    [InlineData("exists:%{d}x")]
    [InlineData("a:foo.example.com%")]
    [InlineData("exists:%{d0}")]
    [InlineData("exp=%{z}.example.com -all")]
    public async Task Broken_macro_is_a_permerror(string term) => Assert.Equal(AuthResult.Permerror, (await Judge($"email.example.com TXT v=spf1 {term}")).Result);

    [Fact]
    public async Task Name_too_long_loses_labels_from_the_left()
    {
        var local = string.Join('.', Enumerable.Repeat(new string('a', 49), 6));
        Assert.Equal(AuthResult.Pass, (await Judge($"email.example.com TXT v=spf1 exists:%{{l}}.example.com -all\n{local[100..]}.example.com A 127.0.0.2", from: local + "@email.example.com")).Result);
    }

    static string Chain(int includes) => string.Join('\n', Enumerable.Range(0, includes).Select(i => $"i{i}.example.com TXT v=spf1 {(i + 1 < includes ? $"include:i{i + 1}.example.com" : "")} +all"));

    [Theory]
    [InlineData(10, "pass")]
    [InlineData(11, "permerror")]
    public async Task Terms_that_cost_a_query(int count, string result)
    {
        Assert.Equal(result, (await Judge($"email.example.com TXT v=spf1 include:i0.example.com -all\n{Chain(count)}")).Result.Word());
        var terms = string.Join(' ', Enumerable.Repeat("a:mx.example.org", count));
        Assert.Equal(result, (await Judge($"email.example.com TXT v=spf1 {terms} +all\nmx.example.org A 192.0.2.200")).Result.Word());
    }

    [Theory]
    [InlineData("include:email.example.com")]
    [InlineData("redirect=email.example.com")]
    public async Task Loop_ends(string term) => Assert.Equal((AuthResult.Permerror, 11), await Judge($"email.example.com TXT v=spf1 {term}") is var verdict ? (verdict.Result, verdict.Lookups) : default);

    [Theory]
    [InlineData(2, "fail")]
    [InlineData(3, "permerror")]
    public async Task Lookups_that_find_nothing(int count, string result)
    {
        var terms = string.Join(' ', Enumerable.Range(0, count).Select(i => $"a:gone{i}.example.com"));
        Assert.Equal(result, (await Judge($"email.example.com TXT v=spf1 {terms} -all")).Result.Word());
    }

    [Theory]
    [InlineData(10, "pass")]
    [InlineData(11, "permerror")]
    public async Task Exchanges_of_one_domain(int count, string result)
    {
        var hosts = string.Join('\n', Enumerable.Range(0, count).Select(i => $"email.example.com MX {i} h{i}.example.com\nh{i}.example.com A 192.0.2.{(i == 9 ? 3 : 100 + i)}"));
        Assert.Equal(result, (await Judge($"email.example.com TXT v=spf1 mx -all\n{hosts}")).Result.Word());
    }

    [Theory]
    [InlineData(10, "pass")]
    [InlineData(11, "fail")]
    public async Task Names_of_the_client_beyond_ten_are_not_looked_at(int count, string result)
    {
        var names = string.Join('\n', Enumerable.Range(1, count).Select(i => $"3.2.0.192.in-addr.arpa PTR p{i}.{(i == count ? "email" : "else")}.example.com\np{i}.{(i == count ? "email" : "else")}.example.com A 192.0.2.3"));
        Assert.Equal(result, (await Judge($"email.example.com TXT v=spf1 ptr -all\n{names}")).Result.Word());
    }
}
