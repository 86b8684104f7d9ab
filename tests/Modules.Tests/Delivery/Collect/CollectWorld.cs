using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PenguinMails.Core;
using PenguinMails.Delivery.Collect;
using PenguinMails.Delivery.Links;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;
using PenguinMails.Mail.Tests.Peers;

namespace PenguinMails.Modules.Tests.Delivery.Collect;

/// <summary>A tenant that sent one message from a mailbox whose IMAP side is a real Dovecot, behind a proxy that may cut connections off.</summary>
sealed class CollectWorld : IAsyncDisposable
{
    readonly TestDatabase _database;

    CollectWorld(TestDatabase database, Dovecot dovecot, CuttingProxy proxy, SendingWorld sending) => (_database, Dovecot, Proxy, Sending) = (database, dovecot, proxy, sending);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public Dovecot Dovecot { get; }
    public CuttingProxy Proxy { get; }
    public SendingWorld Sending { get; }

    /// <summary>The unguessable part of the sent message's Message-ID.</summary>
    public string Thread { get; private set; } = "";

    public static async Task<CollectWorld> Create(TestDatabase database)
    {
        var dovecot = await Dovecot.Start(Ct);
        var proxy = new CuttingProxy(dovecot.Port);
        var sending = await SendingWorld.Create(database, imap: new("127.0.0.1", proxy.Port, ConnectionSecurity.None, MailServerPeer.User, MailServerPeer.Secret));
        var world = new CollectWorld(database, dovecot, proxy, sending);
        await sending.Enqueue("anna@firm.example");
        await sending.Dispatch();
        world.Thread = sending.Tokens.For((await sending.Only()).Id, TokenPurpose.Thread);
        return world;
    }

    public Task Find(DateTimeOffset now) => FindCollections.Tenant(Sending.Tenant, _database.Db, now, Ct);

    /// <summary>Takes the mailbox as the collector does, but only this world's, since tests run side by side. Null when it is not its turn.</summary>
    public async Task<Collection?> Claim(TimeSpan? lease = null)
    {
        const string claim = """
            update delivery.collection set lease_until = $2, lease_token = $3
            where mailbox_id = $4 and not is_paused and (lease_until is null or lease_until < $1)
            returning since, failures
            """;
        var (now, token) = (TimeProvider.System.GetUtcNow(), Guid.CreateVersion7());
        await using var tx = await _database.Db.BeginUnscoped(Ct);
        var held = await tx.Maybe(claim, row => new Collection(Sending.Mailbox, Sending.Tenant, row.GetFieldValue<DateTimeOffset>(0), row.GetInt32(1), token), Ct, now, now + (lease ?? TimeSpan.FromSeconds(60)), token, Sending.Mailbox);
        await tx.Commit(Ct);
        return held;
    }

    /// <summary>Looks once, without waiting for news.</summary>
    public async Task Look(CollectOptions? options = null)
    {
        using var none = new SemaphoreSlim(0, 1);
        await Run(none, options ?? new CollectOptions(), Ct);
    }

    public async Task Run(SemaphoreSlim waiting, CollectOptions options, CancellationToken ct)
    {
        if (await Claim(TimeSpan.FromSeconds(options.LeaseSeconds)) is { } held)
            await new CollectRun(held, _database.Db, _database.Services.GetRequiredService<MailboxSecrets>(), Outbound.From("127.0.0.0/8"), options, waiting, TimeProvider.System, NullLogger.Instance).Run(ct);
    }

    /// <summary>Beside the proxy, straight at the server.</summary>
    public async Task<ImapConnection> Open() => (await ImapConnection.Open(Dovecot.Options(TlsPolicy.None), SmtpConnectors.Direct, TimeProvider.System, Ct)).Connection ?? throw new InvalidOperationException(Dovecot.Process.Logs());

    public async Task Put(ImapConnection connection, string folder, string raw, DateTimeOffset? at = null)
    {
        var appended = await connection.Append(folder, Encoding.UTF8.GetBytes(raw.ReplaceLineEndings("\r\n")), [], at, Ct);
        Assert.Equal(ImapKind.Works, appended.Outcome.Kind);
    }

    public string Reply(string id, string words = "Let us talk on Monday.") =>
        $"From: Anna <anna@firm.example>\nTo: sender@example.com\nSubject: Re: Hello\nIn-Reply-To: <{Thread}@bounce.example.com>\nMessage-ID: <{id}@firm.example>\n\n{words}\n";

    public static string Personal(string id, string from = "mum@home.example") => $"From: {from}\nTo: sender@example.com\nSubject: Hello\nMessage-ID: <{id}@home.example>\n\nDinner on Sunday?\n";

    /// <summary>Message-IDs of what was kept, as they were kept.</summary>
    public async Task<List<string>> Kept()
    {
        await using var tx = await _database.Db.Begin(Sending.Tenant, Ct);
        var all = await tx.List("select raw from delivery.inbound where tenant_id = $1 and mailbox_id is not null order by id limit 10000", row => Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(0)), Ct, Sending.Tenant);
        return all.ConvertAll(raw => raw.Split("\r\nMessage-ID: <")[1].Split('@')[0]);
    }

    public async Task<CollectionState> State() => (await PauseCollection.Read(Sending.Actor, Sending.Mailbox, _database.Db, Ct)).Value;

    /// <summary>Gives all identifiers of the inbox anew, as a server does that was restored from a backup.</summary>
    /// <remarks>Dovecot takes the second as the new UIDVALIDITY. One that comes back would break RFC 9051 2.3.1.1, so the next second is waited for.</remarks>
    public async Task Renumber()
    {
        var before = await Validity();
        for (var tries = 0; await Validity() == before; tries++)
        {
            Assert.True(tries < 100, "The identifiers were not given anew.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ct);
            foreach (var file in Directory.GetFiles(Dovecot.Process.Path($"dovecot/home/{MailServerPeer.User}"), "dovecot*")) File.Delete(file);
        }
    }

    async Task<uint> Validity()
    {
        await using var connection = await Open();
        return (await connection.Select("INBOX", readOnly: true, null, Ct)).Value?.UidValidity ?? throw new InvalidOperationException(Dovecot.Process.Logs());
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await Sending.DisposeAsync();
        await Dovecot.DisposeAsync();
    }
}
