using System.Net;
using System.Text;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Reports;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Reports;

public sealed class ReceiveReportTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_report_of_a_proved_sender_is_counted_once_however_often_it_comes()
    {
        await using var world = await ReportWorld.Create(database);
        var report = world.Dmarc("one", [new(ReportWorld.Server, 90), new("203.0.113.9", 3, "fail", "fail"), new("203.0.113.9", 4, "fail", "fail")]);
        await world.Take(report);
        await world.Take(report);
        Assert.Equal([("counted", "", "bigmail.test")], await world.Reports());
        Assert.Equal([(ReportWorld.Server, 90L), ("203.0.113.9", 7L)], await world.Ask("select source, messages from fleet.dmarc_row where tenant_id = $1 order by line limit 100", row => (row.GetString(0), row.GetInt64(1))));
        await world.Take(world.Dmarc("two", [new(ReportWorld.Server, 5)]));
        Assert.Equal(2, (await world.Reports()).Count);
        Assert.Equal([true], await world.Ask("select bool_and(raw is null) from fleet.report where tenant_id = $1 limit 1", row => row.GetBoolean(0)));
    }

    [Fact]
    public async Task Anybody_can_send_a_report_and_only_proved_ones_count()
    {
        await using var world = await ReportWorld.Create(database);
        var report = world.Dmarc("one", [new("203.0.113.9", 1000, "fail", "fail")]);
        Assert.Equal(ReportTaken.Kept, await world.Arrive(ReportWorld.Mail(report), client: IPAddress.Parse("203.0.113.200")));
        await world.ReadAll();
        var forged = Assert.Single(await world.Reports());
        Assert.Equal(("set_aside", ""), (forged.State, forged.Reporter));
        Assert.Contains("bigmail.test, which neither DKIM nor SPF proves", forged.Reason);
        Assert.Empty(await world.Ask("select 1 from fleet.dmarc_row where tenant_id = $1 limit 1", row => row.GetInt32(0)));
        // The forged one takes nothing from the true one.
        await world.Take(report);
        Assert.Equal(["set_aside", "counted"], (await world.Reports()).Select(one => one.State));
    }

    [Fact]
    public async Task A_proved_sender_cannot_speak_for_somebody_else()
    {
        await using var world = await ReportWorld.Create(database);
        await world.Take(world.Dmarc("one", [new(ReportWorld.Server, 5)], org: "google.com"));
        Assert.Equal([("set_aside", "It says it is from google.com, and its mail came from bigmail.test.", "bigmail.test")], await world.Reports());
        await world.Take(world.Dmarc("two", [new(ReportWorld.Server, 5)], org: "mx.bigmail.test"));
        Assert.Equal("counted", (await world.Reports())[1].State);
    }

    [Theory]
    [InlineData("other.test", 1, "It is about other.test, not about")]
    [InlineData("", 1, "does not say which domain")]
    [InlineData(null, -3, "has not come yet")]
    [InlineData(null, 121, "more than 120 days ago")]
    public async Task What_cannot_be_used_is_kept_as_a_rejection_with_its_reason(string? domain, int daysAgo, string reason)
    {
        await using var world = await ReportWorld.Create(database);
        await world.Take(world.Dmarc("one", [new(ReportWorld.Server, 5)], daysAgo, domain));
        var report = Assert.Single(await world.Reports());
        Assert.Equal("rejected", report.State);
        Assert.Contains(reason, report.Reason);
        Assert.Empty(await world.Ask("select 1 from fleet.dmarc_row where tenant_id = $1 limit 1", row => row.GetInt32(0)));
    }

    [Fact]
    public async Task What_is_no_report_is_rejected_and_the_mail_is_gone()
    {
        await using var world = await ReportWorld.Create(database);
        Assert.Equal(ReportTaken.Kept, await world.Arrive(Encoding.ASCII.GetBytes("From: reports@bigmail.test\r\nSubject: Hello\r\n\r\nBuy now.\r\n")));
        Assert.Equal(ReportTaken.Kept, await world.Arrive(ReportWorld.Mail(world.Dmarc("one", [new(ReportWorld.Server, 5)])), "tls"));
        await world.ReadAll();
        Assert.All(await world.Reports(), report => Assert.Equal("rejected", report.State));
        Assert.Equal([true], await world.Ask("select bool_and(raw is null) from fleet.report where tenant_id = $1 limit 1", row => row.GetBoolean(0)));
    }

    [Fact]
    public async Task Each_bound_holds_at_its_edge()
    {
        await using var world = await ReportWorld.Create(database);
        Assert.Equal(ReportTaken.Kept, await world.Arrive(new byte[ReportLimits.MessageOctetsMax]));
        Assert.Equal(ReportTaken.TooLarge, await world.Arrive(new byte[ReportLimits.MessageOctetsMax + 1]));
        for (var i = 1; i < ReportLimits.UnreadMax; i++) Assert.Equal(ReportTaken.Kept, await world.Arrive("x"u8.ToArray()));
        Assert.Equal(ReportTaken.TooMany, await world.Arrive("x"u8.ToArray()));
        await world.ReadAll();
        await world.Change("insert into fleet.report (tenant_id, id, domain_id, kind, state, mail_from, client, hello, received_at, read_at) select $1, gen_random_uuid(), $2, 'dmarc', 'rejected', '', '', '', $3, $3 from generate_series(1, $4)",
            world.Domain.Id, world.Fleet.Clock.GetUtcNow(), ReportLimits.ReportsPerDayMax - ReportLimits.UnreadMax - 1);
        Assert.Equal(ReportTaken.Kept, await world.Arrive("x"u8.ToArray()));
        Assert.Equal(ReportTaken.TooMany, await world.Arrive("x"u8.ToArray()));
        world.Fleet.Clock.Advance(TimeSpan.FromHours(24));
        Assert.Equal(ReportTaken.Kept, await world.Arrive("x"u8.ToArray()));
    }

    [Fact]
    public async Task Rows_beyond_the_most_are_left_out_and_said_to_be()
    {
        await using var world = await ReportWorld.Create(database);
        await world.Take(world.Dmarc("one", [.. Enumerable.Range(0, ReportLimits.RowsMax + 2).Select(i => new Row($"10.{i / 250}.1.{(i % 250) + 1}", i == 0 ? 1 : 2))]));
        Assert.Equal([(2L * ReportLimits.RowsMax + 3, 3L)], await world.Ask("select messages, messages_left_out from fleet.report where tenant_id = $1 limit 1", row => (row.GetInt64(0), row.GetInt64(1))));
        Assert.Equal([(long)ReportLimits.RowsMax], await world.Ask("select count(*) from fleet.dmarc_row where tenant_id = $1 limit 1", row => row.GetInt64(0)));
    }

    [Fact]
    public async Task While_DNS_does_not_answer_a_report_waits_and_then_stands_aside()
    {
        await using var world = await ReportWorld.Create(database);
        await world.Arrive(ReportWorld.Mail(world.Dmarc("one", [new(ReportWorld.Server, 5)])));
        var (right, silent) = (world.Fleet.Dns, new DnsSettings(new IPEndPoint(IPAddress.Loopback, 9)) { Timeout = TimeSpan.FromMilliseconds(50) });
        world.Fleet.Dns = silent;
        await world.ReadAll();
        Assert.Equal("received", Assert.Single(await world.Reports()).State);
        world.Fleet.Clock.Advance(TimeSpan.FromHours(6));
        await world.ReadAll();
        Assert.Equal("set_aside", Assert.Single(await world.Reports()).State);
        world.Fleet.Dns = right;
        await world.Take(world.Dmarc("one", [new(ReportWorld.Server, 5)]));
        Assert.Equal(["set_aside", "counted"], (await world.Reports()).Select(one => one.State));
    }

    [Fact]
    public async Task Old_reports_go_with_their_rows()
    {
        await using var world = await ReportWorld.Create(database);
        await world.Take(world.Dmarc("one", [new(ReportWorld.Server, 5)]));
        await world.Take(world.Dmarc("two", [new(ReportWorld.Server, 5)], domain: "other.test"));
        await Forget(world, ReportLimits.DaysAside);
        Assert.Equal(2, (await world.Reports()).Count);
        await Forget(world, 1);
        Assert.Equal("counted", Assert.Single(await world.Reports()).State);
        await Forget(world, ReportLimits.DaysKept - ReportLimits.DaysAside);
        Assert.Empty(await world.Reports());
        Assert.Empty(await world.Ask("select 1 from fleet.dmarc_row where tenant_id = $1 limit 1", row => row.GetInt32(0)));
    }

    static async Task Forget(ReportWorld world, int days)
    {
        world.Fleet.Clock.Advance(TimeSpan.FromDays(days));
        await using var tx = await world.Fleet.Db.Begin(world.Fleet.Tenant, Ct);
        KeepReport.Forget(tx, world.Domain.Id, world.Fleet.Clock.GetUtcNow());
        await tx.Commit(Ct);
    }

    [Fact]
    public async Task Only_an_account_whose_key_stands_in_the_zone_gets_the_domains_reports()
    {
        await using var world = await ReportWorld.Create(database);
        var address = EmailAddress.Parse($"dmarc@bounce.{world.Name}");
        Assert.True(await ReceiveReport.Knows(address, world.Fleet.Db, Ct));
        Assert.True(await ReceiveReport.Knows(EmailAddress.Parse($"TLS@bounce.{world.Name}"), world.Fleet.Db, Ct));
        Assert.False(await ReceiveReport.Knows(EmailAddress.Parse($"abuse@bounce.{world.Name}"), world.Fleet.Db, Ct));
        Assert.Null(await FindAddressee.Handle(EmailAddress.Parse("dmarc@else.test"), world.Fleet.Db, Ct));
        await using var other = FleetWorld.Create(database);
        var claimed = await AddDomain.Handle(other.Actor, new(world.Name), other.Db, other.Box, other.Hosts, other.Clock, Ct);
        await CheckDomain.Handle(other.Actor, claimed.Value.Id, other.Db, world.Fleet.Dns, TimeProvider.System, Ct);
        Assert.Equal([world.Fleet.Tenant], (await ReportRoute.Find(address, other.Db, Ct)).Select(route => route.Tenant));
    }

    [Fact]
    public async Task An_account_that_lost_its_key_keeps_the_reports_until_another_has_proved_itself()
    {
        await using var world = await ReportWorld.Create(database);
        var address = EmailAddress.Parse($"dmarc@bounce.{world.Name}");
        var host = $"{world.Domain.DkimSelector}._domainkey.{world.Name}";
        world.Fleet.Publish(host, DnsType.Txt, "v=DKIM1; p=");
        await world.Fleet.Check(world.Domain.Id);
        Assert.Equal([world.Fleet.Tenant], (await ReportRoute.Find(address, world.Fleet.Db, Ct)).Select(route => route.Tenant));
        await using var other = FleetWorld.Create(database);
        var claimed = await AddDomain.Handle(other.Actor, new(world.Name), other.Db, other.Box, other.Hosts, other.Clock, Ct);
        var detail = (await ListDomains.One(other.Actor, claimed.Value.Id, other.Db, Ct)).Value;
        world.Fleet.Publish(host, DnsType.Txt, detail.Records.Single(record => record.Kind == "dkim").Expected);
        await CheckDomain.Handle(other.Actor, claimed.Value.Id, other.Db, world.Fleet.Dns, TimeProvider.System, Ct);
        await world.Fleet.Check(world.Domain.Id);
        Assert.Equal([other.Tenant], (await ReportRoute.Find(address, other.Db, Ct)).Select(route => route.Tenant));
    }

    [Fact]
    public async Task A_removed_domain_takes_no_reports()
    {
        await using var world = await ReportWorld.Create(database);
        await RemoveDomain.Handle(world.Fleet.Actor, world.Domain.Id, world.Fleet.Db, world.Fleet.Clock, Ct);
        Assert.Equal(ReportTaken.NotOurs, await world.Arrive("x"u8.ToArray()));
    }
}
