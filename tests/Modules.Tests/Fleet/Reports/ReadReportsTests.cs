using PenguinMails.Fleet.Reports;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Reports;

public sealed class ReadReportsTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static async Task<DmarcOverview> Dmarc(ReportWorld world, int? days = null) => (await ReadDmarc.Handle(world.Fleet.Actor, world.Domain.Id, days, world.Fleet.Db, world.Fleet.Clock, Ct)).Value;

    static async Task<TlsOverview> Tls(ReportWorld world) => (await ReadTls.Handle(world.Fleet.Actor, world.Domain.Id, null, world.Fleet.Db, world.Fleet.Clock, Ct)).Value;

    [Fact]
    public async Task Sources_are_told_apart_with_cause_and_fix_and_the_whole_is_a_sentence()
    {
        await using var world = await ReportWorld.Create(database);
        for (var day = 1; day <= 14; day++)
            await world.Take(world.Dmarc($"r{day}",
            [
                new(ReportWorld.Server, 95), new("203.0.113.30", 4, Spf: "fail", SpfDomain: "srs.list.test", SpfResult: "pass"), new("203.0.113.30", 1, "fail", "fail"), new("203.0.113.66", 3, "fail", "fail"),
            ], day));
        var seen = await Dmarc(world);
        Assert.Equal("Of 1,442 messages in the last 30 days 96.1% passed; 1 stranger sent 42. You can move to quarantine: what strangers send will be filed as spam. Make sure first that the one stranger is not a service of yours.", seen.Sentence);
        Assert.Equal([("203.0.113.66", SourceClass.Stranger, 42L, 0L), (ReportWorld.Server, SourceClass.Yours, 1330L, 1330L), ("203.0.113.30", SourceClass.Forwarder, 70L, 56L)],
            seen.Sources.Select(source => (source.Address, source.Class, source.Messages, source.Passed)));
        Assert.Equal(["none", "spf"], seen.Sources.Take(2).Select(source => source.Rule));
        Assert.Contains("put it into SPF", seen.Sources[0].Fix);
        Assert.Equal(("", ""), (seen.Sources[1].Cause, seen.Sources[1].Fix));
        Assert.Contains("14 messages were changed on their way", seen.Sources[2].Cause);
        Assert.Equal((14, 14, 1), (seen.Sample.Counted, seen.Days.Count, seen.Sample.Reporters.Count));
        Assert.Equal((95L, 0L, 5L, 3L), (seen.Days[0].YoursPassed, seen.Days[0].YoursFailed, seen.Days[0].Forwarded, seen.Days[0].Strangers));
        Assert.Equal(("none", "quarantine", ""), (seen.Stage, seen.Advice.Next, seen.Awaited));
        // Another window, another figure.
        Assert.StartsWith("Of 309 messages in the last 3 days", (await Dmarc(world, 3)).Sentence);
    }

    [Fact]
    public async Task An_address_in_SPF_whose_mail_fails_is_yours_and_is_told_to_sign()
    {
        await using var world = await ReportWorld.Create(database);
        await world.Take(world.Dmarc("one", [new("192.0.2.25", 40, "fail", "fail", SpfDomain: "bounce.tool.test", SpfResult: "pass"), new("203.0.113.9", 2, "fail", "fail")]));
        var source = (await Dmarc(world)).Sources.Single(one => one.Address == "192.0.2.25");
        Assert.Equal((SourceClass.Yours, "spf", 40L, 0L), (source.Class, source.Rule, source.Messages, source.Passed));
        Assert.Contains("40 messages carried no whole signature", source.Cause);
        Assert.Contains("Switch DKIM on", source.Fix);
    }

    [Fact]
    public async Task A_known_forwarder_is_found_by_its_name_only_when_the_name_leads_back()
    {
        await using var world = await ReportWorld.Create(database);
        world.Fleet.Publish("40.113.0.203.in-addr.arpa", DnsType.Ptr, "mx1.forwardemail.net");
        world.Fleet.Publish("mx1.forwardemail.net", DnsType.A, "203.0.113.40");
        world.Fleet.Publish("41.113.0.203.in-addr.arpa", DnsType.Ptr, "mx1.forwardemail.net");
        await world.Take(world.Dmarc("one", [new("203.0.113.40", 4, "fail", "fail"), new("203.0.113.41", 4, "fail", "fail")]));
        var seen = await Dmarc(world);
        Assert.Equal(("203.0.113.41", SourceClass.Stranger, ""), seen.Sources[0] is var stranger ? (stranger.Address, stranger.Class, stranger.Host) : default);
        Assert.Equal(("203.0.113.40", SourceClass.Forwarder, "mx1.forwardemail.net"), seen.Sources[1] is var forwarder ? (forwarder.Address, forwarder.Class, forwarder.Host) : default);
    }

    [Fact]
    public async Task An_address_that_forges_more_than_it_passes_on_stays_a_stranger()
    {
        await using var world = await ReportWorld.Create(database);
        await world.Take(world.Dmarc("one", [new("203.0.113.30", 4, Spf: "fail", SpfDomain: "srs.list.test", SpfResult: "pass"), new("203.0.113.30", 5, "fail", "fail")]));
        Assert.Equal([(SourceClass.Stranger, 5L), (SourceClass.Forwarder, 4L)], (await Dmarc(world)).Sources.Select(source => (source.Class, source.Messages)));
    }

    [Fact]
    public async Task Before_the_first_report_the_page_says_when_it_is_to_be_expected()
    {
        await using var world = await ReportWorld.Create(database);
        var seen = await Dmarc(world);
        Assert.Equal(("No report came in the last 30 days.", 0L), (seen.Sentence, seen.Messages));
        Assert.Contains("the first is to be expected on 3 March", seen.Awaited);
        world.Fleet.Publish($"bounce.{world.Name}", DnsType.Mx, "10 elsewhere.test");
        await world.Fleet.Check(world.Domain.Id);
        Assert.Contains("the return path is not in DNS as asked for", (await Dmarc(world)).Awaited);
        Assert.Contains("switch TLS reports on", (await Tls(world)).Awaited);
    }

    [Fact]
    public async Task The_published_policy_of_the_newest_report_is_the_stage()
    {
        await using var world = await ReportWorld.Create(database);
        await world.Take(world.Dmarc("old", [new(ReportWorld.Server, 5)], 3, policy: "none"));
        await world.Take(world.Dmarc("new", [new(ReportWorld.Server, 5)], 2, policy: "quarantine"));
        var seen = await Dmarc(world);
        Assert.Equal(("quarantine", 2, 1), (seen.Stage, seen.Sample.DaysReported, seen.Sample.DaysStrict));
    }

    [Fact]
    public async Task TLS_failures_are_counted_by_domain_and_kind_with_cause_and_fix()
    {
        await using var world = await ReportWorld.Create(database);
        await world.Take(world.Tls("one", 90, 6), "tls");
        await world.Take(world.Tls("two", 50, 2, "sts-webpki-invalid", daysAgo: 2), "tls");
        await world.Take(world.Tls("foreign", 50, 2, domain: "other.test"), "tls");
        var seen = await Tls(world);
        Assert.Equal("Of 148 connections that others reported in the last 30 days 94.5% were encrypted as they should be; 8 failed, most often for this: the certificate had ended.", seen.Sentence);
        Assert.Equal([(world.Name, 140L, 8L)], seen.Domains.Select(one => (one.Domain, one.Successes, one.Failures)));
        Assert.Equal([("certificate-expired", 6L), ("sts-webpki-invalid", 2L)], seen.Failures.Select(one => (one.Result, one.Failures)));
        Assert.All(seen.Failures, failure => Assert.NotEqual("", failure.Cause + failure.Fix));
        Assert.Equal((2, 2, 1), (seen.Days.Count, seen.Sample.Counted, seen.Sample.Rejected));
        var page = (await ListReports.Handle(world.Fleet.Actor, world.Domain.Id, "tls", null, 2, world.Fleet.Db, Ct)).Value;
        Assert.Equal(("rejected", 2), (page.Items[0].State, page.Items.Count));
        Assert.Single((await ListReports.Handle(world.Fleet.Actor, world.Domain.Id, "tls", page.NextCursor, 2, world.Fleet.Db, Ct)).Value.Items);
    }

    [Fact]
    public async Task Another_account_sees_nothing_of_it()
    {
        await using var world = await ReportWorld.Create(database);
        await using var other = FleetWorld.Create(database);
        await world.Take(world.Dmarc("one", [new(ReportWorld.Server, 5)]));
        Assert.Equal("domain.not_found", (await ReadDmarc.Handle(other.Actor, world.Domain.Id, null, other.Db, other.Clock, Ct)).Problem?.Code);
        Assert.Equal("domain.not_found", (await ReadTls.Handle(other.Actor, world.Domain.Id, null, other.Db, other.Clock, Ct)).Problem?.Code);
        Assert.Equal("domain.not_found", (await ListReports.Handle(other.Actor, world.Domain.Id, null, null, null, other.Db, Ct)).Problem?.Code);
    }
}
