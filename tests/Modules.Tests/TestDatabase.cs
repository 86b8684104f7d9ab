using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery;
using PenguinMails.Fleet.Domains;
using PenguinMails.Modules.Tests;

[assembly: AssemblyFixture(typeof(TestDatabase))]

namespace PenguinMails.Modules.Tests;

/// <summary>A throw-away PostgreSQL cluster with every module migrated; each test makes its own tenant, so rows are never shared.</summary>
public sealed class TestDatabase : IAsyncLifetime
{
    static int _tenants;
    PrivateCluster? _cluster;
    NpgsqlDataSource? _beside;

    public Database Connections { get; private set; } = new("", "");
    public NpgsqlDataSource Source { get; private set; } = null!;
    public NpgsqlDataSource OwnerSource { get; private set; } = null!;
    public TenantDb Db { get; private set; } = null!;
    public JobKinds Kinds { get; private set; } = null!;
    public Subscribers Subscribers { get; } = new();
    /// <summary>Stands still for all; a test that moves time makes a clock of its own.</summary>
    public TestClock Clock { get; } = new();
    /// <summary>Far beyond every other clock: jobs ordered then are due for no worker of another test, which would reach for real machines and hosts.</summary>
    public static readonly TimeSpan Apart = TimeSpan.FromDays(3650);

    public ServiceProvider Services { get; private set; } = null!;
    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "penguin-tests-" + Environment.ProcessId);

    public async ValueTask InitializeAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        _cluster = await PrivateCluster.Start(Folder, durable: false, TimeProvider.System, ct);
        Connections = _cluster.Database;
        Source = Connections.Open();
        OwnerSource = Connections.OpenAsOwner();
        await Migrator.Apply(OwnerSource, [.. AllModules.List.SelectMany(m => Migrator.From(m.Assembly))], TimeProvider.System, ct);
        _beside = Connections.OpenBeside();
        Db = new TenantDb(Source, Subscribers, new JobSignal(), _beside);
        Kinds = new JobKinds(Subscribers);
        Services = Register();
    }

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        await Source.DisposeAsync();
        if (_beside is not null) await _beside.DisposeAsync();
        await OwnerSource.DisposeAsync();
        if (_cluster is not null) await _cluster.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A tenant id nobody else uses.</summary>
    public TenantId NewTenant() => TypedId.New<TenantId>(Clock.GetUtcNow().AddMilliseconds(Interlocked.Increment(ref _tenants)));

    /// <summary>Returns when no due job of this tenant is left. Tests run at the same time share the queue, so another test's worker may hold one.</summary>
    public async Task RunJobs(TenantId tenant, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        do
        {
            await Worker(Kinds, Clock).RunDue(patience.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
        while (await Due(tenant, patience.Token) > 0);
    }

    async Task<long> Due(TenantId tenant, CancellationToken ct)
    {
        await using var tx = await Db.BeginUnscoped(ct);
        return await tx.One("select count(*) from core.job where tenant_id = $1 and state in ('ready', 'running') and due_at <= $2", row => row.GetInt64(0), ct, tenant, Clock.GetUtcNow());
    }

    public JobWorker Worker(JobKinds kinds, TimeProvider clock) => new(Db, kinds, new JobSignal(), Services, clock, LoggerFactory.Create(_ => { }).CreateLogger<JobWorker>());

    ServiceProvider Register()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(Db);
        services.AddSingleton(Source);
        services.AddSingleton(new MasterKey(new byte[32]));
        services.AddSingleton(Outbound.From("127.0.0.0/8"));
        services.AddSingleton(new JobSignal());
        services.AddSingleton(new PlatformHosts("mx.penguin.test", "app.penguin.test"));
        services.AddSingleton(new DeliveryOptions("mx.penguin.test", new Uri("https://app.penguin.test")));
        foreach (var module in AllModules.List)
        {
            module.Services(services);
            module.Jobs(Kinds);
        }

        return services.BuildServiceProvider();
    }
}

/// <summary>A clock that stands still until a test moves it.</summary>
public sealed class TestClock : TimeProvider
{
    DateTimeOffset _now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}
