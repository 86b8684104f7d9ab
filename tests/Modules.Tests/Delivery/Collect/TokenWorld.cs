using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using PenguinMails.Core;
using PenguinMails.Delivery.Collect;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;
using PenguinMails.Mail.Tests.Peers;
using PenguinMails.Modules.Tests.Fleet.Oauth;

namespace PenguinMails.Modules.Tests.Delivery.Collect;

/// <summary>A mailbox that is opened with access tokens, at a real Dovecot that asks their issuer about each.</summary>
sealed class TokenWorld : IAsyncDisposable
{
    TokenWorld(OauthWorld oauth, Dovecot dovecot, MailboxId mailbox) => (Oauth, Dovecot, Mailbox) = (oauth, dovecot, mailbox);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public OauthWorld Oauth { get; }
    public Dovecot Dovecot { get; }
    public MailboxId Mailbox { get; }
    public Lines Log { get; } = new();
    public Uri Introspection => IntrospectionOf(Oauth);

    public static async Task<TokenWorld> Create(TestDatabase database, string mechanisms = "oauthbearer xoauth2", MailboxAuth kind = MailboxAuth.Google)
    {
        var oauth = OauthWorld.Create(database, kind);
        var dovecot = await Dovecot.Start(new DovecotTokens(IntrospectionOf(oauth), mechanisms), Ct);
        var world = new TokenWorld(oauth, dovecot, (await oauth.Connect()).Value.Id);
        await world.Write("update fleet.mailbox set imap_port = $2 where tenant_id = $1", oauth.Tenant, dovecot.Port);
        await FindCollections.Tenant(oauth.Tenant, oauth.Db, TimeProvider.System.GetUtcNow(), Ct);
        return world;
    }

    static Uri IntrospectionOf(OauthWorld oauth) => new($"http://127.0.0.1:{oauth.Peer.Port}/introspect");

    public async Task Write(string sql, params object?[] values)
    {
        await using var tx = await Oauth.Db.Begin(Oauth.Tenant, Ct);
        await tx.Execute(sql, Ct, values);
        await tx.Commit(Ct);
    }

    /// <summary>Looks once, whether it is its turn or not.</summary>
    /// <returns>Code of what went wrong.</returns>
    public async Task<string> Look()
    {
        using var none = new SemaphoreSlim(0, 1);
        await Run(none, Ct);
        return (await State()).Trouble;
    }

    public async Task Run(SemaphoreSlim waiting, CancellationToken ct)
    {
        const string claim = "update delivery.collection set lease_until = $2, lease_token = $3 where mailbox_id = $1 returning since, failures";
        var (now, token) = (TimeProvider.System.GetUtcNow(), Guid.CreateVersion7());
        Collection held;
        await using (var tx = await Oauth.Db.BeginUnscoped(Ct))
        {
            held = await tx.One(claim, row => new Collection(Mailbox, Oauth.Tenant, row.GetFieldValue<DateTimeOffset>(0), row.GetInt32(1), token), Ct, Mailbox, now.AddSeconds(60), token);
            await tx.Commit(Ct);
        }

        await new CollectRun(held, Oauth.Db, Oauth.Secrets, Outbound.From("127.0.0.0/8"), new CollectOptions(), waiting, TimeProvider.System, Log).Run(ct);
    }

    public async Task<ListCollections.Line> State() => Assert.Single((await ListCollections.Handle(Oauth.Actor, null, null, Oauth.Db, TimeProvider.System, Ct)).Value.Items);

    /// <summary>Puts a message into the inbox, past the product.</summary>
    public async Task Put()
    {
        var settings = new ImapOptions { Server = new DnsEndPoint("127.0.0.1", Dovecot.Port), Tls = TlsPolicy.None, Credentials = new SmtpCredentials(Oauth.Address, Oauth.Peer.AccessTokens.Keys.Last(), true) };
        await using var connection = (await ImapConnection.Open(settings, SmtpConnectors.Direct, TimeProvider.System, Ct)).Connection ?? throw new InvalidOperationException(Dovecot.Process.Logs());
        var raw = CollectWorld.Personal(Guid.CreateVersion7().ToString("N")).ReplaceLineEndings("\r\n");
        Assert.Equal(ImapKind.Works, (await connection.Append("INBOX", Encoding.UTF8.GetBytes(raw), [], null, Ct)).Outcome.Kind);
    }

    public async ValueTask DisposeAsync()
    {
        await Dovecot.DisposeAsync();
        await Oauth.DisposeAsync();
    }
}

/// <summary>What was logged.</summary>
sealed class Lines : ILogger
{
    public ConcurrentQueue<string> All { get; } = [];

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Enqueue($"{formatter(state, exception)} {exception}");
}
