using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Dns.Hosts;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;
using PenguinMails.Secrets;

namespace PenguinMails.Modules.Tests.Fleet.Dns;

/// <summary>DigitalOcean changes single records, so a set of several is halfway for a while: what is left of it is finished, and never taken for a change of somebody else.</summary>
public sealed class DigitalOceanDnsTests(TestDatabase database)
{
    const string Zone = ApiPeer.Zone;

    static readonly DesiredRecords.Place[] Places = [new(Zone, [DnsType.Txt, DnsType.Mx]), new("www." + Zone, [DnsType.Cname])];

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static IDnsHost Open(int port)
    {
        var reach = new DnsReach(new DnsSettings(null), Outbound.From("127.0.0.0/8"), new SealedBox(new MasterKey(new byte[32])), new PlatformHosts("mx.penguin.test", "app.penguin.test")) { HostTimeout = TimeSpan.FromSeconds(10) };
        return reach.Open("digitalocean", Zone, new DnsHostSettings($"http://127.0.0.1:{port}/"), ApiPeer.Token, TimeProvider.System).Value;
    }

    static DnsRecordSet Set(DnsType type, int ttl, params string[] values) => new(Zone, type, ttl, values);

    [Fact]
    public async Task A_record_that_differs_is_replaced_where_it_stands()
    {
        var zone = new OceanZone();
        await using var peer = zone.Peer();
        using var host = Open(peer.Port);
        var before = (await host.Read(Places, Ct)).Value;
        Assert.Equal([Zone], before.Find("www." + Zone, DnsType.Cname)?.Values);
        var id = zone.Shown("MX", "@").Single().Split(' ')[0];
        Assert.Null((await host.Write([new(before.Find(Zone, DnsType.Mx), Set(DnsType.Mx, 300, "20 " + Zone))], Ct)).Problem);
        Assert.Equal([$"{id} @ 300"], zone.Shown("MX", "@"));
        Assert.Equal(["20 " + Zone], (await host.Read(Places, Ct)).Value.Find(Zone, DnsType.Mx)?.Values);
        Assert.DoesNotContain(peer.Asked, asked => asked.StartsWith("DELETE", StringComparison.Ordinal) || asked.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_time_to_live_of_records_that_stay_is_restored_too()
    {
        var zone = new OceanZone();
        await using var peer = zone.Peer();
        using var host = Open(peer.Port);
        var before = (await host.Read(Places, Ct)).Value.Find(Zone, DnsType.Txt);
        Assert.Null((await host.Write([new(before, Set(DnsType.Txt, 60, "v=spf1 -all", "with \"quotes\""))], Ct)).Problem);
        Assert.All(zone.Shown("TXT", "@"), record => Assert.EndsWith(" 60", record));
    }

    [Fact]
    public async Task A_set_is_finished_wherever_its_writing_was_cut_off()
    {
        string[] after = ["v=spf1 ~all", "new one", "new two", "new three"];
        var cuts = 0;
        for (var writes = 0; writes < 10; writes++)
        {
            var zone = new OceanZone { WritesLeft = writes };
            zone.Put("TXT", "@", "old three");
            await using var peer = zone.Peer();
            using var host = Open(peer.Port);
            var change = new DnsChange(Set(DnsType.Txt, 300, "v=spf1 -all", "with \"quotes\"", "old three"), Set(DnsType.Txt, 300, after));
            var first = (await host.Write([change], Ct)).Problem;
            if (first is null) break;
            cuts++;
            Assert.Equal("dns.host_unreachable", first.Code);
            zone.WritesLeft = null;
            var halfway = (await host.Read(Places, Ct)).Value.Find(Zone, DnsType.Txt);
            Assert.True(HalfwaySet.IsBetween(halfway, change.Before, change.After));
            Assert.Null((await host.Write([change], Ct)).Problem);
            Assert.Equal(after.Order(), (await host.Read(Places, Ct)).Value.Find(Zone, DnsType.Txt)?.Values.Order());
        }

        Assert.Equal(4, cuts); // Three are replaced, one is added: each of the four requests was cut once.
    }

    [Fact]
    public async Task A_record_of_somebody_else_stops_the_write_before_its_first_request()
    {
        var zone = new OceanZone();
        await using var peer = zone.Peer();
        using var host = Open(peer.Port);
        var before = (await host.Read(Places, Ct)).Value;
        zone.Put("TXT", "@", "theirs");
        DnsChange[] changes = [new(before.Find(Zone, DnsType.Mx), null), new(before.Find(Zone, DnsType.Txt), Set(DnsType.Txt, 300, "ours"))];
        Assert.Equal("dns.zone_changed", (await host.Write(changes, Ct)).Problem?.Code);
        Assert.All(peer.Asked, asked => Assert.StartsWith("GET", asked));
    }

    [Fact]
    public async Task A_plan_that_stopped_inside_a_set_goes_on_and_one_that_was_not_applied_does_not_take_it_for_its_own()
    {
        await using var world = FleetWorld.Create(database);
        var domain = (await world.AddDomain()).Domain.Id;
        var zone = new OceanZone(world.Name);
        await using var peer = zone.Peer();
        var reach = new DnsReach(world.Dns, Outbound.From("127.0.0.0/8"), world.Box, world.Hosts);
        Assert.Null((await ConnectDnsHost.Handle(world.Actor, domain, new("digitalocean", world.Name, $"http://127.0.0.1:{peer.Port}/", Secret: ApiPeer.Token), world.Db, reach, world.Clock, Ct)).Problem);
        Assert.Null((await ChangeDnsSettings.Handle(world.Actor, domain, new(MxHosts: ["mx1.acme.test", "mx2.acme.test"]), world.Db, reach, world.Clock, Ct)).Problem);
        await Proved(world, domain);
        async Task<DnsPlan> Plan() => (await PlanDns.Handle(world.Actor, domain, world.Db, reach, world.Clock, Ct)).Value;
        async Task<DnsPlan> Find(DnsPlanId id) => (await ReadDns.Plan(world.Actor, domain, id, world.Db, Ct)).Value;

        var first = await Plan();
        zone.Put("MX", "@", "mx1.acme.test", 10); // Between before and after, and not by us.
        Assert.Equal("dns.zone_changed", (await ApplyDnsPlan.Handle(world.Actor, domain, first.Id, world.Db, reach, world.Clock, Ct)).Problem?.Code);

        zone.Put("MX", "@", "old.acme.test", 30);
        var plan = await Plan();
        var mx = plan.Changes.Single(item => item.Purpose == "mx");
        Assert.Equal((3, 2), (mx.Before.Count, mx.After.Count)); // One is replaced and one is taken away: two requests.
        Assert.Null((await ApplyDnsPlan.Handle(world.Actor, domain, plan.Id, world.Db, reach, world.Clock, Ct)).Problem);
        var rounds = 0;
        for (; (await Find(plan.Id)).State == "applying" && rounds < 60; rounds++)
        {
            zone.WritesLeft = 1; // Every run is cut off after one request.
            await WriteDnsPlan.Run(new(world.Workspace, domain, plan.Id, 1), Job(world, reach), Ct);
        }

        Assert.Equal("written", (await Find(plan.Id)).State);
        Assert.True(rounds > plan.Changes.Count(), $"{rounds} rounds");
        Assert.Equal(["10 mx1.acme.test", "20 mx2.acme.test"], zone.Exchanges());
        Assert.DoesNotContain((await Plan()).Items, item => item.IsChange);
    }

    static async Task Proved(FleetWorld world, DomainId domain)
    {
        await using var tx = await world.Db.Begin(world.Tenant, Ct);
        Assert.Equal(1, await tx.Execute("update fleet.dns_setup set proved_at = $3 where tenant_id = $1 and domain_id = $2", Ct, world.Tenant, domain, world.Clock.GetUtcNow()));
        await tx.Commit(Ct);
    }

    static JobRun Job(FleetWorld world, DnsReach reach) => new(new ClaimedJob(default, world.Tenant, WriteDnsPlan.Kind, 1, 10, default, null), world.Db,
        new ServiceCollection().AddSingleton<TimeProvider>(world.Clock).AddSingleton(reach).AddSingleton(world.Dns).BuildServiceProvider());

    public static TheoryData<string, string, string, bool> Halves => new()
    {
        { "a,b", "a,b", "a,c", true }, { "a,c", "a,b", "a,c", true }, { "a,b,c", "a,b", "a,c", true },
        { "b,c", "a,b", "a,c", false }, // What both have is gone.
        { "a", "a,b", "a,c", false }, // Fewer than either: not our order of requests.
        { "a,b,x", "a,b", "a,c", false }, { "", "", "a", true }, { "a", "", "a", true }, { "x", "", "a", false }, { "", "a", "", true }, { "", "a", "b", false },
    };

    [Theory]
    [MemberData(nameof(Halves))]
    public void A_set_is_halfway_only_when_we_could_have_left_it_so(string found, string before, string after, bool isBetween)
    {
        static DnsRecordSet? Of(string values) => values.Length == 0 ? null : Set(DnsType.Txt, 300, values.Split(','));
        Assert.Equal(isBetween, HalfwaySet.IsBetween(Of(found), Of(before), Of(after)));
    }
}
