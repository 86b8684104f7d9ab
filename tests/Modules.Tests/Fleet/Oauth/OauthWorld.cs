using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Oauth;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Fleet.Oauth;

/// <summary>A person, a provider that gives tokens and a mail server that takes them.</summary>
sealed class OauthWorld : IAsyncDisposable
{
    static readonly Outbound Loopback = Outbound.From("127.0.0.0/8");

    readonly TestDatabase _database;
    readonly TokenEndpoint _endpoint;

    OauthWorld(TestDatabase database, MailboxAuth kind, TimeSpan? timeout, Outbound? outbound)
    {
        (_database, Tenant, Kind) = (database, database.NewTenant(), kind);
        Address = $"sam@{Tenant.ToString().Replace('_', '-')}.example";
        Peer = new ProviderPeer(kind, Address, Clock);
        Mail = new TokenMailServer((user, token) => user == Address && Peer.AccessTokens.ContainsKey(token));
        var root = new Uri($"http://127.0.0.1:{Peer.Port}/");
        var provider = new OauthProvider
        {
            Kind = kind, Name = OauthProvider.NameOf(kind), ClientId = ProviderPeer.ClientId, ClientSecret = ProviderPeer.ClientSecret, Authorisation = new(root, "authorise"), Token = new(root, "token"),
            Revocation = kind == MailboxAuth.Google ? new(root, "revoke") : null, ProvesAddress = kind == MailboxAuth.Google, MailScopes = ["https://mail.example/all"], OtherScopes = ["openid"],
            Issuer = kind == MailboxAuth.Google ? "https://accounts.google.com" : "https://login.microsoftonline.com/{tid}/v2.0",
            Smtp = new("127.0.0.1", Mail.SmtpPort, ConnectionSecurity.None, ""), Imap = new("127.0.0.1", Mail.ImapPort, ConnectionSecurity.None, ""),
        };
        var other = new OauthProvider { Kind = kind == MailboxAuth.Google ? MailboxAuth.Microsoft : MailboxAuth.Google, Name = "the other", ClientId = "other", Authorisation = new(root, "other"), Token = new(root, "other-token") };
        Settings = new OauthSettings([provider, other], new Uri("https://app.penguin.test/")) { Timeout = timeout ?? TimeSpan.FromSeconds(15) };
        _endpoint = new TokenEndpoint(outbound ?? Loopback, Settings);
        Secrets = Fresh();
    }

    public TenantId Tenant { get; }
    public MailboxAuth Kind { get; }
    public string Address { get; }
    public WorkspaceId Workspace { get; } = new(Guid.CreateVersion7());
    public UserId User { get; } = new(Guid.CreateVersion7());
    public TestClock Clock { get; } = new();
    public ProviderPeer Peer { get; }
    public TokenMailServer Mail { get; }
    public OauthSettings Settings { get; }
    public MailboxSecrets Secrets { get; private set; }
    public TenantDb Db => _database.Db;
    public SealedBox Box => _database.Services.GetRequiredService<SealedBox>();
    public ISecretStore Store => _database.Services.GetRequiredService<ISecretStore>();
    public Actor Actor => Person(User, Workspace);
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static OauthWorld Create(TestDatabase database, MailboxAuth kind = MailboxAuth.Google, TimeSpan? timeout = null, Outbound? outbound = null) => new(database, kind, timeout, outbound);

    /// <summary>As another process would have it: nothing in memory.</summary>
    public MailboxSecrets Fresh() => new(Store, Box, Db, new AccessTokens(Store, Db, Settings, _endpoint, Clock), Clock);

    public void Restart() => Secrets = Fresh();

    public Actor Person(UserId user, WorkspaceId workspace) => new(ActorKind.Person, Tenant, workspace, user, user.ToString(), new[] { Permissions.MailboxesManage, Permissions.MailboxesRead }.ToFrozenSet());

    public async Task<Uri> Start(MailboxId? mailbox = null, string address = "", Actor? actor = null) =>
        (await StartOauth.Handle(actor ?? Actor, new(Kind, "Sam Sender", address, mailbox), Db, Box, Settings, Clock, Ct)).Value.Url;

    public Task<Result<FinishOauth.Output>> Finish(string state, string code, string error = "", MailboxAuth? kind = null, Actor? actor = null) =>
        FinishOauth.Handle(actor ?? Actor, new(kind ?? Kind, state, code, error), Db, Secrets, Box, "test", Clock, Ct);

    /// <summary>There and back.</summary>
    public async Task<Result<FinishOauth.Output>> Connect(MailboxId? mailbox = null, string address = "")
    {
        var (state, code) = Peer.Agree(await Start(mailbox, address));
        return await Finish(state, code);
    }

    public Task<Result<Sender>> Sender(MailboxId id) => ReadSender.Handle(Tenant, id, Secrets, Box, Db, Ct);

    public Task<Result<MailboxTest>> Test(MailboxId id) => TestMailbox.Handle(Actor, id, Db, Secrets, "test", Loopback, new("mx.penguin.test", "app.penguin.test"), TimeProvider.System, Ct);

    public async Task<MailboxHealth> Health(MailboxId id) => (await ReadMailboxHealth.One(Actor, id, Db, Clock, Ct)).Value;

    public async Task<string?> Stored(MailboxId id) =>
        (await Store.Get(new SecretAccess(Actor, "a test", "test"), SecretPath.Parse($"mailboxes/{id}/oauth"), null, Ct)).Match<string?>(secret => secret.Fields["refresh_token"], problem => problem.Code);

    public async ValueTask DisposeAsync()
    {
        _endpoint.Dispose();
        await Mail.DisposeAsync();
        await Peer.DisposeAsync();
    }
}
