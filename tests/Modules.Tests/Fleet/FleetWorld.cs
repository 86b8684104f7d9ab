using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Dns;
using PenguinMails.Sandbox;
using PenguinMails.Secrets;

namespace PenguinMails.Modules.Tests.Fleet;

/// <summary>A tenant of its own, with the sandbox as its DNS and as its mailboxes' server.</summary>
sealed class FleetWorld : IAsyncDisposable
{
    readonly TestDatabase _database;
    readonly string _folder = Directory.CreateTempSubdirectory("penguin-fleet-").FullName;

    FleetWorld(TestDatabase database)
    {
        _database = database;
        Tenant = database.NewTenant();
        Sandbox = SandboxServer.Start(new SandboxOptions(_folder), TimeProvider.System);
        Dns = new DnsSettings(Sandbox.DnsEndpoint);
    }

    public TenantId Tenant { get; }
    public WorkspaceId Workspace { get; } = new(Guid.CreateVersion7());
    public Actor Actor => Actor.System(Tenant, Workspace);
    public SandboxServer Sandbox { get; }
    public DnsSettings Dns { get; set; }
    public TestClock Clock { get; } = new();
    public PlatformHosts Hosts { get; } = new("mx.penguin.test", "app.penguin.test");
    public TenantDb Db => _database.Db;
    public MailboxSecrets Secrets => _database.Services.GetRequiredService<MailboxSecrets>();
    public SealedBox Box => _database.Services.GetRequiredService<SealedBox>();

    /// <summary>Never twice the same: domains and addresses are unique in the whole installation.</summary>
    public string Name => $"d{Tenant.Value:N}.test";
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static FleetWorld Create(TestDatabase database) => new(database);

    public async Task<DomainDetail> AddDomain()
    {
        var added = await PenguinMails.Fleet.Domains.AddDomain.Handle(Actor, new(Name), Db, Box, Hosts, Clock, Ct);
        return (await ListDomains.One(Actor, added.Value.Id, Db, Ct)).Value;
    }

    /// <summary>Everything as asked for, so that each test takes one thing away.</summary>
    public void PublishAll(DomainDetail domain)
    {
        foreach (var record in domain.Records.Where(record => record.Kind != "ptr"))
            Publish(record.Host, Enum.Parse<DnsType>(record.Type, true), record.Expected == "any" ? "10 mx.provider.test" : record.Expected);
    }

    public void Publish(string host, DnsType type, params string[] values) => Assert.True(Sandbox.Publish(host, type, values).IsOk);

    public async Task<DomainDetail> Check(DomainId id) => (await CheckDomain.Handle(Actor, id, Db, Dns, TimeProvider.System, Ct)).Value;

    /// <summary>Everything as asked for, and looked at: the domain is this account's.</summary>
    public async Task Prove(DomainId id)
    {
        PublishAll((await ListDomains.One(Actor, id, Db, Ct)).Value);
        await Check(id);
    }

    public ConnectMailbox.Input Mailbox(string local = "sam") => new($"{local}@{Name}", "Sam Sender",
        new("127.0.0.1", Sandbox.SmtpEndpoint.Port, ConnectionSecurity.None, "sam", "sandbox"));

    public async Task<MailboxId> Connect(ConnectMailbox.Input? input = null) => (await ConnectMailbox.Handle(Actor, input ?? Mailbox(), Db, Secrets, "test", Clock, Ct)).Value.Id;

    public Task<Result<MailboxTest>> Test(MailboxId id, string? allowed = "127.0.0.0/8") => TestMailbox.Handle(Actor, id, Db, Secrets, "test", Outbound.From(allowed), Hosts, TimeProvider.System, Ct);

    /// <summary>What was done, newest first, without the accesses to passwords that go with it.</summary>
    public async Task<List<string>> Audited() => [.. (await Audit.Newest(Db, Tenant, null, 100, Ct)).Select(entry => entry.Action).Where(action => !action.StartsWith("secret.", StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        await Sandbox.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
