using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Keys;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Secrets;

/// <summary>Tests whose workers take jobs of secrets: one after another.</summary>
[CollectionDefinition(nameof(SecretsWorld))]
public sealed class SecretsCollection;

/// <summary>The module with a clock, a worker and master keys of its own, and one tenant.</summary>
sealed class SecretsWorld : IAsyncDisposable
{
    readonly TestDatabase _database;

    public SecretsWorld(TestDatabase database, SecretsOptions? options = null, Func<ISecretStore, ISecretStore>? around = null, params Rotator[] rotators)
    {
        _database = database;
        Tenant = database.NewTenant();
        Clock.Advance(TimeSpan.FromDays(2500)); // Ahead of every other test, so that their workers leave these jobs alone.
        var subscribers = new Subscribers();
        Db = new TenantDb(database.Source, subscribers, new JobSignal());
        Kinds = new JobKinds(subscribers);
        Services = Register(options ?? SecretsOptions.Sealed, around, rotators);
        SecretsModule.Module.Jobs(Kinds);
    }

    public TenantId Tenant { get; }
    public TenantDb Db { get; }
    public TestClock Clock { get; } = new();
    public JobKinds Kinds { get; }
    public ServiceProvider Services { get; }
    public ISecretStore Store => Services.GetRequiredService<ISecretStore>();
    public MasterKeys Masters => Services.GetRequiredService<MasterKeys>();
    public Rotators Rotators => Services.GetRequiredService<Rotators>();
    public SecretAccess Access => new(Actor.System(Tenant), "a test", "test");
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A person of this tenant with the given permissions; all of those of secrets if none are named.</summary>
    public Actor Person(params string[] permissions)
    {
        var user = new UserId(Guid.CreateVersion7());
        string[] given = permissions.Length > 0 ? permissions : [Permissions.SecretsRead, Permissions.SecretsManage, Permissions.SecretsBreakGlass];
        return new Actor(ActorKind.Person, Tenant, null, user, user.ToString(), given.ToFrozenSet());
    }

    public Task Jobs() => new JobWorker(Db, Kinds, new JobSignal(), Services, Clock, NullLogger<JobWorker>.Instance).RunDue(Ct);

    public async Task<long> Count(string sql, params object?[] values)
    {
        await using var tx = await Db.Begin(Tenant, Ct);
        return await tx.One(sql, row => row.GetInt64(0), Ct, [Tenant, .. values]);
    }

    public async Task Do(string sql, params object?[] values)
    {
        await using var tx = await Db.Begin(Tenant, Ct);
        await tx.Execute(sql, Ct, [Tenant, .. values]);
        await tx.Commit(Ct);
    }

    public async Task<List<AuditEntry>> Chain() => await Audit.Newest(Db, Tenant, null, 200, Ct);

    /// <summary>Leaves no job behind for another test's worker, whose peer is another.</summary>
    public async ValueTask DisposeAsync()
    {
        await Do("update core.job set state = 'cancelled', finished_at = $2 where tenant_id = $1 and state = 'ready'", Clock.GetUtcNow());
        await Services.DisposeAsync();
    }

    ServiceProvider Register(SecretsOptions options, Func<ISecretStore, ISecretStore>? around, Rotator[] rotators)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(Db);
        services.AddSingleton(new MasterKey(new byte[32]));
        services.AddSingleton(options);
        foreach (var rotator in rotators) services.AddSingleton(rotator);
        SecretsModule.Module.Services(services);
        if (around is not null)
        {
            var inner = new ServiceCollection();
            foreach (var one in services) ((IServiceCollection)inner).Add(one);
            var provider = inner.BuildServiceProvider();
            services.AddSingleton(_ => around(provider.GetRequiredService<ISecretStore>()));
        }

        return services.BuildServiceProvider();
    }
}
