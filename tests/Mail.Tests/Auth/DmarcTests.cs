using System.Text;
using PenguinMails.Mail.Auth;

namespace PenguinMails.Mail.Tests.Auth;

/// <summary>RFC 9989 4.7 to 4.10 as tables.</summary>
public sealed class DmarcTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static DkimVerdict Signed(string domain, AuthResult result = AuthResult.Pass) => new(result, "", domain, "s", "rsa-sha256", "");

    static SpfVerdict Path(string domain, AuthResult result = AuthResult.Pass) => new(result, null, null, 0, domain, "");

    static async Task<DmarcVerdict> Check(string from, string zone, DkimVerdict[]? dkim = null, SpfVerdict? spf = null, PublicSuffixList? suffixes = null) =>
        await new DmarcChecker(ZoneText.Read(zone), suffixes).Check(Encoding.UTF8.GetBytes($"From: {from}\r\n\r\nx\r\n"), dkim ?? [], spf, Ct);

    [Theory]
    [InlineData("v=DMARC1; p=none", DmarcPolicy.None)]
    [InlineData("v=DMARC1;p=reject", DmarcPolicy.Reject)]
    [InlineData(" v = DMARC1 ; p = Quarantine ; ", DmarcPolicy.Quarantine)]
    [InlineData("v=DMARC1", DmarcPolicy.None)]                                  // 4.7: p= is recommended only
    [InlineData("v=DMARC1; foo=bar; p=reject; pct=0; rf=afrf", DmarcPolicy.Reject)]
    [InlineData("v=DMARC1; rua=mailto:a@example.com; p=reject", DmarcPolicy.Reject)]
    [InlineData("v=DMARC1; p=reject; p=none", DmarcPolicy.Reject)]
    [InlineData("v=DMARC1; p=rejekt; rua=mailto:a@example.com!10m", DmarcPolicy.None)]
    [InlineData("v=DMARC1; p=reject; sp=x; rua=mailto:a@example.com", DmarcPolicy.None)]
    [InlineData("v=DMARC1; p=rejekt", null)]
    [InlineData("v=DMARC1; p=rejekt; rua=nonsense", null)]
    [InlineData("v=dmarc1; p=reject", null)]
    [InlineData("v=DMARC2; p=reject", null)]
    [InlineData("p=reject; v=DMARC1", null)]
    [InlineData("v=DMARC1 p=reject", null)]
    [InlineData("v=DMARC1; p=none\n_dmarc.example.com TXT v=DMARC1; p=reject", null)]   // 4.10: several are none
    [InlineData("v=DMARC1; p=reject\n_dmarc.example.com TXT v=spf1 -all", DmarcPolicy.Reject)]
    public async Task Record_gives_policy(string record, DmarcPolicy? policy)
    {
        var verdict = await Check("a@example.com", $"_dmarc.example.com TXT {record}");
        Assert.Equal((policy is null ? AuthResult.None : AuthResult.Fail, policy), (verdict.Result, verdict.Policy));
    }

    const string Tree = """
        _dmarc.example.com TXT v=DMARC1; p=reject; sp=quarantine; np=none
        mail.example.com A 192.0.2.1
        _dmarc.own.example.com TXT v=DMARC1; p=none
        _dmarc.dept.example.com TXT v=DMARC1; p=quarantine; psd=n
        _dmarc.bank TXT v=DMARC1; p=reject; sp=quarantine; psd=y
        a.bank A 192.0.2.1
        _dmarc.test.example TXT v=DMARC1; p=reject; t=y
        _dmarc.plain.example TXT v=DMARC1; p=reject
        """;

    [Theory]
    [InlineData("example.com", DmarcPolicy.Reject, "example.com")]
    [InlineData("EXAMPLE.com.", DmarcPolicy.Reject, "example.com")]
    [InlineData("mail.example.com", DmarcPolicy.Quarantine, "example.com")]     // 4.7: sp for what exists
    [InlineData("gone.example.com", DmarcPolicy.None, "example.com")]           // np for what does not
    [InlineData("own.example.com", DmarcPolicy.None, "own.example.com")]
    [InlineData("a.dept.example.com", DmarcPolicy.Quarantine, "dept.example.com")]
    [InlineData("a.bank", DmarcPolicy.Quarantine, "bank")]
    [InlineData("x.a.bank", DmarcPolicy.Quarantine, "bank")]
    [InlineData("sub.plain.example", DmarcPolicy.Reject, "plain.example")]
    [InlineData("1.2.3.4.5.6.7.8.9.mail.example.com", DmarcPolicy.None, "example.com")]
    [InlineData("nothing.example", null, "")]
    public async Task Policy_is_found_by_the_tree_walk(string from, DmarcPolicy? policy, string at)
    {
        var verdict = await Check("a@" + from, Tree);
        Assert.Equal((policy, at), (verdict.Policy, verdict.RecordDomain));
    }

    [Fact]
    public async Task Test_mode_lowers_what_is_done_by_one() =>
        Assert.Equal((DmarcPolicy.Reject, DmarcPolicy.Quarantine), await Check("a@test.example", Tree) is var verdict ? (verdict.Policy, verdict.Disposition) : default);

    [Theory]
    [InlineData("v=DMARC1; p=reject", "example.com", AuthResult.Pass)]
    [InlineData("v=DMARC1; p=reject", "mail.example.com", AuthResult.Pass)]
    [InlineData("v=DMARC1; p=reject", "example.org", AuthResult.Fail)]
    [InlineData("v=DMARC1; p=reject", "badexample.com", AuthResult.Fail)]
    [InlineData("v=DMARC1; p=reject; adkim=s", "example.com", AuthResult.Pass)]
    [InlineData("v=DMARC1; p=reject; adkim=s", "mail.example.com", AuthResult.Fail)]
    [InlineData("v=DMARC1; p=reject; aspf=s; adkim=x", "mail.example.com", AuthResult.Pass)]
    public async Task Signature_agrees(string record, string domain, AuthResult result)
    {
        var verdict = await Check("a@example.com", $"_dmarc.example.com TXT {record}", [Signed("other.example"), Signed(domain)]);
        Assert.Equal((result, result == AuthResult.Pass ? DmarcAlignment.Dkim : DmarcAlignment.None), (verdict.Result, verdict.Alignment));
    }

    [Theory]
    [InlineData("v=DMARC1; p=reject", "bounce.example.com", AuthResult.Pass, AuthResult.Pass)]
    [InlineData("v=DMARC1; p=reject; aspf=s", "bounce.example.com", AuthResult.Pass, AuthResult.Fail)]
    [InlineData("v=DMARC1; p=reject", "example.com", AuthResult.Softfail, AuthResult.Fail)]
    [InlineData("v=DMARC1; p=reject", "example.com", AuthResult.Temperror, AuthResult.Temperror)]
    [InlineData("v=DMARC1; p=reject", "example.net", AuthResult.Temperror, AuthResult.Fail)]
    public async Task Path_agrees(string record, string domain, AuthResult spf, AuthResult result) =>
        Assert.Equal(result, (await Check("a@example.com", $"_dmarc.example.com TXT {record}", spf: Path(domain, spf))).Result);

    [Fact]
    public async Task Departments_with_psd_n_do_not_vouch_for_each_other()
    {
        Assert.Equal(AuthResult.Fail, (await Check("a@x.dept.example.com", Tree, [Signed("example.com")])).Result);
        Assert.Equal(AuthResult.Pass, (await Check("a@x.dept.example.com", Tree, [Signed("y.dept.example.com")])).Result);
        Assert.Equal(AuthResult.Fail, (await Check("a@a.bank", Tree, [Signed("b.bank")])).Result);
        Assert.Equal(AuthResult.Pass, (await Check("a@a.bank", Tree, [Signed("x.a.bank")])).Result);
    }

    [Fact]
    public async Task Both_ways_may_agree() => Assert.Equal(DmarcAlignment.Both, (await Check("a@example.com", Tree, [Signed("example.com")], Path("example.com"))).Alignment);

    [Fact]
    public async Task Silent_dns_is_a_temporary_error() => Assert.Equal(AuthResult.Temperror, (await Check("a@example.com", "_dmarc.example.com TXT TIMEOUT")).Result);

    [Theory]
    [InlineData("a@example.com, b@plain.example", "example.com", AuthResult.Fail, "plain.example")]
    [InlineData("a@example.com, b@example.com", "example.com", AuthResult.Pass, "example.com")]
    [InlineData("\"x@plain.example\" <a@example.com>", "example.com", AuthResult.Pass, "example.com")]
    [InlineData("x@plain.example <a@example.com>", "example.com", AuthResult.Pass, "example.com")]
    [InlineData("(c@plain.example) a@example.com (d, e)", "example.com", AuthResult.Pass, "example.com")]
    [InlineData("<@route.example,@r2.example:a@example.com>", "example.com", AuthResult.Pass, "example.com")]
    [InlineData("Group: a@example.com, <b@example.com>;", "example.com", AuthResult.Pass, "example.com")]
    [InlineData("=?utf-8?q?x=40plain=2Eexample?= <a@example.com>", "example.com", AuthResult.Pass, "example.com")]
    [InlineData("\"a, b\"@example.com", "example.com", AuthResult.Pass, "example.com")]
    [InlineData("Doe, John <a@example.com>", "example.com", AuthResult.Pass, "example.com")]
    [InlineData("a@b\u00fccher.example", "x.example", AuthResult.Fail, "xn--bcher-kva.example")]
    [InlineData("<a@example.com", "example.com", AuthResult.Pass, "example.com")]
    [InlineData("nobody", "example.com", AuthResult.None, "")]
    [InlineData("undisclosed:;", "example.com", AuthResult.None, "")]
    [InlineData("a@[192.0.2.1]", "example.com", AuthResult.None, "")]
    public async Task Author_is_found(string from, string signer, AuthResult result, string domain)
    {
        var verdict = await Check(from, Tree + "\n_dmarc.xn--bcher-kva.example TXT v=DMARC1; p=none", [Signed(signer)]);
        Assert.Equal((result, domain), (verdict.Result, verdict.Domain));
    }

    [Fact]
    public async Task Two_from_fields_are_an_error() => Assert.Equal(AuthResult.Permerror, (await Check("a@example.com\r\nFrom: b@example.com", Tree, [Signed("example.com")])).Result);

    [Theory] // RFC 7489 3.2 with the algorithm of publicsuffix.org.
    [InlineData("com", "com")]
    [InlineData("example.com", "example.com")]
    [InlineData("a.b.example.com", "example.com")]
    [InlineData("a.example.co.uk", "example.co.uk")]
    [InlineData("a.b.c.kawasaki.jp", "b.c.kawasaki.jp")]
    [InlineData("a.city.kawasaki.jp", "city.kawasaki.jp")]
    [InlineData("a.b.unlisted", "b.unlisted")]
    [InlineData("a.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn")]
    public void Organization_by_the_list(string domain, string organization) => Assert.Equal(organization, Suffixes.Organization(domain));

    static readonly PublicSuffixList Suffixes = PublicSuffixList.Parse("// comment\ncom\nuk\nco.uk\njp\n*.kawasaki.jp\n!city.kawasaki.jp\n\ncn\n\u516c\u53f8.cn trailing words\n");

    [Fact]
    public async Task List_replaces_the_walk()
    {
        const string Zone = "_dmarc.example.co.uk TXT v=DMARC1; p=reject; sp=none\n_dmarc.co.uk TXT v=DMARC1; p=quarantine; psd=y";
        Assert.Equal((AuthResult.Pass, DmarcPolicy.None), await Check("a@x.example.co.uk", Zone, [Signed("y.example.co.uk")], suffixes: Suffixes) is var verdict ? (verdict.Result, verdict.Policy) : default);
        Assert.Equal(AuthResult.None, (await Check("a@other.co.uk", Zone, [Signed("example.co.uk")], suffixes: Suffixes)).Result);
        Assert.Equal(AuthResult.None, (await Check("a@example.com", "_dmarc.example.com TXT v=DMARC1", suffixes: Suffixes)).Result);
    }
}
