using System.Globalization;
using Npgsql;
using PenguinMails.Cli.Demo;
using PenguinMails.Core.Db;

namespace PenguinMails.Product.Tests;

/// <summary>Two processes send straight to one provider's server, and one of them is killed in the middle: nobody is mailed twice, nobody is forgotten, and its places in the provider's limit come back when their lease is over.</summary>
public sealed class DirectKillTests(ITestOutputHelper output) : IDisposable
{
    const int Recipients = 80, Limit = 5; // The limit is the profile's of the provider that the test's own DNS names.
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    readonly BackupPlace _place = new();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _place.Dispose();

    [Fact(Timeout = 900_000)]
    public async Task A_killed_process_keeps_its_places_for_a_minute_and_its_messages_are_sent_once()
    {
        await using var cluster = await PrivateCluster.Start(_place.Folder("server"), durable: true, TimeProvider.System, Ct);
        await using var database = NpgsqlDataSource.Create(cluster.Connection("postgres", "penguin"));
        await using var far = FarEnd.Start();
        await using var all = Penguin.Prepare(("DATABASE__CONNECTION", cluster.Connection("postgres", "penguin")), ("DATABASE__APPCONNECTION", cluster.Connection("penguin_app", "penguin")),
            ("NETWORK__ALLOWED", "127.0.0.0/8"), ("DELIVERY__LANESMAX", "1"), ("DELIVERY__EXCHANGEPORT", far.Server.Endpoint.Port.ToString(CultureInfo.InvariantCulture)));
        all.Settings["PENGUIN__DNS__SERVER"] = all.Settings["PENGUIN__SANDBOX__DNS"];
        await all.Launch(Ct);
        using var api = new Api(all.Web, TimeProvider.System);
        var chaos = await ChaosCampaigns.Make(api, all, far, Recipients, output.WriteLine, Ct);
        await SendDirectly(api);
        foreach (var mailbox in chaos.Mailboxes) await api.Patch($"/api/v1/mailboxes/{mailbox}", new { connections_max = 3 }, Ct); // One mailbox for each process at a time: together more than the limit, alone less.
        var most = 0;
        far.Takes = TimeSpan.FromSeconds(1);
        far.Lays = _ =>
        {
            InterlockedMax(ref most, far.Server.Connections);
            return Task.FromResult(true);
        };

        await using var other = all.Beside("worker");
        await other.Launch(Ct);
        far.Begin("killed");
        await chaos.Launch(1, Ct);
        await api.Until<object>("Both at work", Patience, async () => far.Taken.Count >= Recipients / 4 && await Count(database, "select count(*) from delivery.connection where is_open") >= Limit ? output : null, Ct);
        await KillOne(other, far, database);
        await IsWhole(api, chaos, Limit);
        Assert.InRange(most, 2, Limit);

        // Nobody says of them that they are open, so they are free, and the limit is reached again.
        await api.Until<object>("The end of the leases", Patience, async () => await Count(database, "select count(*) from delivery.connection where lease_until > now()") == 0 ? output : null, Ct);
        most = 0;
        far.Begin("free");
        await chaos.Launch(2, Ct);
        await IsWhole(api, chaos, 0);
        Assert.Equal(Limit, most);
    }

    async Task KillOne(Penguin one, FarEnd far, NpgsqlDataSource database)
    {
        await one.Kill();
        await Task.Delay(far.Takes * 2, TimeProvider.System, Ct); // What was on the wire of the dead one has ended at the far end.
        var left = (int)await Count(database, "select count(*) from delivery.connection where is_open and lease_until > now()");
        output.WriteLine($"killed at {far.Taken.Count}; {left} places are taken, {far.Server.Connections} connections stand");
        Assert.True(far.Server.Connections < Limit, "The killed process had no connection.");
        Assert.InRange(left, far.Server.Connections + 1, Limit); // Its places count on.
        await one.Launch(Ct);
    }

    async Task IsWhole(Api api, ChaosCampaigns chaos, int doubtsMost)
    {
        await api.Until<object>("Everything decided", Patience, async () => await chaos.IsDecided(Ct) ? output : null, Ct);
        var (summary, faults) = await chaos.Judge(Ct);
        output.WriteLine(summary);
        Assert.Empty(faults);
        Assert.InRange((await api.All($"/api/v1/campaigns/{chaos.CampaignId}/messages", Ct)).Count(row => row.GetProperty("state").GetString() == "in_doubt"), 0, doubtsMost);
    }

    /// <summary>Every recipient is at the provider with the limit, whose server is the far end; the private network is reached because it is allowed.</summary>
    static async Task SendDirectly(Api api)
    {
        const string server = "mx1.google.com";
        await api.Post("/sandbox/dns", new { host = server, type = "a", values = new[] { "127.0.0.1" } }, Ct);
        for (var i = 0; i < 40; i++) await api.Post("/sandbox/dns", new { host = $"far{i}.example", type = "mx", values = new[] { $"10 {server}" } }, Ct);
        foreach (var domain in await api.All("/api/v1/domains", Ct))
            await api.Put($"/api/v1/domains/{domain.GetProperty("id").GetString()}/transport", new { transport = "direct" }, Ct);
    }

    static void InterlockedMax(ref int most, int now)
    {
        for (int seen; (seen = Volatile.Read(ref most)) < now;) Interlocked.CompareExchange(ref most, now, seen);
    }

    static async Task<long> Count(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Ct) ?? 0L);
    }
}
