using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery;
using PenguinMails.Delivery.Collect;
using PenguinMails.Delivery.Content;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Transport;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;
using PenguinMails.Mail.Tests.Peers;
using PenguinMails.Modules.Tests.Delivery.Collect;
using PenguinMails.Secrets;

namespace PenguinMails.Modules.Tests.Delivery.Conversations;

/// <summary>One mailbox of the pool: sends through a real Postfix, is read in a real Dovecot.</summary>
sealed record Side(TenantId Tenant, WorkspaceId Workspace, MailboxId Mailbox, string Address, string User, CuttingProxy Proxy)
{
    public Actor Actor => Actor.System(Tenant, Workspace);
}

/// <summary>Two accounts with three mailboxes: <c>anna</c> and <c>arno</c> of the one, <c>berta</c> of the other. What Postfix hands on is put into Dovecot, as a filter of the test decides into the inbox or Junk.</summary>
sealed partial class PoolWorld : IAsyncDisposable
{
    readonly TestDatabase _database;
    readonly SmtpServer _far;
    MailServerPeer? _postfix;

    PoolWorld(TestDatabase database, Dovecot dovecot)
    {
        (_database, Dovecot) = (database, dovecot);
        _far = SmtpServer.Start(new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("far.test") },
            new SmtpHandler { Data = async (_, delivery, ct) => await Deliver(delivery, ct) }, TimeProvider.System);
    }

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public Dovecot Dovecot { get; }
    public TestClock Clock { get; } = new();
    public PoolOptions Pool { get; set; } = new() { IsOn = true, ReplyPercent = 80, PairDays = 1 };
    public DeliveryOptions Options => new("mx.penguin.test", new Uri("https://app.penguin.test")) { Pool = Pool };
    public List<Side> Sides { get; } = [];
    public Side Anna => Sides[0];
    public Side Arno => Sides[1];
    public Side Berta => Sides[2];
    public Tokens Tokens => _database.Services.GetRequiredService<Tokens>();

    /// <summary>What Postfix handed on, as it was.</summary>
    public ConcurrentBag<string> Delivered { get; } = [];

    /// <summary>Which messages a filter puts into Junk, by their number from 1 in each mailbox.</summary>
    public Func<int, bool> IsJunk { get; set; } = _ => false;

    public static async Task<PoolWorld> Create(TestDatabase database)
    {
        var world = new PoolWorld(database, await Dovecot.Start(Ct, "anna", "arno", "berta"));
        world._postfix = await Postfix.Start(world._far.Endpoint.Port, Ct, allowsClearAuth: true);
        var (one, other) = (database.NewTenant(), database.NewTenant());
        foreach (var (tenant, user) in new[] { (one, "anna"), (one, "arno"), (other, "berta") }) await world.Connect(tenant, user);
        foreach (var tenant in new[] { one, other }) await FindCollections.Tenant(tenant, database.Db, world.Clock.GetUtcNow(), Ct);
        return world;
    }

    async Task Connect(TenantId tenant, string user)
    {
        var proxy = new CuttingProxy(Dovecot.Port);
        var (workspace, address) = (new WorkspaceId(Guid.CreateVersion7()), $"{user}@{tenant.ToString().Replace('_', '-')}.example");
        var connected = await ConnectMailbox.Handle(Actor.System(tenant, workspace), new ConnectMailbox.Input(address, $"{char.ToUpperInvariant(user[0])}{user[1..]} Example",
            new("127.0.0.1", _postfix!.Port, ConnectionSecurity.None, MailServerPeer.User, MailServerPeer.Secret), new("127.0.0.1", proxy.Port, ConnectionSecurity.None, user, MailServerPeer.Secret), 1000, 0, 1),
            _database.Db, _database.Services.GetRequiredService<MailboxSecrets>(), "test", Clock, Ct);
        Sides.Add(new(tenant, workspace, connected.Value.Id, address, user, proxy));
        await using var mailbox = await Open(user);
        await mailbox.Create("Junk", Ct);
    }

    /// <summary>All three consents of each mailbox.</summary>
    public async Task JoinAll(int perDay = 6)
    {
        foreach (var side in Sides)
        {
            Assert.Null((await JoinPool.Handle(side.Actor, new(true), Options, _database.Db, Clock, Ct)).Problem);
            Assert.Null((await SwitchPoolMailbox.Handle(side.Actor, side.Mailbox, new("en", perDay), Options, _database.Db, Clock, Ct)).Problem);
        }
    }

    /// <summary>So much later: what is due is written, sent, delivered and looked at.</summary>
    public async Task Step(TimeSpan by)
    {
        Clock.Advance(by);
        await Converse();
        foreach (var side in Sides) await Dispatch(side);
        await Arrived();
        foreach (var side in Sides) await Look(side);
    }

    public Task Converse() => PenguinMails.Delivery.Conversations.Converse.Once(_database.Db, Tokens, Pool, Clock.GetUtcNow(), Ct);

    public async Task Dispatch(Side side)
    {
        if (await Lane(side) is { } lane)
            await new LaneRun(lane, _database.Db, _database.Services.GetRequiredService<MailboxSecrets>(), _database.Services.GetRequiredService<SealedBox>(), Outbound.From("127.0.0.0/8"),
                SendingWorld.Nowhere(_database.Db, Options, Clock), new RenderMessage(Tokens, Options, Clock), Options, Clock, NullLogger.Instance).Run(Ct);
    }

    /// <summary>As the dispatcher takes it; null when it is not ready.</summary>
    public async Task<Lane?> Lane(Side side)
    {
        const string claim = """
            update delivery.lane set lease_until = $2, lease_token = $3
            where mailbox_id = $4 and ready_at <= $1 and (lease_until is null or lease_until < $1)
            returning wakes, failures
            """;
        var (now, token) = (Clock.GetUtcNow(), Guid.CreateVersion7());
        await using var tx = await _database.Db.BeginUnscoped(Ct);
        var lane = await tx.Maybe(claim, row => new Lane(side.Mailbox, side.Tenant, row.GetInt64(0), row.GetInt32(1), token), Ct, now, now.AddSeconds(60), token, side.Mailbox);
        await tx.Commit(Ct);
        return lane;
    }

    /// <summary>Looks once into a mailbox, as the collector does.</summary>
    public async Task Look(Side side)
    {
        const string claim = """
            update delivery.collection set lease_until = $2, lease_token = $3
            where mailbox_id = $4 and not is_paused and (lease_until is null or lease_until < $1)
            returning since, failures
            """;
        var (now, token) = (Clock.GetUtcNow(), Guid.CreateVersion7());
        Collection? held;
        await using (var tx = await _database.Db.BeginUnscoped(Ct))
        {
            held = await tx.Maybe(claim, row => new Collection(side.Mailbox, side.Tenant, row.GetFieldValue<DateTimeOffset>(0), row.GetInt32(1), token), Ct, now, now.AddSeconds(60), token, side.Mailbox);
            await tx.Commit(Ct);
        }

        using var none = new SemaphoreSlim(0, 1);
        if (held is not null)
            await new CollectRun(held, _database.Db, _database.Services.GetRequiredService<MailboxSecrets>(), Outbound.From("127.0.0.0/8"), new CollectOptions(), none, Clock, NullLogger.Instance, Pool).Run(Ct);
    }

    /// <summary>Until all that the ledgers call sent was handed on.</summary>
    public async Task Arrived()
    {
        for (var tries = 0; Delivered.Count < await Count("select count(*) from delivery.message where tenant_id = $1 and content_id is null and state = 'sent'"); tries++)
        {
            Assert.True(tries < 300, $"Postfix kept something back:\n{_postfix!.Process.Logs()}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ct);
        }
    }

    /// <summary>Over both accounts.</summary>
    public async Task<long> Count(string sql)
    {
        var sum = 0L;
        foreach (var tenant in Sides.Select(side => side.Tenant).Distinct()) sum += await Count(tenant, sql);
        return sum;
    }

    public async Task<long> Count(TenantId tenant, string sql)
    {
        await using var tx = await _database.Db.Begin(tenant, Ct);
        return await tx.One(sql, row => row.GetInt64(0), Ct, tenant);
    }

    public async Task InTenant(TenantId tenant, Func<TenantTx, Task> work)
    {
        await using var tx = await _database.Db.Begin(tenant, Ct);
        await work(tx);
        await tx.Commit(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var side in Sides)
        {
            await JoinPool.Leave(side.Actor, _database.Db, Clock, CancellationToken.None); // Nobody of another world writes to them.
            await side.Proxy.DisposeAsync();
        }

        if (_postfix is not null) await _postfix.DisposeAsync();
        await _far.DisposeAsync();
        await Dovecot.DisposeAsync();
    }
}
