using System.Net;
using System.Net.Sockets;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Health;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Health;

public sealed class HealthTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static HealthFinding Of(DomainHealth health, string code) => health.Findings.Single(finding => finding.Code == code);

    [Fact]
    public async Task A_domain_that_is_right_everywhere_is_told_so_in_one_sentence()
    {
        await using var world = await HealthWorld.Create(database);
        var before = (await ReadHealth.Handle(world.Fleet.Actor, world.Domain, world.Fleet.Db, Ct)).Value;
        Assert.Equal((HealthSeverity.Unknown, "Not checked yet.", null), (before.Worst, before.Verdict, before.CheckedAt));
        var health = await world.Check();
        Assert.All(health.Findings, finding => Assert.Equal((HealthSeverity.Good, ""), (finding.Severity, finding.Fix)));
        Assert.Equal(["blocklist.barracuda", "blocklist.spamcop", "blocklist.spamhaus_dbl", "blocklist.spamhaus_zen", "certificate.imap", "certificate.smtp", "dns.records", "registration.expiry"], health.Findings.Select(finding => finding.Code));
        Assert.Equal(("Nothing is wrong.", world.Fleet.Clock.GetUtcNow()), (health.Verdict, health.CheckedAt));
        Assert.Equal("domain.health_changed", (await world.Fleet.Audited())[0]);
    }

    [Fact]
    public async Task A_listed_address_and_domain_are_urgent_until_they_are_gone()
    {
        await using var world = await HealthWorld.Create(database);
        await world.Check();
        world.List("spamhaus_zen", HealthWorld.Address, "127.0.0.3");
        world.List("spamhaus_dbl", world.Name, "127.0.1.102");
        var since = world.Fleet.Clock.GetUtcNow();
        var health = await world.Check();
        Assert.Equal("1 thing needs action now, 1 more should be watched.", health.Verdict);
        var listed = health.Findings[0];
        Assert.Equal(("blocklist.spamhaus_zen", HealthWorld.Address, HealthSeverity.Act), (listed.Code, listed.Subject, listed.Severity));
        Assert.EndsWith("https://check.spamhaus.org/", listed.Fix);
        Assert.Contains("127.0.0.3", listed.Evidence);
        world.Fleet.Clock.Advance(TimeSpan.FromHours(6));
        Assert.Equal((since, world.Fleet.Clock.GetUtcNow()), await world.Check() is var again ? (again.Findings[0].FirstSeenAt, again.Findings[0].SeenAt) : default);
        world.List("spamhaus_zen", HealthWorld.Address);
        world.List("spamhaus_dbl", world.Name);
        Assert.Equal(HealthSeverity.Good, (await world.Check()).Worst);
        Assert.Equal(3, (await world.Fleet.Audited()).Count(action => action == "domain.health_changed"));
    }

    [Fact]
    public async Task Subscribers_hear_when_the_worst_changes_and_only_then()
    {
        await using var world = await HealthWorld.Create(database);
        var heard = new List<string>();
        var subscribers = new Subscribers();
        var kinds = new JobKinds(subscribers);
        kinds.On<DomainHealthChanged>($"test.health.{world.Fleet.Tenant.Value:N}", (happened, _, _) => { heard.Add($"{happened.Was} {happened.Now} {happened.Codes.Count}"); return Task.CompletedTask; });
        var db = new TenantDb(database.Source, subscribers, new JobSignal());
        for (var round = 0; round < 4; round++)
        {
            if (round == 2) world.List("spamcop", HealthWorld.Address, "127.0.0.2");
            await CheckHealth.Handle(world.Fleet.Actor, world.Domain, db, world.Reach, world.Fleet.Clock, Ct);
            await database.Worker(kinds, world.Fleet.Clock).RunDue(Ct);
        }

        Assert.Equal(["Unknown Good 8", "Good Act 1"], heard);
    }

    [Fact]
    public async Task A_list_that_does_not_know_its_own_test_entry_was_not_asked()
    {
        await using var world = await HealthWorld.Create(database);
        world.List("spamcop", "127.0.0.2");
        world.List("barracuda", "127.0.0.1", "127.0.0.2"); // Lists everything.
        world.List("spamhaus_zen", "127.0.0.2", "127.255.255.254");
        var health = await world.Check();
        Assert.Equal(["blocklist.barracuda", "blocklist.spamcop", "blocklist.spamhaus_zen"], health.Findings.Where(finding => finding.Severity == HealthSeverity.Unknown).Select(finding => finding.Code));
        Assert.Contains("own test entry", Of(health, "blocklist.spamcop").What);
        Assert.Contains("list everything", Of(health, "blocklist.barracuda").What);
        Assert.Contains("public resolver", Of(health, "blocklist.spamhaus_zen").What);
        Assert.Contains("PENGUIN__SPAMHAUS__DQSKEY", Of(health, "blocklist.spamhaus_zen").Fix);
        Assert.Equal((HealthSeverity.Good, "Nothing is wrong. 3 of 8 checks could not be made."), (health.Worst, health.Verdict));
    }

    [Fact]
    public async Task A_key_of_spamhaus_is_used_and_shown_nowhere()
    {
        await using var world = await HealthWorld.Create(database);
        world.SpamhausKey = "k3yofthetestsk3yofthetests";
        world.List("spamhaus_zen", "127.0.0.2", "127.0.0.2");
        world.List("spamhaus_zen", HealthWorld.Address, "127.0.0.4");
        var health = await world.Check();
        Assert.Equal(HealthSeverity.Act, Of(health, "blocklist.spamhaus_zen").Severity);
        Assert.Equal(HealthSeverity.Unknown, Of(health, "blocklist.spamhaus_dbl").Severity); // Has no test entry under the key.
        Assert.DoesNotContain(world.SpamhausKey, Json.Write(health));
        Assert.DoesNotContain(world.SpamhausKey, world.Reach.ToString());
    }

    [Fact]
    public async Task What_cannot_be_looked_at_again_stays_as_it_was_seen_last()
    {
        await using var world = await HealthWorld.Create(database);
        world.List("spamhaus_zen", HealthWorld.Address, "127.0.0.2");
        var seen = world.Fleet.Clock.GetUtcNow();
        await world.Check();
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        world.Fleet.Dns = new DnsSettings((IPEndPoint)silent.Client.LocalEndPoint!) { Timeout = TimeSpan.FromMilliseconds(50) };
        world.Fleet.Clock.Advance(TimeSpan.FromHours(6));
        var health = await world.Check();
        Assert.Equal((HealthSeverity.Act, seen), (Of(health, "blocklist.spamhaus_zen").Severity, Of(health, "blocklist.spamhaus_zen").SeenAt));
        Assert.Equal(HealthSeverity.Unknown, Of(health, "blocklist.spamcop").Severity);
        Assert.Equal(HealthSeverity.Act, health.Worst);
    }

    [Fact]
    public async Task Records_that_were_right_and_are_not_are_one_urgent_finding()
    {
        await using var world = await HealthWorld.Create(database);
        world.Fleet.Publish($"_dmarc.{world.Name}", DnsType.Txt);
        await world.Fleet.Check(world.Domain);
        var finding = Of(await world.Check(), "dns.records");
        Assert.Equal((HealthSeverity.Act, "dmarc missing"), (finding.Severity, finding.Evidence));
        Assert.Contains("DNS plan", finding.Fix);
    }

    [Fact]
    public async Task Another_tenant_workspace_or_a_guest_sees_no_health()
    {
        await using var world = await HealthWorld.Create(database);
        await world.Check();
        foreach (var stranger in new[] { Actor.System(database.NewTenant(), world.Fleet.Workspace), Actor.System(world.Fleet.Tenant, new WorkspaceId(Guid.CreateVersion7())) })
        {
            Assert.Equal("domain.not_found", (await CheckHealth.Handle(stranger, world.Domain, world.Fleet.Db, world.Reach, world.Fleet.Clock, Ct)).Problem?.Code);
            Assert.Equal("domain.not_found", (await ReadHealth.Handle(stranger, world.Domain, world.Fleet.Db, Ct)).Problem?.Code);
        }

        var guest = world.Fleet.Actor with { Kind = ActorKind.Person };
        Assert.Equal("permission.missing", (await CheckHealth.Handle(guest, world.Domain, world.Fleet.Db, world.Reach, world.Fleet.Clock, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await ReadHealth.Handle(guest, world.Domain, world.Fleet.Db, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task The_chain_begins_once_goes_on_daily_and_hurries_while_something_is_urgent()
    {
        await using var world = await HealthWorld.Create(database);
        var start = world.Fleet.Clock.GetUtcNow();
        await world.Check(); // By hand, before any job: begins it.
        await using (var tx = await world.Fleet.Db.Begin(world.Fleet.Tenant, Ct))
        {
            await RecheckHealth.Begin(tx, world.Fleet.Workspace, world.Domain, start, Ct);
            await tx.Commit(Ct);
        }

        Assert.Equal([start.AddMinutes(10)], await Ordered(world));
        await Recheck(world, 1);
        await Recheck(world, 1); // Tried again after a crash: no second chain.
        Assert.Equal([start.AddMinutes(10), start.AddDays(1)], await Ordered(world));
        world.List("spamcop", HealthWorld.Address, "127.0.0.2");
        await Recheck(world, 2);
        Assert.Equal([start.AddMinutes(10), start.AddHours(6), start.AddDays(1)], await Ordered(world));
    }

    static Task Recheck(HealthWorld world, long round) => RecheckHealth.Run(new(world.Fleet.Workspace, world.Domain, round), world.Job(RecheckHealth.Kind), Ct);

    async Task<List<DateTimeOffset>> Ordered(HealthWorld world)
    {
        await using var command = database.OwnerSource.CreateCommand("select due_at from core.job where tenant_id = $1 and kind = $2 order by due_at limit 10");
        command.Parameters.AddWithValue(world.Fleet.Tenant.Value);
        command.Parameters.AddWithValue(RecheckHealth.Kind);
        var due = new List<DateTimeOffset>();
        await using var row = await command.ExecuteReaderAsync(Ct);
        while (await row.ReadAsync(Ct)) due.Add(row.GetFieldValue<DateTimeOffset>(0));
        return due;
    }
}
