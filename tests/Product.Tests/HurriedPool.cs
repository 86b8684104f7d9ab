using System.Net;
using Npgsql;
using PenguinMails.Cli.Demo;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Product.Tests;

/// <summary>Two accounts of the conversation pool with mailboxes at Dovecot, and a far end that lays down there what it takes. Nobody waits for working hours: whatever is due one day is due now.</summary>
sealed class HurriedPool : IAsyncDisposable
{
    /// <summary>Mailboxes of each account, and conversations of each round.</summary>
    public const int Pairs = 8;

    /// <summary>Messages of each conversation.</summary>
    public const int Turns = 4;

    // Less than a collector waits for news: what it overlooked would come too late.
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2), Takes = TimeSpan.FromMilliseconds(60);

    // The hours in which people write would let the test run on working days only.
    const string AlwaysOpen = """
        create function delivery.always_open() returns trigger language plpgsql as $$ begin new.days := 127; new.from_minute := 0; new.to_minute := 1440; return new; end $$;
        create trigger always_open before insert or update on delivery.campaign_control for each row execute function delivery.always_open();
        """;

    const string Hurry = """
        update delivery.conversation set next_at = now() where next_at > now();
        update core.job set due_at = now() where kind in ('delivery.converse', 'delivery.find_collections') and state = 'ready' and due_at > now()
        """;

    // As PlanConversations does; the days of the mailboxes themselves are planned for good, so that every conversation is known here.
    static readonly string Insert = $$"""
        update delivery.pool_member set planned_on = '2999-01-01';
        insert into delivery.conversation (id, language, seed, turns, from_tenant, from_mailbox, to_tenant, to_mailbox, next_at, started_at, changed_at)
        select gen_random_uuid(), 'en', (random() * 1000000000)::bigint, {{Turns}}, a.tenant_id, a.mailbox_id, b.tenant_id, b.mailbox_id, now(), now(), now()
        from (select *, row_number() over (order by random()) as n from delivery.pool_member where tenant_id = (select min(tenant_id::text)::uuid from delivery.pool_member)) a
        join (select *, row_number() over (order by random()) as n from delivery.pool_member where tenant_id = (select max(tenant_id::text)::uuid from delivery.pool_member)) b on b.n = a.n
        """;

    readonly BackupPlace _place;
    readonly RealServers _servers;
    readonly PrivateCluster _cluster;
    readonly NpgsqlDataSource _database;
    readonly CancellationTokenSource _stop = new();
    Task _hurrying = Task.CompletedTask;
    HeldMail? _next;

    HurriedPool(BackupPlace place, RealServers servers, PrivateCluster cluster, FarEnd far, Penguin penguin)
    {
        (_place, _servers, _cluster, Far, Penguin) = (place, servers, cluster, far, penguin);
        _database = NpgsqlDataSource.Create(cluster.Connection("postgres", "penguin"));
        far.Lays = Lay;
    }

    public Penguin Penguin { get; }

    public FarEnd Far { get; }

    static IEnumerable<string> Users => Enumerable.Range(1, 2 * Pairs).Select(number => $"pool{number}");

    public static async Task<HurriedPool> Start(CancellationToken ct)
    {
        var place = new BackupPlace();
        var servers = await RealServers.Start(ct, [.. Users]);
        var cluster = await PrivateCluster.Start(place.Folder("server"), durable: true, TimeProvider.System, ct);
        var penguin = await Penguin.Start(ct, ("DATABASE__CONNECTION", cluster.Connection("postgres", "penguin")), ("DATABASE__APPCONNECTION", cluster.Connection("penguin_app", "penguin")),
            ("WARMUP__POOL", "true"), ("COLLECT__LEASESECONDS", "15"), ("COLLECT__POLLSECONDS", "10"));
        var pool = new HurriedPool(place, servers, cluster, FarEnd.Start(), penguin);
        try
        {
            await pool.Join(ct);
        }
        catch
        {
            await pool.DisposeAsync();
            throw;
        }

        return pool;
    }

    async Task Join(CancellationToken ct)
    {
        await Execute(AlwaysOpen, ct);
        _hurrying = KeepHurrying();
        using var api = new Api(Penguin.Web, TimeProvider.System);
        var mine = new List<(string? Session, string Mailbox)>();
        foreach (var account in Users.Chunk(Pairs).Zip(["northpool", "southpool"]))
        {
            api.Bearer = await TwoAccounts.SignUp(api, $"owner@{account.Second}.example", account.Second, ct);
            await api.Post("/api/v1/sending/conversations/join", new { accepts_terms = true }, ct);
            foreach (var user in account.First) mine.Add((api.Bearer, await Connect(api, user, account.Second, ct)));
        }

        await Until("Each mailbox is looked into", async () => await Count("select count(*) from delivery.collection", ct) == mine.Count, ct);
        foreach (var (session, mailbox) in mine)
        {
            api.Bearer = session;
            await api.Post($"/api/v1/sending/conversations/mailboxes/{mailbox}/on", new { language = "en", per_day = 20 }, ct);
        }
    }

    async Task<string> Connect(Api api, string user, string company, CancellationToken ct) => (await api.Post("/api/v1/mailboxes", new
    {
        address = $"{user}@{company}.example", display_name = "Olivia Hart", daily_cap = 1000, gap_seconds = 0, connections_max = 1,
        smtp = new { host = "127.0.0.1", port = Far.Server.Endpoint.Port, security = "none", user, secret = "far" },
        imap = new { host = "127.0.0.1", port = _servers.ImapPort, security = "none", user, secret = RealServers.Secret },
    }, ct)).GetProperty("id").GetString() ?? "";

    /// <summary>A new conversation for each mailbox, with a mailbox of the other account.</summary>
    public async Task Plan(CancellationToken ct) => Assert.Equal(Pairs, await Execute(Insert, ct) - (2 * Pairs));

    /// <summary>The next message that comes is held where it is.</summary>
    /// <param name="isLaid">False: it is lost when it is let go.</param>
    public HeldMail HoldNext(bool isLaid) => _next = new HeldMail(isLaid);

    async Task<bool> Lay(SmtpDelivery delivery)
    {
        await Task.Delay(Takes, TimeProvider.System);
        var held = Interlocked.Exchange(ref _next, null);
        if (held is { IsLaid: false })
        {
            await held.Wait();
            return false;
        }

        await using var mailbox = (await ImapConnection.Open(new ImapOptions
        {
            Server = new DnsEndPoint("127.0.0.1", _servers.ImapPort), Tls = TlsPolicy.None, Credentials = new SmtpCredentials(delivery.Recipients[0].Local, RealServers.Secret, false),
        }, SmtpConnectors.Direct, TimeProvider.System, _stop.Token)).Connection ?? throw new InvalidOperationException(_servers.Logs());
        Assert.Equal(ImapKind.Works, (await mailbox.Append("INBOX", delivery.Message, [], null, _stop.Token)).Outcome.Kind);
        await mailbox.LogOut(_stop.Token);
        if (held is not null) await held.Wait();
        return true;
    }

    public async Task Until(string what, Func<Task<bool>> isSo, CancellationToken ct)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !await isSo(); await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ct))
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"{what}: not within {Patience}.");
    }

    public async Task<long> Count(string sql, CancellationToken ct)
    {
        await using var command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(ct) ?? 0L);
    }

    public async Task<List<string>> Lines(string sql, CancellationToken ct)
    {
        await using var command = _database.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var lines = new List<string>();
        while (await rows.ReadAsync(ct)) lines.Add(rows.GetString(0));
        return lines;
    }

    async Task<int> Execute(string sql, CancellationToken ct)
    {
        await using var command = _database.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync(ct);
    }

    async Task KeepHurrying()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Execute(Hurry, CancellationToken.None);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _hurrying;
        await Penguin.DisposeAsync();
        await Far.DisposeAsync();
        await _database.DisposeAsync();
        await _cluster.DisposeAsync();
        await _servers.DisposeAsync();
        _place.Dispose();
        _stop.Dispose();
    }
}
