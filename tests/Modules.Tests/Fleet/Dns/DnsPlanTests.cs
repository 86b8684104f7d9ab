using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Dns;

/// <summary>Plans for a zone that is changed by hand, with the sandbox as DNS: what is shown, to whom, and what is said about odd zones.</summary>
public sealed class DnsPlanTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static DnsReach Reach(FleetWorld world) => new(world.Dns, Outbound.From("127.0.0.0/8"), world.Box, world.Hosts);

    static async Task<(DomainId Domain, DnsReach Reach)> Start(FleetWorld world)
    {
        var domain = (await world.AddDomain()).Domain.Id;
        var reach = Reach(world);
        Assert.Null((await ConnectDnsHost.Handle(world.Actor, domain, new("by_hand", world.Name), world.Db, reach, world.Clock, Ct)).Problem);
        return (domain, reach);
    }

    static async Task<DnsPlan> Plan(FleetWorld world, DomainId domain, DnsReach reach)
    {
        var made = await PlanDns.Handle(world.Actor, domain, world.Db, reach, TimeProvider.System, Ct);
        Assert.Null(made.Problem);
        return made.Value;
    }

    [Fact]
    public async Task A_plan_names_what_is_missing_what_changes_and_what_stays()
    {
        await using var world = FleetWorld.Create(database);
        var (domain, reach) = await Start(world);
        world.Publish(world.Name, DnsType.Txt, "v=spf1 ip4:198.51.100.7 -all", "MS=ms1234");
        world.Publish("bounce." + world.Name, DnsType.Mx, "10 mx.penguin.test");
        var plan = await Plan(world, domain, reach);
        Assert.Equal("ready", plan.State);
        PlanItem Item(string purpose) => plan.Items.Single(item => item.Purpose == purpose);
        Assert.Equal("change", Item("spf").Action);
        Assert.Equal(["MS=ms1234", "v=spf1 ip4:198.51.100.7 include:mx.penguin.test -all"], Item("spf").After.Order());
        Assert.Equal(("leave", "create", "create"), (Item("return_path").Action, Item("dkim").Action, Item("ownership").Action));
        Assert.All(plan.Items, item => Assert.NotEmpty(item.Why));
        Assert.Equal(plan.Items.Select(item => item.Id).Distinct().Count(), plan.Items.Count);
        Assert.Equal("dns.by_hand", (await ApplyDnsPlan.Handle(world.Actor, domain, plan.Id, world.Db, reach, TimeProvider.System, Ct)).Problem?.Code);
        var again = await Plan(world, domain, reach);
        Assert.Equal("stale", (await ReadDns.Plan(world.Actor, domain, plan.Id, world.Db, Ct)).Value.State);
        Assert.Equal(plan.Items.Select(item => item.Id), again.Items.Select(item => item.Id)); // The same difference has the same ids.
    }

    [Fact]
    public async Task The_zone_file_holds_every_record_in_strings_a_server_takes()
    {
        await using var world = FleetWorld.Create(database);
        var (domain, reach) = await Start(world);
        var plan = await Plan(world, domain, reach);
        var lines = (await ReadDns.ZoneFile(world.Actor, domain, plan.Id, world.Db, Ct)).Value.Split('\n');
        Assert.Equal($"$ORIGIN {world.Name}.", lines[1]);
        Assert.Contains($"bounce.{world.Name}. 300 IN MX 10 mx.penguin.test.", lines);
        Assert.Contains($"{world.Name}. 300 IN TXT \"v=spf1 include:mx.penguin.test ~all\"", lines);
        var key = lines.Single(line => line.Contains("_domainkey", StringComparison.Ordinal) && line.StartsWith(plan.Items.Single(item => item.Purpose == "dkim").Name + ".", StringComparison.Ordinal));
        var strings = key.Split('"').Where((_, i) => i % 2 == 1).ToList();
        Assert.Equal(2, strings.Count);
        Assert.Equal(255, strings[0].Length);
        Assert.Equal(plan.Items.Single(item => item.Purpose == "dkim").After[0], string.Concat(strings));
    }

    public static TheoryData<string, DnsType, string, string, bool> Oddities => new()
    {
        { "", DnsType.Cname, "elsewhere.test", "name.alias", true },
        { "bounce.", DnsType.Cname, "elsewhere.test", "name.alias", true },
        { "track.", DnsType.A, "192.0.2.9", "name.taken", true },
        { "", DnsType.Mx, "0 .", "mx.null", false },
        { "www.", DnsType.A, "192.0.2.9", "mx.none", false },
        { "", DnsType.Txt, "v=spf1 ip4:1.2.3 -all", "spf.broken", true },
    };

    [Theory]
    [MemberData(nameof(Oddities))]
    public async Task An_odd_zone_gets_an_explanation_and_a_way_out(string host, DnsType type, string value, string code, bool isBlocking)
    {
        await using var world = FleetWorld.Create(database);
        var (domain, reach) = await Start(world);
        world.Publish(host + world.Name, type, value);
        var plan = await Plan(world, domain, reach);
        var finding = plan.Findings.First(one => one.Code == code);
        Assert.Equal(isBlocking, finding.IsBlocking);
        Assert.NotEmpty(finding.WayOut);
        if (isBlocking) Assert.DoesNotContain(plan.Items, item => item.Name == finding.Name && item.Action is "create" or "change" && item.Name == host + world.Name);
    }

    [Fact]
    public async Task A_plan_done_by_hand_is_verified_only_when_a_server_of_the_zone_shows_it()
    {
        await using var world = FleetWorld.Create(database);
        var (domain, reach) = await Start(world);
        var plan = await Plan(world, domain, reach);
        foreach (var item in plan.Items.Where(item => item.After.Count > 0)) world.Publish(item.Name, item.RecordType, [.. item.After]);
        var looked = (await WatchDnsPlan.Handle(world.Actor, domain, plan.Id, world.Db, reach, TimeProvider.System, Ct)).Value;
        Assert.Equal("ready", looked.State);
        Assert.Contains("no server", looked.Problem);
        Assert.Equal(plan.Items.Count, Assert.Single(looked.Seen).Right);
    }

    [Fact]
    public async Task Dmarc_becomes_stricter_only_with_a_reason()
    {
        await using var world = FleetWorld.Create(database);
        var (domain, reach) = await Start(world);
        Task<Result<DnsOverview>> Change(ChangeDnsSettings.Input input) => ChangeDnsSettings.Handle(world.Actor, domain, input, world.Db, reach, world.Clock, Ct);
        Assert.Equal("dns.settings_invalid", (await Change(new(DmarcStage: "quarantine"))).Problem?.Code);
        Assert.Equal("dns.settings_invalid", (await Change(new(DmarcStage: "strict", DmarcReason: "x"))).Problem?.Code);
        Assert.Equal("quarantine", (await Change(new(DmarcStage: "quarantine", DmarcReason: "Two weeks of reports, all passing."))).Value.Setup.DmarcStage);
        Assert.StartsWith("v=DMARC1; p=quarantine;", (await Plan(world, domain, reach)).Items.Single(item => item.Purpose == "dmarc").After[0]);
        Assert.Equal("none", (await Change(new(DmarcStage: "none"))).Value.Setup.DmarcStage); // Weaker needs none.
    }

    [Fact]
    public async Task Keys_rotate_without_the_customer_once_the_waiting_one_is_in_dns()
    {
        await using var world = FleetWorld.Create(database);
        var (domain, reach) = await Start(world);
        var plan = await Plan(world, domain, reach);
        Task<Result<DnsOverview>> Rotate() => RotateDkim.Handle(world.Actor, domain, world.Db, reach, world.Clock, Ct);
        Assert.Equal("dkim.not_published", (await Rotate()).Problem?.Code);
        var (first, next) = (plan.Items.Single(item => item.Purpose == "dkim"), plan.Items.Single(item => item.Purpose == "dkim_next"));
        foreach (var item in new[] { first, next }) world.Publish(item.Name, DnsType.Txt, [.. item.After]);
        Assert.Null((await Rotate()).Problem);
        var after = (await ListDomains.One(world.Actor, domain, world.Db, Ct)).Value;
        Assert.StartsWith(after.Domain.DkimSelector + ".", next.Name);
        Assert.Equal(next.After[0], after.Records.Single(record => record.Kind == "dkim").Expected);
        Assert.Equal("ok", (await world.Check(domain)).Records.Single(record => record.Kind == "dkim").State);
        Assert.Equal("leave", (await Plan(world, domain, reach)).Items.Single(item => item.Purpose == "dkim_next").Action);
    }

    [Fact]
    public async Task Drift_is_answered_with_one_plan_that_waits_for_a_person()
    {
        await using var world = FleetWorld.Create(database);
        var (domain, reach) = await Start(world);
        await OfferRepair.Run(world.Actor, domain, world.Db, reach, TimeProvider.System, Ct);
        await OfferRepair.Run(world.Actor, domain, world.Db, reach, TimeProvider.System, Ct);
        var plan = Assert.Single((await ReadDns.Plans(world.Actor, domain, null, null, world.Db, Ct)).Value.Items);
        Assert.Equal(("ready", "drift"), (plan.State, plan.Origin));
    }

    [Fact]
    public async Task Another_tenant_another_workspace_and_a_reader_get_nowhere()
    {
        await using var world = FleetWorld.Create(database);
        var (domain, reach) = await Start(world);
        var plan = (await Plan(world, domain, reach)).Id;
        foreach (var stranger in new[] { Actor.System(database.NewTenant(), world.Workspace), Actor.System(world.Tenant, new WorkspaceId(Guid.CreateVersion7())) })
            Assert.All(await Everything(world, stranger, domain, plan, reach, true), problem => Assert.Equal("domain.not_found", problem?.Code));
        var reader = new Actor(ActorKind.Person, world.Tenant, world.Workspace, null, "reader", System.Collections.Frozen.FrozenSet.ToFrozenSet([Permissions.DomainsRead]));
        Assert.All(await Everything(world, reader, domain, plan, reach, false), problem => Assert.Equal("permission.missing", problem?.Code));
        var guest = new Actor(ActorKind.Person, world.Tenant, world.Workspace, null, "guest", System.Collections.Frozen.FrozenSet<string>.Empty);
        Assert.All(await Everything(world, guest, domain, plan, reach, true), problem => Assert.Equal("permission.missing", problem?.Code));
    }

    static async Task<Problem?[]> Everything(FleetWorld world, Actor actor, DomainId domain, DnsPlanId plan, DnsReach reach, bool reading)
    {
        Problem?[] writing =
        [
            (await ConnectDnsHost.Handle(actor, domain, new("by_hand"), world.Db, reach, world.Clock, Ct)).Problem,
            (await ChangeDnsSettings.Handle(actor, domain, new(), world.Db, reach, world.Clock, Ct)).Problem,
            (await PlanDns.Handle(actor, domain, world.Db, reach, world.Clock, Ct)).Problem,
            (await ApplyDnsPlan.Handle(actor, domain, plan, world.Db, reach, world.Clock, Ct)).Problem,
            (await WatchDnsPlan.Handle(actor, domain, plan, world.Db, reach, world.Clock, Ct)).Problem,
            (await UndoDnsPlan.Handle(actor, domain, plan, world.Db, reach, world.Clock, Ct)).Problem,
            (await RotateDkim.Handle(actor, domain, world.Db, reach, world.Clock, Ct)).Problem,
        ];
        return !reading ? writing :
        [
            .. writing,
            (await ReadDns.Handle(actor, domain, world.Db, reach, world.Clock, Ct)).Problem,
            (await ReadDns.Plans(actor, domain, null, null, world.Db, Ct)).Problem,
            (await ReadDns.Plan(actor, domain, plan, world.Db, Ct)).Problem,
            (await ReadDns.ZoneFile(actor, domain, plan, world.Db, Ct)).Problem,
        ];
    }

    [Fact]
    public async Task The_credential_is_sealed_and_shown_nowhere()
    {
        await using var world = FleetWorld.Create(database);
        var (domain, reach) = await Start(world);
        var input = new ConnectDnsHost.Input("rfc2136", world.Name, "127.0.0.1:1", "key", "hmac-sha256", "c2VjcmV0LXRoYXQtbm9ib2R5LXNlZXM=");
        var problem = (await ConnectDnsHost.Handle(world.Actor, domain, input, world.Db, reach with { Dns = world.Dns with { Timeout = TimeSpan.FromMilliseconds(50) } }, TimeProvider.System, Ct)).Problem;
        Assert.DoesNotContain("c2Vjcm", problem?.Detail + input);
        Assert.DoesNotContain("c2Vjcm", JsonSerializer.Serialize((await ReadDns.Handle(world.Actor, domain, world.Db, reach, world.Clock, Ct)).Value, Json.Web));
    }
}
