using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Smtp;

/// <summary>Where mail for a domain goes, and what must hold there: MX (RFC 5321 5.1, 7505) and MTA-STS (RFC 8461).</summary>
public sealed class SmtpRoutingTests
{
    static readonly DomainName Domain = DomainName.Parse("example.net");

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static MemoryZone Zone(params (string Name, DnsType Type, string Value)[] records)
    {
        var zone = new MemoryZone();
        foreach (var (name, type, value) in records) Assert.True(zone.Add(name, type, value));
        return zone;
    }

    static void Zeros(Span<byte> octets) => octets.Clear();

    static async Task<MxRoute> Route(MemoryZone zone) => await MxRoute.Find(Domain, zone, Zeros, Ct);

    [Fact]
    public async Task Hosts_come_by_preference_and_equals_are_shuffled()
    {
        var zone = Zone(("example.net", DnsType.Mx, "20 backup.example"), ("example.net", DnsType.Mx, "10 a.example"), ("example.net", DnsType.Mx, "10 b.example"));
        var firsts = new HashSet<string>();
        for (var seed = 0; seed < 32; seed++)
        {
            var random = new Random(seed);
            var route = await MxRoute.Find(Domain, zone, random.NextBytes, Ct);
            Assert.Equal((MxKind.Hosts, 3, "backup.example"), (route.Kind, route.Hosts.Count, route.Hosts[2].Name));
            firsts.Add(route.Hosts[0].Name);
        }

        Assert.Equal(["a.example", "b.example"], firsts.Order());
    }

    [Theory]
    [InlineData("0 .", MxKind.NullMx, 556, "5.1.10")]
    [InlineData("10 mx.example", MxKind.Hosts, 0, null)]
    public async Task A_null_mx_refuses_for_good(string mx, MxKind kind, int code, string? enhanced)
    {
        var route = await Route(Zone(("example.net", DnsType.Mx, mx)));
        Assert.Equal(kind, route.Kind);
        if (code == 0) return;
        var (opening, host) = await route.Open(_ => throw new InvalidOperationException("No host is asked."), SmtpConnectors.Direct, TimeProvider.System, Ct);
        Assert.Equal((SmtpKind.PermanentRefusal, code, enhanced, null), (opening.Refusal!.Kind, opening.Refusal.Code, opening.Refusal.EnhancedCode, host));
    }

    [Fact]
    public async Task A_null_mx_beside_others_means_nothing()
    {
        var route = await Route(Zone(("example.net", DnsType.Mx, "0 ."), ("example.net", DnsType.Mx, "5 mx.example")));
        Assert.Equal("mx.example", Assert.Single(route.Hosts).Name);
    }

    [Theory]
    [InlineData(DnsType.A, "192.0.2.1")]
    [InlineData(DnsType.Aaaa, "2001:db8::1")]
    public async Task A_domain_without_mx_is_its_own_host(DnsType type, string address)
    {
        var route = await Route(Zone(("example.net", type, address)));
        Assert.Equal(new MxHost("example.net", 0, true), Assert.Single(route.Hosts));
    }

    [Fact]
    public async Task No_domain_no_address_and_no_answer_are_three_things()
    {
        Assert.Equal(MxKind.NoHost, (await Route(new MemoryZone())).Kind);
        Assert.Equal(MxKind.NoHost, (await Route(Zone(("example.net", DnsType.Txt, "x")))).Kind);
        var silent = new MemoryZone();
        silent.AddTimeout("example.net", DnsType.Mx);
        var route = await Route(silent);
        Assert.Equal(MxKind.TryLater, route.Kind);
        var (opening, _) = await route.Open(_ => null, SmtpConnectors.Direct, TimeProvider.System, Ct);
        Assert.Equal((SmtpKind.TransientRefusal, 451), (opening.Refusal!.Kind, opening.Refusal.Code));
    }

    [Fact]
    public async Task The_next_host_is_asked_when_one_refuses_at_the_door()
    {
        await using var closed = new ScriptedPeer(line => line.Say("554 5.3.2 not today\r\n"));
        await using var open = new ScriptedPeer(line => line.Serve(_ => Task.FromResult(false)));
        var route = await Route(Zone(("example.net", DnsType.Mx, "10 closed.example"), ("example.net", DnsType.Mx, "15 unfit.example"), ("example.net", DnsType.Mx, "20 open.example")));
        var (opening, host) = await route.Open(h => h.Name == "unfit.example" ? null : new SmtpClientOptions
        {
            Server = h.Name == "closed.example" ? closed.EndPoint : open.EndPoint, EhloName = "client.example", Tls = TlsPolicy.None, Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(10)),
        }, SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using var connection = opening.Connection!;
        Assert.Equal(("open.example", true), (host!.Name, connection.IsOpen));
    }

    const string Policy = "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.net\r\nmx: *.mail.example.net\r\nmax_age: 86400\r\n";

    [Theory]
    [InlineData("mx1.example.net", true)]
    [InlineData("MX1.example.net.", true)]
    [InlineData("a.mail.example.net", true)]
    [InlineData("a.b.mail.example.net", false)] // RFC 8461 4.1: a wildcard is one label.
    [InlineData("mail.example.net", false)]
    [InlineData("mx2.example.net", false)]
    public void A_policy_names_its_hosts(string host, bool allowed) => Assert.Equal(allowed, MtaStsPolicy.Read(Policy, out _)!.Allows(host));

    [Theory]
    [InlineData("version: STSv1\nmode: testing\nmx: a.example\nmax_age: 1\n", "")]
    [InlineData("version: STSv1\nmode: none\nmax_age: 0\n", "")]
    [InlineData("version: STSv2\nmode: none\nmax_age: 0\n", "version")]
    [InlineData("version: STSv1\nmode: strict\nmax_age: 0\n", "mode")]
    [InlineData("version: STSv1\nmode: enforce\nmax_age: 1\n", "mx")]
    [InlineData("version: STSv1\nmode: none\nmax_age: 31557600\n", "")]
    [InlineData("version: STSv1\nmode: none\nmax_age: 31557601\n", "max_age")]
    [InlineData("version: STSv1\nmode: none\nmax_age: -1\n", "max_age")]
    [InlineData("", "version")]
    public void A_text_that_is_no_policy_says_why(string text, string reason)
    {
        Assert.Equal(reason.Length == 0, MtaStsPolicy.Read(text, out var said) is not null);
        Assert.Contains(reason, said);
    }

    [Fact]
    public async Task A_policy_is_kept_for_its_age_whatever_fails_meanwhile()
    {
        var (clock, fetched, text) = (new SteppedClock(), 0, (string?)Policy);
        var (named, silent) = (Zone(("_mta-sts.example.net", DnsType.Txt, "v=STSv1; id=1;")), new MemoryZone());
        silent.AddTimeout("_mta-sts.example.net", null);
        var dns = new Switched { Zone = named };
        var sts = new MtaSts(dns, (uri, _) =>
        {
            Assert.Equal("https://mta-sts.example.net/.well-known/mta-sts.txt", uri.AbsoluteUri);
            fetched++;
            return ValueTask.FromResult(text);
        }, clock);
        Assert.Equal(MtaStsMode.Enforce, (await sts.Find(Domain, Ct))!.Mode);
        await sts.Find(Domain, Ct);
        Assert.Equal(1, fetched); // The same id needs no second look.
        dns.Zone = silent;
        Assert.NotNull(await sts.Find(Domain, Ct));
        dns.Zone = Zone(("_mta-sts.example.net", DnsType.Txt, "v=STSv1; id=2;"));
        text = null;
        Assert.NotNull(await sts.Find(Domain, Ct)); // The web server fails: the old word counts.
        clock.Now += TimeSpan.FromSeconds(86_400);
        dns.Zone = silent;
        Assert.Null(await sts.Find(Domain, Ct));
    }

    [Theory]
    [InlineData("v=STSv1; id=1;", "v=STSv1; id=2;")]
    [InlineData("v=STSv2; id=1;", null)]
    [InlineData("v=STSv1; id=;", null)]
    public async Task Without_one_good_record_there_is_no_policy(string first, string? second)
    {
        var zone = Zone(("_mta-sts.example.net", DnsType.Txt, first));
        if (second is not null) zone.Add("_mta-sts.example.net", DnsType.Txt, second);
        Assert.Null(await new MtaSts(zone, (_, _) => throw new InvalidOperationException("Nothing is fetched."), TimeProvider.System).Find(Domain, Ct));
    }

    sealed class SteppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    sealed class Switched : IDnsLookup
    {
        public required MemoryZone Zone { get; set; }

        public ValueTask<DnsAnswer> Look(string name, DnsType type, CancellationToken ct) => Zone.Look(name, type, ct);
    }
}
