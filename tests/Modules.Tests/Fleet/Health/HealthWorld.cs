using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Health;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Servers.Hosts;
using PenguinMails.Mail.Dns;
using PenguinMails.Modules.Tests.Fleet.Dns;
using PenguinMails.Modules.Tests.Fleet.Servers;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Fleet.Health;

/// <summary>A domain on a server of its own, with lists, a registry and a mail server that listen on loopback.</summary>
sealed class HealthWorld : IAsyncDisposable
{
    public const string Address = "198.51.100.7";
    readonly TestDatabase _database;
    readonly string _bootstrap;

    HealthWorld(TestDatabase database, FleetWorld fleet, MailListener mail)
    {
        (_database, Fleet, Mail) = (database, fleet, mail);
        Registry = new ApiPeer(Answer);
        _bootstrap = $$"""{"version":"1.0","services":[[["com","net"],["http://127.0.0.1:1/"]],[["test"],["http://127.0.0.1:{{Registry.Port}}/"]]]}""";
        Rdap = NewRdap();
    }

    public FleetWorld Fleet { get; }
    public MailListener Mail { get; }
    public ApiPeer Registry { get; }
    public Rdap Rdap { get; }
    public DomainId Domain { get; private set; }
    public string SpamhausKey { get; set; } = "";
    public string Name => Fleet.Name;
    public string Host => $"mail.{Name}";

    /// <summary>What the registry answers for a domain.</summary>
    public Func<string, (int Status, string Body)> Registration { get; set; } = _ => (404, "{}");

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    Outbound Outbound => Outbound.From("127.0.0.0/8", Fleet.Dns.Addresses);

    HealthSettings Settings => new()
    {
        SpamhausKey = SpamhausKey, Bootstrap = new Uri($"http://127.0.0.1:{Registry.Port}/dns.json"), SubmissionPort = Mail.SubmissionPort, ImapsPort = Mail.ImapsPort, Roots = Mail.Roots, Timeout = TimeSpan.FromSeconds(5),
    };

    public HealthReach Reach => new(Fleet.Dns, Outbound, Fleet.Hosts, Settings, Rdap);

    public Rdap NewRdap() => new(Settings, Outbound, Fleet.Clock);

    /// <summary>Everything right.</summary>
    public static async Task<HealthWorld> Create(TestDatabase database)
    {
        var fleet = FleetWorld.Create(database);
        var world = new HealthWorld(database, fleet, MailListener.Start($"mail.{fleet.Name}", fleet.Clock.GetUtcNow()));
        var detail = await fleet.AddDomain();
        world.Domain = detail.Domain.Id;
        await world.Assign(detail.Domain);
        fleet.PublishAll((await ListDomains.One(fleet.Actor, world.Domain, fleet.Db, Ct)).Value);
        fleet.Publish(world.Host, DnsType.A, "127.0.0.1");
        await fleet.Check(world.Domain);
        foreach (var list in Blocklist.All) fleet.Publish(list.Question(list.TestListed, ""), DnsType.A, list.Codes[0].Address);
        world.Registration = world.Until(fleet.Clock.GetUtcNow().AddDays(300));
        return world;
    }

    async Task Assign(Domain domain)
    {
        var reach = new ServerReach(SshServerProcess.Loopback, _database.Services.GetRequiredService<ISecretStore>(), ServerHostSettings.Usual);
        var added = (await AddServer.Handle(Fleet.Actor, new("Main", Host, Address, 9), Fleet.Db, reach, Fleet.Clock, Ct)).Value;
        await using var tx = await Fleet.Db.Begin(Fleet.Tenant, Ct);
        var server = await PenguinMails.Fleet.Servers.Server.Find(tx, Fleet.Workspace, added.Id, Ct);
        await AssignServer.Within(tx, domain, server!, Fleet.Box, Fleet.Hosts, Fleet.Clock.GetUtcNow(), Ct);
        await tx.Commit(Ct);
    }

    public Func<string, (int, string)> Until(DateTimeOffset until) => name => name == Name
        ? (200, $$"""{"objectClassName":"domain","ldhName":"{{name}}","events":[{"eventAction":"registration","eventDate":"2020-01-01T00:00:00Z"},{"eventAction":"expiration","eventDate":"{{until:yyyy-MM-ddTHH:mm:ssZ}}"}]}""")
        : (404, """{"errorCode":404}""");

    (int, string) Answer(HttpListenerRequest request, string body)
    {
        var path = request.Url!.AbsolutePath;
        return path == "/dns.json" ? (200, _bootstrap) : path.StartsWith("/domain/", StringComparison.Ordinal) ? Registration(path["/domain/".Length..]) : (404, "");
    }

    /// <summary>Puts something on a list.</summary>
    public void List(string id, string subject, params string[] codes) => Fleet.Publish(Blocklist.All.Single(list => list.Id == id).Question(subject, SpamhausKey), DnsType.A, codes);

    public async Task<DomainHealth> Check()
    {
        var health = await CheckHealth.Handle(Fleet.Actor, Domain, Fleet.Db, Reach, Fleet.Clock, Ct);
        Assert.Null(health.Problem);
        return health.Value;
    }

    public JobRun Job(string kind)
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(Fleet.Clock).AddSingleton(Reach).AddSingleton(Fleet.Dns).BuildServiceProvider();
        return new JobRun(new ClaimedJob(default, Fleet.Tenant, kind, 1, 50, default, null), Fleet.Db, services);
    }

    public async ValueTask DisposeAsync()
    {
        Rdap.Dispose();
        await Registry.DisposeAsync();
        await Mail.DisposeAsync();
        await Fleet.DisposeAsync();
    }
}
