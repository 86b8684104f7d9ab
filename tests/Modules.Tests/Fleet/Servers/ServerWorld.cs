using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Servers.Hosts;
using PenguinMails.Secrets.Store;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>A tenant of its own whose machines are an sshd on loopback, and whose host is a listener.</summary>
sealed class ServerWorld
{
    readonly TestDatabase _database;

    public ServerWorld(TestDatabase database, HostPeer? host = null)
    {
        _database = database;
        Tenant = database.NewTenant();
        Clock.Advance(TestDatabase.Apart);
        Reach = new ServerReach(SshServerProcess.Loopback, database.Services.GetRequiredService<ISecretStore>(), host?.Settings ?? ServerHostSettings.Usual);
    }

    public TenantId Tenant { get; }
    public WorkspaceId Workspace { get; } = new(Guid.CreateVersion7());
    public Actor Actor => Actor.System(Tenant, Workspace);
    public TenantDb Db => _database.Db;
    public TestClock Clock { get; } = new();
    public ServerReach Reach { get; set; }
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public Actor Person(params string[] permissions) => new(ActorKind.Person, Tenant, Workspace, new UserId(Guid.CreateVersion7()), "a person", permissions.ToFrozenSet());

    public AddServer.Input Own(SshServerProcess machine, string hostName = "mail.acme.test") => new("Main", hostName, "127.0.0.1", machine.Port, Environment.UserName);

    /// <summary>Added, the key put where the page says, and checked.</summary>
    public async Task<Server> Ready(SshServerProcess machine, string hostName = "mail.acme.test")
    {
        var added = (await AddServer.Handle(Actor, Own(machine, hostName), Db, Reach, Clock, Ct)).Value;
        machine.Authorise(machine.Key.PublicLine, added.PublicKey);
        return await Check(added.Id);
    }

    public async Task<Server> Check(ServerId id) => (await CheckServer.Handle(Actor, id, Db, Reach, Clock, Ct)).Value;

    public async Task<Server> Read(ServerId id) => (await ListServers.One(Actor, id, Db, Ct)).Value;

    public Task<Result<Server>> Destroy(ServerId id, string? confirm, bool alsoUsed = false) => DestroyServer.Handle(Actor, id, new(confirm, alsoUsed), Db, Clock, Ct);

    public async Task<Server> TakeDown(ServerId id, int round = 1)
    {
        await TakeDownServer.Run(new(Workspace, id, round), Job(TakeDownServer.Kind), Ct);
        return await Read(id);
    }

    public JobRun Job(string kind)
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(Clock).AddSingleton(Reach).BuildServiceProvider();
        return new JobRun(new ClaimedJob(default, Tenant, kind, 1, 10, default, null), Db, services);
    }

    public async Task Do(string sql, params object?[] values)
    {
        await using var tx = await Db.Begin(Tenant, Ct);
        await tx.Execute(sql, Ct, [Tenant, .. values]);
        await tx.Commit(Ct);
    }

    public async Task<List<string>> Audited() => [.. (await Audit.Newest(Db, Tenant, null, 200, Ct)).Select(entry => entry.Action).Where(action => action.StartsWith("server.", StringComparison.Ordinal)).Reverse()];
}
