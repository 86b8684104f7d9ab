using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PenguinMails.Core;
using PenguinMails.Fleet.Dns;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Bimi;

/// <summary>A logo is fetched and judged when it is named, and published when the DMARC policy that stands has earned it.</summary>
public sealed class BimiTests(TestDatabase database)
{
    const string Root = "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.2\" baseProfile=\"tiny-ps\" viewBox=\"0 0 100 100\">";
    const string Good = Root + "<title>Acme</title><rect width=\"100\" height=\"100\" fill=\"#036\"/></svg>";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string?> Logos => new()
    {
        { Good, null },
        { Root + "<title>Acme</title><defs><linearGradient id=\"g\"/></defs><path fill=\"url(#g)\" d=\"M0 0\"/><use href=\"#g\"/></svg>", null },
        { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + Good, null },
        { Good.Replace(" version=\"1.2\"", "", StringComparison.Ordinal), "version=\"1.2\"" },
        { Good.Replace("tiny-ps", "tiny", StringComparison.Ordinal), "baseProfile=\"tiny-ps\"" },
        { Good.Replace("viewBox", "x=\"0\" viewBox", StringComparison.Ordinal), "no x or y" },
        { Root + "<rect/></svg>", "A title is missing" },
        { Root + "<title> </title></svg>", "A title is missing" },
        { Root + "<g><title>Inside</title></g></svg>", "A title is missing" },
        { Root + $"<title>{new string('x', 65)}</title></svg>", "longer than 64" },
        { Root + "<title>Acme</title><script>1</script></svg>", "The element script" },
        { Root + "<title>Acme<script>1</script></title></svg>", "The element script" },
        { Root + "<title>Acme</title><image href=\"data:image/png;base64,AA\"/></svg>", "The element image" },
        { Root + "<title>Acme</title><g><animate/></g></svg>", "The element animate" },
        { Root + "<title>Acme</title><rect onclick=\"x()\"/></svg>", "would run a script" },
        { Root + "<title>Acme</title><use xmlns:xlink=\"http://www.w3.org/1999/xlink\" xlink:href=\"https://elsewhere.test/a.svg#b\"/></svg>", "outside the file" },
        { Root + "<title>Acme</title><path fill=\"url( 'https://elsewhere.test/a' )\"/></svg>", "outside the file" },
        { "<?xml-stylesheet href=\"a.css\"?>" + Good, "processing instruction" },
        { "<!DOCTYPE svg>" + Good, "DOCTYPE" },
        { "<html xmlns=\"http://www.w3.org/1999/xhtml\"/>", "outermost element" },
        { "<svg version=\"1.2\" baseProfile=\"tiny-ps\"><title>Acme</title></svg>", "outermost element" },
        { Root + "<title>Acme</title>", "not well-formed" },
        { "", "not well-formed" },
        { Good + new string(' ', 32 * 1024), "larger than 32 KB" },
        { "\u001f\u0001", "not well-formed" },
    };

    [Theory]
    [MemberData(nameof(Logos))]
    public void A_file_is_a_logo_or_the_first_fault_is_named(string file, string? fault)
    {
        var wrong = JudgeBimiLogo.Wrong(Encoding.UTF8.GetBytes(file));
        if (fault is null) Assert.Null(wrong);
        else Assert.Contains(fault, wrong);
    }

    [Fact]
    public void A_compressed_file_and_one_of_just_the_limit()
    {
        Assert.Contains("compressed", JudgeBimiLogo.Wrong([0x1f, 0x8b, 8]));
        Assert.Null(JudgeBimiLogo.Wrong(Encoding.UTF8.GetBytes(Good.PadRight(32 * 1024))));
        Assert.Contains("32 KB", JudgeBimiLogo.Wrong(Encoding.UTF8.GetBytes(Good.PadRight((32 * 1024) + 1))));
    }

    public static TheoryData<string, string?, string?> Policies => new()
    {
        { "v=DMARC1; p=quarantine", null, null },
        { "v=DMARC1; p=reject; pct=100; sp=quarantine", null, null },
        { "v=DMARC1; p=none", null, "p=none" },
        { "v=DMARC1; p=quarantine; pct=50", null, "pct=50" },
        { "v=DMARC1; p=reject; sp=none", null, "sp=none" },
        { "v=DMARC1; p=reject; t=y", null, "t=y" },
        { "", null, "no DMARC record" },
        { "", "v=DMARC1; p=reject", null },
        { "", "v=DMARC1; p=reject; sp=none", "sp=none" },
        { "v=DMARC1; p=reject", "v=DMARC1; p=none; sp=reject", "domain above has p=none" },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public void What_is_missing_to_earn_a_logo_is_said(string own, string? above, string? missing)
    {
        var said = DesiredBimi.Missing("acme.test", own.Length == 0 ? [] : [own], above is null ? null : new DmarcAbove(null, above));
        if (missing is null) Assert.Null(said);
        else Assert.Contains(missing, said);
    }

    [Fact]
    public async Task A_logo_is_looked_at_when_it_is_named_and_published_when_it_is_earned()
    {
        await using var world = FleetWorld.Create(database);
        var domain = (await world.AddDomain()).Domain.Id;
        await using var web = LogoListener.Start($"www.{world.Name}", world.Clock.GetUtcNow());
        world.Publish($"www.{world.Name}", DnsType.A, "127.0.0.1");
        var reach = new DnsReach(world.Dns, Outbound.From("127.0.0.0/8", world.Dns.Addresses), world.Box, world.Hosts) { Roots = web.Roots };
        Task<Result<DnsOverview>> Name(string logo) => ChangeDnsSettings.Handle(world.Actor, domain, new(BimiLogo: logo), world.Db, reach, world.Clock, Ct);
        async Task<string?> Refused(string logo) => (await Name(logo)).Problem?.Fields.Single(field => field.Field == "bimi_logo").Detail;
        Assert.Null((await ConnectDnsHost.Handle(world.Actor, domain, new("by_hand", world.Name), world.Db, reach, world.Clock, Ct)).Problem);

        var at = $"https://www.{world.Name}:{web.Port}/logo.svg";
        Assert.Contains("https", await Refused(at.Replace("https", "http", StringComparison.Ordinal)));
        Assert.Contains("https", await Refused(at + "; a=x"));
        web.Answer = (HttpStatusCode.NotFound, "");
        Assert.Contains("404", await Refused(at));
        web.Answer = (HttpStatusCode.OK, Good.PadRight(40_000));
        Assert.Contains("32 KB", await Refused(at));
        web.Answer = (HttpStatusCode.OK, Root + "</svg>");
        Assert.Contains("title", await Refused(at));
        web.Answer = (HttpStatusCode.OK, Good);
        Assert.Equal(at, (await Name(at)).Value.Setup.BimiLogo);
        Assert.Contains("private", (await FetchBimi.Wrong(world.Name, at, "", reach with { Outbound = Outbound.From("", world.Dns.Addresses) }, world.Clock, Ct))?.Detail);

        async Task<DnsPlan> Plan() => (await PlanDns.Handle(world.Actor, domain, world.Db, reach, TimeProvider.System, Ct)).Value;
        Assert.Contains((await Plan()).Findings, finding => finding is { Code: "bimi.not_earned", IsBlocking: false });
        world.Publish($"_dmarc.{world.Name}", DnsType.Txt, "v=DMARC1; p=quarantine");
        var item = (await Plan()).Items.Single(item => item.Purpose == "bimi");
        Assert.Equal(($"default._bimi.{world.Name}", $"v=BIMI1; l={at}; a="), (item.Name, item.After.Single()));
        Assert.Contains("certificate", item.Note);
        Assert.Equal("", (await Name("")).Value.Setup.BimiLogo);
        Assert.DoesNotContain((await Plan()).Items, item => item.Purpose == "bimi");
    }

    [Fact]
    public void A_certificate_must_be_for_logos_for_the_domain_and_of_today()
    {
        var now = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
        static string Pem(string name, string? usage, DateTimeOffset until)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=Acme", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
            if (usage is not null) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
            using var made = request.CreateSelfSigned(until.AddYears(-1), until);
            return made.ExportCertificatePem();
        }

        const string marks = "1.3.6.1.5.5.7.3.31";
        Assert.Null(FetchBimi.Judge(Pem("acme.test", marks, now.AddDays(1)), "acme.test", now));
        Assert.Null(FetchBimi.Judge(Pem("default._bimi.acme.test", marks, now.AddDays(1)), "acme.test", now));
        Assert.Null(FetchBimi.Judge(Pem("acme.test", marks, now.AddDays(1)), "mail.acme.test", now));
        Assert.Contains("expired", FetchBimi.Judge(Pem("acme.test", marks, now.AddDays(-1)), "acme.test", now));
        Assert.Contains("not one for logos", FetchBimi.Judge(Pem("acme.test", "1.3.6.1.5.5.7.3.1", now.AddDays(1)), "acme.test", now));
        Assert.Contains("not for acme.test", FetchBimi.Judge(Pem("xacme.test", marks, now.AddDays(1)), "acme.test", now));
        Assert.Contains("no certificate", FetchBimi.Judge("nothing", "acme.test", now));
    }
}
