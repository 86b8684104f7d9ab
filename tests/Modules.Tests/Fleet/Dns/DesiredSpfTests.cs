using PenguinMails.Fleet.Dns;
using PenguinMails.Mail.Auth;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Dns;

public sealed class DesiredSpfTests
{
    const string Name = "acme.test";
    const string Ours = "include:mx.penguin.test";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static MemoryZone Zone(int services = 0)
    {
        var zone = new MemoryZone();
        zone.Add("mx.penguin.test", DnsType.Txt, "v=spf1 ip4:192.0.2.25 -all");
        for (var i = 1; i <= services; i++) zone.Add($"s{i}.test", DnsType.Txt, $"v=spf1 ip4:198.51.100.{i} ip6:2001:db8::{i}/128 ~all");
        return zone;
    }

    static async Task<DesiredSpf> Of(MemoryZone zone, params string[] found) => await DesiredSpf.Of(Name, [Ours], found, zone, Ct);

    [Theory]
    [InlineData("v=spf1 ~all", "mx.penguin.test has no SPF record", "belongs to this installation")]
    [InlineData("v=spf1 include:gone.test ~all", "gone.test has no SPF record", "Take that term out")]
    public async Task A_part_that_does_not_work_is_named_with_who_can_mend_it(string found, string what, string advice)
    {
        var zone = found.Contains("gone", StringComparison.Ordinal) ? Zone() : new MemoryZone();
        var finding = Assert.Single((await Of(zone, found)).Findings, finding => finding.Code == "spf.part_broken");
        Assert.Contains(what, finding.Detail);
        Assert.Contains(advice, finding.WayOut);
    }

    [Theory]
    [InlineData("v=spf1 include:mx.penguin.test ~all")]
    [InlineData("v=spf1 include:mx.penguin.test -all", "v=spf1 -all")]
    [InlineData("v=spf1 ip4:198.51.100.7 include:mx.penguin.test ?all", "v=spf1 ip4:198.51.100.7 ?all")]
    [InlineData("v=spf1 a:b.test include:mx.penguin.test redirect=s1.test", "v=spf1 a:b.test redirect=s1.test")]
    [InlineData("v=spf1 include:mx.penguin.test -all", "v=spf1 include:mx.penguin.test -all")]
    [InlineData("v=spf1 +include:mx.penguin.test ~all", "v=spf1 +include:mx.penguin.test ~all")]
    [InlineData("v=spf1 include:s1.test include:mx.penguin.test ~all", "v=spf1 include:s1.test")]
    [InlineData("v=spf1 ip4:198.51.100.7 include:mx.penguin.test exp=why.test -all", "v=spf1 ip4:198.51.100.7 exp=why.test -all")]
    [InlineData("v=spf1 ip4:198.51.100.7 include:s1.test include:mx.penguin.test -all", "v=spf1 ip4:198.51.100.7 ~all", "v=spf1 include:s1.test -all")]
    [InlineData("v=spf1 include:mx.penguin.test ~all", "v=spf1 +all")]
    public async Task Our_include_goes_into_the_record_that_stands_there(string expected, params string[] found)
    {
        var spf = await Of(Zone(1), found);
        Assert.Equal(expected, spf.Record);
        Assert.Empty(spf.Parts);
        Assert.Equal(found.Length > 1, spf.Findings.Any(finding => finding.Code == "spf.several"));
        Assert.Equal(found.Any(text => text.Contains("+all")), spf.Findings.Any(finding => finding.Code == "spf.open"));
    }

    [Theory]
    [InlineData(8, 0)] // Nine with us: the tenth is the return path's.
    [InlineData(9, 1)]
    [InlineData(12, 1)]
    [InlineData(60, 5)]
    public async Task A_record_over_the_budget_is_flattened_until_it_fits_and_still_lets_the_same_servers_send(int services, int partsMax)
    {
        var zone = Zone(services);
        var spf = await Of(zone, $"v=spf1 {string.Join(' ', Enumerable.Range(1, services).Select(i => $"include:s{i}.test"))} -all");
        Assert.Equal(partsMax > 0, spf.Parts.Count > 0);
        Assert.InRange(spf.Parts.Count, 0, Math.Max(1, partsMax * 2));
        Assert.Equal(partsMax > 0, spf.Findings.Any(finding => finding is { Code: "spf.too_many_lookups", IsBlocking: false }));
        zone.Add(Name, DnsType.Txt, spf.Record!);
        foreach (var (name, record) in spf.Parts)
        {
            Assert.InRange(record.Length, 1, 450);
            zone.Add(name, DnsType.Txt, record);
        }

        zone.Add("bounce." + Name, DnsType.Txt, $"v=spf1 redirect={Name}");
        Assert.InRange((await SpfBudget.Count(Name, spf.Record!, zone, Ct)).Lookups, 1, 9);
        Assert.Equal(AuthResult.Pass, await Judge(zone, "bounce." + Name, "192.0.2.25"));
        foreach (var i in new[] { 1, services / 2, services })
        {
            Assert.Equal(AuthResult.Pass, await Judge(zone, "bounce." + Name, $"198.51.100.{i}"));
            Assert.Equal(AuthResult.Pass, await Judge(zone, Name, $"2001:db8::{i}"));
        }

        Assert.Equal(AuthResult.Fail, await Judge(zone, "bounce." + Name, "203.0.113.1"));
    }

    [Fact]
    public async Task What_depends_on_the_sender_is_not_flattened_and_the_way_out_is_named()
    {
        var zone = Zone();
        for (var i = 1; i <= 12; i++) zone.Add($"s{i}.test", DnsType.Txt, "v=spf1 exists:%{i}.list.test -all");
        var spf = await Of(zone, $"v=spf1 {string.Join(' ', Enumerable.Range(1, 12).Select(i => $"include:s{i}.test"))} -all");
        var finding = Assert.Single(spf.Findings);
        Assert.True(finding.IsBlocking);
        Assert.Null(spf.Record);
        Assert.Contains("25 look-ups", finding.Detail);
        Assert.Contains("Take terms out", finding.WayOut);
    }

    [Fact]
    public async Task A_record_nobody_can_read_is_left_to_its_owner()
    {
        var spf = await Of(Zone(), "v=spf1 ip4:300.1.1.1 -all");
        Assert.Null(spf.Record);
        Assert.Equal("spf.broken", Assert.Single(spf.Findings).Code);
    }

    [Fact]
    public async Task A_service_that_has_no_record_any_more_is_told()
    {
        var spf = await Of(Zone(), "v=spf1 include:gone.test -all");
        Assert.Contains("gone.test has no SPF record", Assert.Single(spf.Findings).Detail);
    }

    static async Task<AuthResult> Judge(MemoryZone zone, string domain, string client) =>
        (await SpfChecker.Check(new SpfQuestion { Client = System.Net.IPAddress.Parse(client), Helo = "mail.test", MailFrom = "a@" + domain }, zone, Ct)).Result;

    [Theory]
    [InlineData("reject", "v=DMARC1; p=none; rua=mailto:us@x.test; sp=none", "v=DMARC1; p=reject; rua=mailto:us@x.test; sp=none")]
    [InlineData("none", "v=DMARC1; p=reject; fo=1", "v=DMARC1; p=reject; fo=1; rua=mailto:us@x.test")]
    [InlineData("none", "v=DMARC1;p=quarantine;rua=mailto:a@b.test!10m,mailto:us@x.test", "v=DMARC1;p=quarantine;rua=mailto:a@b.test!10m,mailto:us@x.test")]
    [InlineData("quarantine", "v=DMARC1; p=none; rua=mailto:a@b.test", "v=DMARC1; p=quarantine; rua=mailto:a@b.test,mailto:us@x.test")]
    [InlineData("none", "v=DMARC1; rua=mailto:us@x.test", "v=DMARC1; p=none; rua=mailto:us@x.test")]
    public void Dmarc_keeps_foreign_tags_and_is_never_weakened(string stage, string found, string expected) =>
        Assert.Equal(expected, DesiredDmarc.Of("_dmarc." + Name, stage, "mailto:us@x.test", [found], null).Record);

    [Theory]
    [InlineData("none", "reject", null)]
    [InlineData("quarantine", "quarantine", "v=DMARC1; p=quarantine; rua=mailto:us@x.test")]
    [InlineData("none", null, "v=DMARC1; p=none; rua=mailto:us@x.test")]
    public void A_stricter_policy_of_the_domain_above_is_not_taken_away(string stage, string? inherited, string? record) =>
        Assert.Equal(record, DesiredDmarc.Of("_dmarc." + Name, stage, "mailto:us@x.test", [], inherited).Record);
}
