using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery;
using PenguinMails.Delivery.Content;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Direct;
using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Transport;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;
using PenguinMails.Secrets;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>A tenant with one mailbox whose SMTP server is a real listener that the test scripts.</summary>
sealed class SendingWorld : IAsyncDisposable
{
    readonly TestDatabase _database;
    readonly SmtpServer _server;
    int _mails;

    SendingWorld(TestDatabase database, TenantId tenant, Func<SmtpDelivery, SmtpAnswer> answer)
    {
        (_database, Tenant) = (database, tenant);
        _server = SmtpServer.Start(new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("sink.test"), AllowsClearAuth = true },
            new SmtpHandler
            {
                Auth = (_, _, _, _) =>
                {
                    _mails = 0;
                    return ValueTask.FromResult(new SmtpAnswer(235, "2.7.0", "Welcome"));
                },
                Mail = (_, _, _) => ValueTask.FromResult(OnMail(Interlocked.Increment(ref _mails))),
                Data = (_, delivery, _) =>
                {
                    var reply = answer(delivery);
                    if (reply.Code == 250) Received.Add(delivery);
                    return ValueTask.FromResult(reply);
                },
            }, TimeProvider.System);
    }

    public TenantId Tenant { get; }
    public WorkspaceId Workspace { get; } = new(Guid.CreateVersion7());
    public Guid Campaign { get; } = Guid.CreateVersion7();
    public TestClock Clock { get; } = new();
    public ConcurrentBag<SmtpDelivery> Received { get; } = [];
    public MailboxId Mailbox { get; private set; }
    /// <summary>Answers MAIL by its number since the last log-in.</summary>
    public Func<int, SmtpAnswer> OnMail { get; set; } = _ => SmtpAnswer.Ok;
    /// <summary>The way to recipients' servers; null: there are none.</summary>
    public DirectReach? Reach { get; set; }
    /// <summary>Where this machine keeps what was begun; null: nowhere.</summary>
    public string? Journals { get; set; }
    public Guid Content { get; private set; }
    public DomainId Domain { get; private set; }
    public Actor Actor => Actor.System(Tenant, Workspace);
    public Tokens Tokens => _database.Services.GetRequiredService<Tokens>();
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Answers DATA; null accepts.</summary>
    public static async Task<SendingWorld> Create(TestDatabase database, Func<SmtpDelivery, SmtpAnswer>? answer = null, int cap = 1000, int gap = 0, int connections = 1, SendWindow? window = null, SendPlan? plan = null, string? html = null, string? text = null, ConnectMailbox.ServerInput? imap = null,
        WriteContent.Tracking? tracking = null, ChooseTransport.Input? transport = null)
    {
        var tenant = database.NewTenant();
        var world = new SendingWorld(database, tenant, answer ?? (_ => SmtpAnswer.Ok));
        var secrets = database.Services.GetRequiredService<MailboxSecrets>();
        if (transport is not null) await world.AddDomain(transport);
        var connected = await ConnectMailbox.Handle(world.Actor, new ConnectMailbox.Input($"sender@{tenant.ToString().Replace('_', '-')}.example", "Sender",
            new ConnectMailbox.ServerInput("127.0.0.1", world._server.Endpoint.Port, ConnectionSecurity.None, "u", "p"), imap, cap, gap, connections), database.Db, secrets, "test", world.Clock, Ct);
        world.Mailbox = connected.Value.Id;
        await using var tx = await database.Db.Begin(tenant, Ct);
        world.Content = await WriteContent.Within(tx, new WriteContent.Step(world.Campaign, 1, "Hello {{first_name|there}}", html, text ?? "Hi {{first_name|there}}\n{{unsubscribe_url}}\n", "Sender Ltd", "1 Street", tracking),
            world.Clock.GetUtcNow(), Ct);
        await ControlCampaign.Start(tx, world.Campaign, world.Workspace, plan ?? SendPlan.Plain(window ?? SendWindow.Always), world.Clock.GetUtcNow(), Ct);
        await tx.Commit(Ct);
        return world;
    }

    /// <summary>For mailboxes that send through their own servers.</summary>
    public static DirectReach Nowhere(TenantDb db, DeliveryOptions options, TimeProvider clock) => new(new PenguinMails.Mail.Dns.MemoryZone(), (_, _) => ValueTask.FromResult<string?>(null), Outbound.From(""), db, options, clock);

    async Task AddDomain(ChooseTransport.Input transport)
    {
        var hosts = _database.Services.GetRequiredService<PlatformHosts>();
        Domain = (await PenguinMails.Fleet.Domains.AddDomain.Handle(Actor, new($"{Tenant.ToString().Replace('_', '-')}.example"), _database.Db, _database.Services.GetRequiredService<SealedBox>(), hosts, Clock, Ct)).Value.Id;
        Assert.True((await ChooseTransport.Handle(Actor, Domain, transport, _database.Db, Outbound.From("127.0.0.0/8"), hosts, Clock, Ct)).IsOk);
    }

    /// <summary>A second mailbox at the same server, with room for 1,000 a day.</summary>
    public async Task<MailboxId> AnotherMailbox() => (await ConnectMailbox.Handle(Actor, new ConnectMailbox.Input($"other@{Tenant.ToString().Replace('_', '-')}.example", "Other",
        new ConnectMailbox.ServerInput("127.0.0.1", _server.Endpoint.Port, ConnectionSecurity.None, "u", "p"), null, 1000, 0, 1), _database.Db, _database.Services.GetRequiredService<MailboxSecrets>(), "test", Clock, Ct)).Value.Id;

    public async Task<int> Enqueue(params string[] addresses) => await Enqueue([.. addresses.Select(a => (Guid.CreateVersion7(), a))]);

    /// <summary>One whose country, zone or consent is known.</summary>
    public async Task<Guid> Enqueue(string address, RecipientFacts known)
    {
        var contact = Guid.CreateVersion7();
        await InTenant(tx => EnqueueMessages.Within(tx, Workspace, Campaign, 1, Content, [new(contact, address, "{}", Mailbox.Value, known)], Clock.GetUtcNow(), Tokens, Clock.GetUtcNow(), Ct));
        return contact;
    }

    public async Task<int> Enqueue((Guid Contact, string Address)[] contacts)
    {
        await using var tx = await _database.Db.Begin(Tenant, Ct);
        var added = await EnqueueMessages.Within(tx, Workspace, Campaign, 1, Content, [.. contacts.Select(c => new EnqueueMessages.Recipient(c.Contact, c.Address, "{}", Mailbox.Value))],
            Clock.GetUtcNow(), Tokens, Clock.GetUtcNow(), Ct);
        await tx.Commit(Ct);
        return added;
    }

    /// <summary>Takes the lane as the dispatcher does, but only this world's, since tests run side by side. Null when it is not ready.</summary>
    public async Task<Lane?> Claim(MailboxId? mailbox = null)
    {
        var of = mailbox ?? Mailbox;
        const string claim = """
            update delivery.lane set lease_until = $2, lease_token = $3
            where mailbox_id = $4 and ready_at <= $1 and (lease_until is null or lease_until < $1)
            returning wakes, failures
            """;
        var (now, token) = (Clock.GetUtcNow(), Guid.CreateVersion7());
        await using var tx = await _database.Db.BeginUnscoped(Ct);
        var lane = await tx.Maybe(claim, row => new Lane(of, Tenant, row.GetInt64(0), row.GetInt32(1), token), Ct, now, now.AddSeconds(60), token, of);
        await tx.Commit(Ct);
        return lane;
    }

    public async Task<Claimed> Next(Lane lane) => (await Next(lane, 1)).Single();

    public async Task<List<Claimed>> Next(Lane lane, int limit) => (await ClaimMessages.Next(lane, await Facts(), QueuePlace.Start, limit, 0, _database.Db, Clock.GetUtcNow(), Ct)).Messages;

    public async Task<LaneLedger> Ledger(Lane lane) => new(lane, _database.Db, Clock, await Facts());

    public async Task<LaneFacts> Facts()
    {
        await using var tx = await _database.Db.Begin(Tenant, Ct);
        return await LaneFacts.Read(tx, Mailbox.Value, isServing: true, Clock.GetUtcNow(), Ct) ?? throw new InvalidOperationException("The mailbox is gone.");
    }

    /// <summary>Writes what a server said of messages that passed the gate, in one transaction.</summary>
    public Task Record(LaneLedger ledger, Claimed message, SmtpOutcome smtp) => Record(ledger, [message], smtp);
    public Task Record(LaneLedger ledger, IReadOnlyList<Claimed> messages, SmtpOutcome smtp) =>
        ledger.Write([], [.. messages.Select(message => Outcome.Of(message, smtp, _database.Services.GetRequiredService<DeliveryOptions>(), Clock.GetUtcNow()))], []);

    /// <summary>Serves this tenant's lane once, if it is ready.</summary>
    /// <param name="db">Default: the database's own pool.</param>
    public async Task Dispatch(TenantDb? db = null, MailboxId? mailbox = null, CancellationToken? stop = null)
    {
        var options = _database.Services.GetRequiredService<DeliveryOptions>() with { JournalFolder = Journals };
        if (await Claim(mailbox) is { } lane)
            await new LaneRun(lane, db ?? _database.Db, _database.Services.GetRequiredService<MailboxSecrets>(), _database.Services.GetRequiredService<SealedBox>(), Outbound.From("127.0.0.0/8"),
                Reach ?? Nowhere(_database.Db, options, Clock), new RenderMessage(Tokens, options, Clock), options, Clock, NullLogger.Instance).Run(stop ?? Ct);
    }

    public async Task<List<Message>> Messages() => [.. (await ListMessages.Handle(Actor, new ListMessages.Input(new CampaignId(Campaign), Limit: 200), _database.Db, Ct)).Value.Items];

    public async Task<Message> Only() => Assert.Single(await Messages());

    /// <summary>Counts and judges until no fact is left: transactions of other tests, running at the same time, hold the line for a while.</summary>
    public async Task CountFacts()
    {
        const string left = """
            select count(*)
            from delivery.fact f
            where f.tenant_id = $1 and not exists (select 1 from delivery.fact_cursor c where c.tenant_id = $1 and (f.xid, f.id) <= (c.xid, c.fact_id))
            """;
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await WatchGuards.One(_database.Db, Tenant, Clock.GetUtcNow(), Ct);
            await using (var tx = await _database.Db.Begin(Tenant, Ct))
                if (await tx.One(left, row => row.GetInt64(0), Ct, Tenant) == 0) return;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), "A transaction somewhere holds the facts back for a minute.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ct);
        }
    }

    public async Task InTenant(Func<TenantTx, Task> work)
    {
        await using var tx = await _database.Db.Begin(Tenant, Ct);
        await work(tx);
        await tx.Commit(Ct);
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();
}
