using Npgsql;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>Follows docs/runbook/backup-and-restore.md to the letter: the commands of its marked blocks, with this test's folders in the place of the page's.</summary>
public sealed class BackupRunbookTests(ITestOutputHelper output) : IDisposable
{
    readonly BackupPlace _place = new();
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _place.Dispose();

    [Fact(Timeout = 600_000)]
    public async Task Daily_backup_drill_and_restore_go_as_written()
    {
        await using var penguin = await Penguin.Start(Ct);
        using var api = new Api(penguin.Web, TimeProvider.System);
        await TwoAccounts.SignUp(api, "olga@fjord.example", "Fjord Ltd", Ct);
        await _place.Pair(Ct);
        await Follow("daily", penguin);
        Assert.Contains("GOOD", await Follow("drill", penguin));
        Assert.Equal(0, await penguin.Stop());
        var said = await Follow("restore", penguin);
        Assert.Contains("1 accounts", said);
        Assert.Contains("whole", said);
        await StartsAt(penguin, "restored");
    }

    [Fact(Timeout = 600_000)]
    public async Task Point_in_time_recovery_goes_as_written()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "The page's commands are for a program that runs as root.");
        await using var penguin = await Penguin.Start(Ct);
        using var api = new Api(penguin.Web, TimeProvider.System);
        await TwoAccounts.SignUp(api, "olga@fjord.example", "Fjord Ltd", Ct);
        await Follow("archive", penguin);
        await penguin.Stop();
        await penguin.Launch(Ct);
        await Follow("base", penguin);
        var token = await TwoAccounts.SignUp(api, "before@tundra.example", "Before", Ct);
        var moment = await Moment(penguin);
        await TwoAccounts.SignUp(api, "after@tundra.example", "After", Ct);
        await Moment(penguin);
        await penguin.Stop();
        await Follow("recover", penguin, ("2026-11-26 08:00:00+00", moment));

        await StartsAt(penguin, "then");
        using var then = new Api(penguin.Web, TimeProvider.System) { Bearer = token };
        Assert.Equal("before@tundra.example", (await then.Get("/api/v1/me", Ct)).GetProperty("email").GetString());
        // Whoever came after the moment was never there.
        Assert.Equal(0L, await Ask(penguin, "then", "select count(*) from accounts.user_account where email = 'after@tundra.example'"));
        Assert.Equal(1L, await Ask(penguin, "then", "select count(*) from accounts.user_account where email = 'before@tundra.example'"));
    }

    // The moment by the database's own clock; the log up to it goes to the archive.
    async Task<string> Moment(Penguin penguin)
    {
        var moment = await Ask(penguin, null, "select to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS.US') || '+00'");
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ct);
        await Ask(penguin, null, "select pg_switch_wal()::text");
        return (string)moment!;
    }

    async Task<object?> Ask(Penguin penguin, string? place, string sql)
    {
        await using var connection = new NpgsqlConnection($"Host={(place is null ? penguin.Folder : _place.At(place))}/db;Username=postgres;Database=penguin;Pooling=false");
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Ct);
    }

    async Task StartsAt(Penguin penguin, string place)
    {
        penguin.Settings["PENGUIN__DATA__FOLDER"] = _place.At(place);
        await penguin.Launch(Ct);
    }

    Task<string> Follow(string name, Penguin penguin, params (string Theirs, string Ours)[] more)
    {
        var places = new[]
        {
            ("/var/lib/penguinmails", penguin.Folder), ("/var/backups/penguin-pitr", _place.At("pitr")), ("/var/backups/penguin", _place.At("backups")), ("/etc/penguin/backup.pub", _place.At("pair.pub")),
            ("/media/safe/backup.key", _place.At("pair")), ("/srv/penguin-then", _place.At("then")), ("/srv/penguin", _place.At("restored")),
        };
        return new Runbook("docs/runbook/backup-and-restore.md", output.WriteLine).Follow(name, new Dictionary<string, string>(), places.Concat(more), Ct);
    }
}
