using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Dns;

/// <summary>A domain whose zone a real name server serves, which is also the resolver.</summary>
sealed class DnsWorld : IAsyncDisposable
{
    DnsWorld(FleetWorld fleet, DnsServerProcess server, DomainId domain, DnsReach reach) => (Fleet, Server, Domain, Reach) = (fleet, server, domain, reach);

    public FleetWorld Fleet { get; }
    public DnsServerProcess Server { get; }
    public DomainId Domain { get; }
    public DnsReach Reach { get; set; }
    public TimeProvider Clock { get; set; } = TimeProvider.System;
    public string Name => Fleet.Name;
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<DnsWorld> Bind(TestDatabase database, string[]? lines = null, string[]? above = null, string? zone = null, string algorithm = "hmac-sha256", string granted = "key penguin-key;")
    {
        var fleet = FleetWorld.Create(database);
        string[] parent = ["mx.penguin TXT \"v=spf1 ip4:192.0.2.25 -all\"", $"{fleet.Name.Split('.')[0]} NS ns1.{fleet.Name}.", $"ns1.{fleet.Name}. A 127.0.0.1", .. above ?? []];
        var server = await DnsServerProcess.Bind(zone ?? fleet.Name, lines ?? [], parent, algorithm, granted, Ct);
        return await On(fleet, server);
    }

    public static async Task<DnsWorld> PowerDns(TestDatabase database, params (string Name, string Type, string[] Contents)[] sets)
    {
        var fleet = FleetWorld.Create(database);
        var server = await DnsServerProcess.PowerDns(Ct);
        await server.MakeZone(fleet.Name, Ct, [.. sets.Select(set => ((set.Name + "." + fleet.Name).TrimStart('.'), set.Type, set.Contents))]);
        return await On(fleet, server);
    }

    static async Task<DnsWorld> On(FleetWorld fleet, DnsServerProcess server)
    {
        fleet.Dns = new DnsSettings(server.EndPoint) { AuthorityPort = server.Port };
        var domain = await fleet.AddDomain();
        return new(fleet, server, domain.Domain.Id, new DnsReach(fleet.Dns, Outbound.From("127.0.0.0/8"), fleet.Box, fleet.Hosts));
    }

    public ConnectDnsHost.Input Key => new("rfc2136", null, $"127.0.0.1:{Server.Port}", DnsServerProcess.KeyName, "hmac-sha256", DnsServerProcess.Secret);

    public ConnectDnsHost.Input Api => new("powerdns", null, $"http://127.0.0.1:{Server.ApiPort}", Secret: DnsServerProcess.ApiKey);

    public Task<Result<DnsOverview>> Connect(ConnectDnsHost.Input input) => ConnectDnsHost.Handle(Fleet.Actor, Domain, input, Fleet.Db, Reach, Clock, Ct);

    public async Task<DnsPlan> Plan() => (await PlanDns.Handle(Fleet.Actor, Domain, Fleet.Db, Reach, Clock, Ct)).Value;

    public Task<Result<DnsPlan>> TryApply(DnsPlanId plan) => ApplyDnsPlan.Handle(Fleet.Actor, Domain, plan, Fleet.Db, Reach, Clock, Ct);

    public async Task<DnsPlan> Find(DnsPlanId plan) => (await ReadDns.Plan(Fleet.Actor, Domain, plan, Fleet.Db, Ct)).Value;

    /// <summary>Accepts the plan and runs its job, then the one that looks.</summary>
    public async Task<DnsPlan> Apply(DnsPlanId plan)
    {
        Assert.Null((await TryApply(plan)).Problem);
        await Write(plan);
        return await Watch(plan);
    }

    public Task Write(DnsPlanId plan, int round = 1) => WriteDnsPlan.Run(new(Fleet.Workspace, Domain, plan, round), Job(WriteDnsPlan.Kind), Ct);

    public async Task<DnsPlan> Watch(DnsPlanId plan)
    {
        await WatchDnsPlan.Run(new(Fleet.Workspace, Domain, plan, 1), Job(WatchDnsPlan.Kind), Ct);
        return await Find(plan);
    }

    public JobRun Job(string kind)
    {
        var services = new ServiceCollection().AddSingleton(Clock).AddSingleton(Reach).AddSingleton(Fleet.Dns).BuildServiceProvider();
        return new JobRun(new ClaimedJob(default, Fleet.Tenant, kind, 1, 10, default, null), Fleet.Db, services);
    }

    /// <summary>What the server itself says: values in order of the zone's own presentation.</summary>
    public async Task<string[]> Served(string name, DnsType type)
    {
        var authority = new DnsAuthority(TimeProvider.System, System.Security.Cryptography.RandomNumberGenerator.Fill);
        var full = name.Length == 0 ? Name : $"{name}.{Name}";
        return [.. DnsRecordSet.Of((await authority.Ask(Server.EndPoint, full, type, Ct)).Records).SelectMany(set => set.Values).Order(StringComparer.Ordinal)];
    }

    /// <summary>Another hand changes the zone meanwhile.</summary>
    public async Task Meddle(DnsType type, string name, string? before, string? after)
    {
        using var host = Reach.Open("rfc2136", Name, new DnsHostSettings($"127.0.0.1:{Server.Port}", DnsServerProcess.KeyName, "hmac-sha256"), DnsServerProcess.Secret, TimeProvider.System).Value;
        DnsRecordSet? Set(string? value) => value is null ? null : new DnsRecordSet(name.Length == 0 ? Name : $"{name}.{Name}", type, 60, [value]);
        Assert.Null((await host.Write([new DnsChange(Set(before), Set(after))], Ct)).Problem);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Fleet.DisposeAsync();
    }
}
