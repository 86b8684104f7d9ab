using PenguinMails.Core;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.WebNames;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Fleet.WebNames;

/// <summary>What is served under hosts below customers' domains, to whom nobody signed in: only for a domain that is proved, only what its account switched on.</summary>
public sealed class WebNameTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static DnsReach Reach(FleetWorld world) => new(world.Dns, Outbound.From("127.0.0.0/8"), world.Box, world.Hosts);

    static async Task<DnsSetup> Change(FleetWorld world, DomainId domain, ChangeDnsSettings.Input input)
    {
        var changed = await ChangeDnsSettings.Handle(world.Actor, domain, input, world.Db, Reach(world), world.Clock, Ct);
        Assert.Null(changed.Problem);
        return changed.Value.Setup;
    }

    static async Task<DnsPlan> Plan(FleetWorld world, DomainId domain)
    {
        var made = await PlanDns.Handle(world.Actor, domain, world.Db, Reach(world), TimeProvider.System, Ct);
        Assert.Null(made.Problem);
        return made.Value;
    }

    static async Task<string> Id(FleetWorld world, DomainId domain) => (await Plan(world, domain)).Items.Single(item => item.Purpose == "mta_sts").After.Single()["v=STSv1; id=".Length..];

    static async Task<MtaStsPolicy> Policy(FleetWorld world)
    {
        var text = (await ReadMtaSts.Handle($"MTA-STS.{world.Name}.", world.Db, Ct)).Value;
        return Assert.IsType<MtaStsPolicy>(MtaStsPolicy.Read(text, out _));
    }

    async Task<(FleetWorld World, DomainId Domain)> Start()
    {
        var world = FleetWorld.Create(database);
        var domain = (await world.AddDomain()).Domain.Id;
        Assert.Null((await ConnectDnsHost.Handle(world.Actor, domain, new("by_hand", world.Name), world.Db, Reach(world), world.Clock, Ct)).Problem);
        return (world, domain);
    }

    [Fact]
    public async Task A_policy_is_served_once_the_domain_is_proved_and_it_is_switched_on()
    {
        var (world, domain) = await Start();
        await using var _ = world;
        await Change(world, domain, new(MxHosts: ["mx1.acme.test", "mx2.acme.test"], HasMtaSts: true));
        Assert.Equal("web_name.unknown", (await ReadMtaSts.Handle($"mta-sts.{world.Name}", world.Db, Ct)).Problem?.Code); // Anybody may add any domain.
        await world.Prove(domain);
        var policy = await Policy(world);
        Assert.Equal((MtaStsMode.Testing, 86_400), (policy.Mode, policy.MaxAgeSeconds));
        Assert.Equal(["mx1.acme.test", "mx2.acme.test"], policy.MxPatterns);
        Assert.True((await AskWebName.Handle($"mta-sts.{world.Name}", world.Db, Ct)).IsOk);
        await Change(world, domain, new(HasMtaSts: false));
        Assert.Equal("web_name.unknown", (await ReadMtaSts.Handle($"mta-sts.{world.Name}", world.Db, Ct)).Problem?.Code);
        Assert.False((await AskWebName.Handle($"mta-sts.{world.Name}", world.Db, Ct)).IsOk);
    }

    [Fact]
    public async Task Another_policy_has_another_id_and_the_same_one_the_same()
    {
        var (world, domain) = await Start();
        await using var _ = world;
        await Change(world, domain, new(MxHosts: ["mx.acme.test"], HasMtaSts: true));
        var testing = await Id(world, domain);
        Assert.Matches("^[0-9a-f]{32}$", testing);
        await Change(world, domain, new(MtaStsMode: "enforce"));
        var enforced = await Id(world, domain);
        await Change(world, domain, new(MxHosts: ["mx.acme.test", "mx2.acme.test"]));
        var more = await Id(world, domain);
        await Change(world, domain, new(MtaStsMode: "none"));
        Assert.Equal(4, new[] { testing, enforced, more, await Id(world, domain) }.Distinct().Count());
        await Change(world, domain, new(MtaStsMode: "enforce"));
        Assert.Equal(more, await Id(world, domain));
        world.Publish("_mta-sts." + world.Name, DnsType.Txt, $"v=STSv1; id={testing}"); // What a plan of before wrote.
        world.Publish("mta-sts." + world.Name, DnsType.Cname, world.Hosts.Web);
        var item = (await Plan(world, domain)).Items.Single(item => item.Purpose == "mta_sts");
        Assert.Equal(("change", $"v=STSv1; id={more}"), (item.Action, item.After.Single()));
    }

    [Fact]
    public async Task Hosts_that_are_left_stay_in_the_policy_until_dns_shows_the_new_ones()
    {
        var (world, domain) = await Start();
        await using var _ = world;
        await Change(world, domain, new(MxHosts: ["old.acme.test"], HasMtaSts: true, MtaStsMode: "enforce"));
        await world.Prove(domain);
        await Change(world, domain, new(MxHosts: ["new.acme.test"]));
        Assert.Equal(["new.acme.test", "old.acme.test"], (await Policy(world)).MxPatterns);
        Assert.Equal(1_209_600, (await Policy(world)).MaxAgeSeconds);
        await Change(world, domain, new(MxHosts: ["old.acme.test"])); // And back: what is named is not left.
        Assert.Equal(["old.acme.test", "new.acme.test"], (await Policy(world)).MxPatterns);
    }

    [Fact]
    public async Task A_policy_served_elsewhere_is_left_alone()
    {
        var (world, domain) = await Start();
        await using var _ = world;
        await Change(world, domain, new(MxHosts: ["mx.acme.test"], HasMtaSts: true));
        world.Publish("_mta-sts." + world.Name, DnsType.Txt, "v=STSv1; id=20240101");
        world.Publish("mta-sts." + world.Name, DnsType.Cname, "sts.provider.test");
        var plan = await Plan(world, domain);
        Assert.DoesNotContain(plan.Items, item => item.Purpose.StartsWith("mta_sts", StringComparison.Ordinal));
        Assert.Contains(plan.Findings, finding => finding is { Code: "mta_sts.elsewhere", IsBlocking: false });
    }

    [Fact]
    public async Task A_policy_that_would_name_nobody_is_refused()
    {
        var (world, domain) = await Start();
        await using var _ = world;
        async Task<string?> Field(ChangeDnsSettings.Input input) => (await ChangeDnsSettings.Handle(world.Actor, domain, input, world.Db, Reach(world), world.Clock, Ct)).Problem?.Fields.Single().Field;
        Assert.Equal("mx_hosts", await Field(new(HasMtaSts: true)));
        Assert.Equal("mta_sts_mode", await Field(new(MtaStsMode: "strict")));
        await Change(world, domain, new(MxHosts: ["mx.acme.test"], HasMtaSts: true));
        Assert.Equal("mx_hosts", await Field(new(MxHosts: [])));
    }

    [Fact]
    public async Task An_account_whose_key_is_not_in_the_zone_speaks_for_nobody()
    {
        var (world, domain) = await Start();
        await using var _ = world;
        await Change(world, domain, new(MxHosts: ["mx.acme.test"], HasMtaSts: true));
        await world.Prove(domain);
        var stranger = Actor.System(database.NewTenant(), new WorkspaceId(Guid.CreateVersion7()));
        var theirs = (await AddDomain.Handle(stranger, new(world.Name), world.Db, world.Box, world.Hosts, world.Clock, Ct)).Value.Id;
        await ChangeDnsSettings.Handle(stranger, theirs, new(MxHosts: ["mx.stranger.test"], HasMtaSts: true), world.Db, Reach(world), world.Clock, Ct);
        await CheckDomain.Handle(stranger, theirs, world.Db, world.Dns, TimeProvider.System, Ct);
        Assert.Equal(["mx.acme.test"], (await Policy(world)).MxPatterns);
        Assert.Single(await WebName.Find($"mta-sts.{world.Name}", world.Db, Ct));
        Assert.Null((await RemoveDomain.Handle(world.Actor, domain, world.Db, world.Clock, Ct)).Problem);
        Assert.Empty(await WebName.Find($"mta-sts.{world.Name}", world.Db, Ct));
    }

    [Fact]
    public async Task A_proxy_is_told_yes_for_names_that_are_served_and_nothing_else()
    {
        var (world, domain) = await Start();
        await using var _ = world;
        Assert.False((await AskWebName.Handle($"track.{world.Name}", world.Db, Ct)).IsOk);
        await world.Prove(domain);
        Assert.True((await AskWebName.Handle($"Track.{world.Name}", world.Db, Ct)).IsOk);
        foreach (var host in new[] { world.Name, $"www.{world.Name}", $"mta-sts.{world.Name}", $"autoconfig.{world.Name}", $"x.track.{world.Name}", "", new string('a', 300) })
            Assert.False((await AskWebName.Handle(host, world.Db, Ct)).IsOk, host);
        await Change(world, domain, new(HasAutoconfig: true)); // Without a server of ours there is nothing to say.
        Assert.False((await AskWebName.Handle($"autoconfig.{world.Name}", world.Db, Ct)).IsOk);
        Assert.Contains((await Plan(world, domain)).Findings, finding => finding.Code == "autoconfig.not_hosted");
    }

    [Theory]
    [InlineData("testing", false, 500, 0, 14, "Switch TLS reports on")]
    [InlineData("testing", true, 500, 0, 6, "Stay with testing until reports of 7 days")]
    [InlineData("testing", true, 500, 0, 7, "You can enforce it")]
    [InlineData("testing", true, 499, 1, 14, "Stay with testing: 1 of 500")]
    [InlineData("enforce", true, 500, 0, 14, "")]
    [InlineData("enforce", true, 490, 10, 14, "10 of 500")]
    [InlineData("none", true, 0, 0, 0, "Senders are told")]
    public void The_reports_say_whether_the_policy_may_be_enforced(string mode, bool hasReports, long good, long bad, int days, string begins)
    {
        var advice = AdviseMtaSts.Judge(mode, hasReports, good, bad, days);
        Assert.Equal(begins.Length == 0, advice.Length == 0);
        Assert.StartsWith(begins, advice);
    }
}
